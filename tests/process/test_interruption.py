"""Ctrl-C is held back while something is half done, and then does what it would have done."""

import signal
import threading

import pytest

from tfw2v_gensim.process.interruption import uninterrupted


def test_ctrl_c_is_held_back_to_the_end_of_the_block():
    done = []
    former = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), uninterrupted():
        signal.raise_signal(signal.SIGINT)
        done.append("whole")
    assert done == ["whole"]
    assert signal.getsignal(signal.SIGINT) is former


def test_an_exception_comes_through_and_ctrl_c_works_again():
    former = signal.getsignal(signal.SIGINT)
    with pytest.raises(OSError, match="disk"), uninterrupted():
        raise OSError("disk")
    assert signal.getsignal(signal.SIGINT) is former


def test_threads_that_never_see_ctrl_c_are_left_alone():
    seen = []

    def run():
        with uninterrupted():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]
