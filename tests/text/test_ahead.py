"""Items are made on another thread while those before are used."""

import threading

import pytest

from tfw2v_gensim.text.ahead import made_ahead


def test_the_next_item_is_made_while_one_is_used():
    made = [threading.Event() for _ in range(3)]

    def items():
        for number, event in enumerate(made):
            event.set()
            yield number

    coming = made_ahead(items())
    assert next(coming) == 0
    assert made[1].wait(20)
    assert not made[2].is_set()
    assert [*coming] == [1, 2]


def test_an_error_arrives_after_the_items_before_it_and_no_thread_is_left():
    def items():
        yield "first"
        raise OSError("the file is gone")

    threads = threading.active_count()
    coming = made_ahead(items())
    assert next(coming) == "first"
    with pytest.raises(OSError, match="the file is gone"):
        next(coming)
    assert threading.active_count() == threads


def test_who_stops_early_leaves_no_thread():
    threads = threading.active_count()
    coming = made_ahead(range(10))
    assert next(coming) == 0
    coming.close()
    assert threading.active_count() == threads
