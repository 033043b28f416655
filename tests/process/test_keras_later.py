"""Keras comes when it is asked for."""

import importlib.util
import sys
import threading

import pytest

from tfw2v_gensim.process.keras_later import keras_later


def test_one_thread_is_refused_keras_and_nothing_else_is_changed():
    finders, found = [*sys.meta_path], []
    with keras_later():
        for finder in sys.meta_path[:1]:
            with pytest.raises(ImportError, match="later"):
                finder.find_spec("keras.src")
            assert finder.find_spec("keras") is None
            thread = threading.Thread(target=lambda finder=finder: found.append(finder.find_spec("keras.src")))
            thread.start()
            thread.join()
        assert importlib.util.find_spec("json.tool") is not None
    assert found == [None]
    assert sys.meta_path == finders


def test_finders_that_others_add_meanwhile_stay():
    finder, before = object(), [*sys.meta_path]
    try:
        with keras_later():
            sys.meta_path.append(finder)
        assert sys.meta_path == [*before, finder]
    finally:
        sys.meta_path.remove(finder)


def test_a_thread_that_is_looking_for_a_module_asks_all_finders():
    """The list that it goes through must not be shortened under it."""
    with keras_later():
        going_through = iter(sys.meta_path)
        asked = [next(going_through), next(going_through)]
    assert len([*asked, *going_through]) == 1 + len(sys.meta_path)
