"""Items are worked on by another thread while results before are used."""

import threading

import pytest

from tfw2v_gensim.text.ahead import mapped_ahead


def test_the_next_item_is_worked_on_while_a_result_is_used():
    begun = [threading.Event() for _ in range(3)]

    def work(number):
        begun[number].set()
        return number**2

    coming = mapped_ahead(work, range(3))
    assert next(coming) == 0
    assert begun[1].wait(20)
    assert not begun[2].is_set()
    assert [*coming] == [1, 4]


def test_items_come_on_the_callers_thread_and_the_work_is_done_on_one_other():
    def items():
        for _ in range(3):
            yield threading.get_ident()

    caller = threading.get_ident()
    found = [*mapped_ahead(lambda item: (item, threading.get_ident()), items())]
    assert [item for item, _ in found] == [caller] * 3
    assert len({worker for _, worker in found} - {caller}) == len({worker for _, worker in found}) == 1


def test_an_error_arrives_after_the_results_before_it_and_no_thread_is_left():
    threads = threading.active_count()
    coming = mapped_ahead(lambda number: 1 // number, [1, 0])
    assert next(coming) == 1
    with pytest.raises(ZeroDivisionError):
        next(coming)
    assert threading.active_count() == threads


def test_who_stops_early_leaves_no_thread():
    threads = threading.active_count()
    coming = mapped_ahead(abs, range(10))
    assert next(coming) == 0
    coming.close()
    assert threading.active_count() == threads


def test_of_nothing_nothing_comes():
    assert [*mapped_ahead(abs, [])] == []
