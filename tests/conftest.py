import signal

import pytest
from gensim.models.word2vec import LineSentence
from gensim.test.utils import datapath


@pytest.fixture(scope="session")
def lee():
    """Sentences of the Lee news corpus that gensim ships: 300 short articles, lower case, letters only."""
    keep = str.maketrans({c: " " for c in ".,;:!?\"'()"})
    return [" ".join(s).lower().translate(keep).split() for s in LineSentence(datapath("lee_background.cor"))]


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_as_at_a_terminal():
    """Programs that are started in the background of a script ignore Ctrl-C, and so would the tests of it."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)
