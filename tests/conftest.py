import json
import signal

import pytest
from gensim.models.word2vec import LineSentence
from gensim.test.utils import datapath
from hypothesis import settings

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.callbacks import RoundCallback, resuming
from tfw2v_gensim.training import plan

settings.register_profile("any machine", deadline=None)  # no test depends on speed
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def lee():
    """Sentences of the Lee news corpus that gensim ships: 300 short articles, lower case, letters only."""
    keep = str.maketrans({c: " " for c in ".,;:!?\"'()"})
    return [" ".join(s).lower().translate(keep).split() for s in LineSentence(datapath("lee_background.cor"))]


@pytest.fixture(scope="session")
def text(lee):
    """The Lee corpus as a text, a sentence a line."""
    return "".join(" ".join(sentence) + "\n" for sentence in lee)


@pytest.fixture(scope="session")
def lee_file(text, tmp_path_factory):
    """The Lee corpus in a file."""
    path = tmp_path_factory.mktemp("corpus") / "lee.txt"
    path.write_text(text)
    return path


@pytest.fixture(scope="session")
def articles(lee):
    """The first of the Lee corpus: trained in a moment."""
    return lee[:60]


@pytest.fixture(params=[(0, False), (0, True), (1, False), (1, True)], ids=lambda mode: "sg{}-shared{:d}".format(*mode))
def mode(request):
    """CBOW and skip-gram, each with separate and with shared softmax weights."""
    sg, shared_softmax = request.param
    return {"sg": sg, "shared_softmax": shared_softmax}


@pytest.fixture(scope="session")
def trained():
    """A small model with words of many scripts, counted 4, 3, 2 and 1 times; not to be changed."""
    words = ["日本語", "straße", "naïve", "emoji😀"]
    return Word2Vec([words[:i] for i in range(1, 5)], vector_size=20, min_count=1, sample=0, shared_softmax=False)


class Rounds(RoundCallback):
    """Keeps the figures of every round."""

    def __init__(self):
        self.figures = []

    def on_round_end(self, model, figures):
        self.figures.append(figures)


@pytest.fixture
def rounds():
    return Rounds()


@pytest.fixture
def a_checkpoint_after_every_round(monkeypatch):
    monkeypatch.setattr(resuming, "CHECKPOINT_MINUTES", 0)


@pytest.fixture
def several_rounds(monkeypatch):
    """In an epoch, of a small corpus too."""
    monkeypatch.setattr(plan, "WORDS_OF_ONE", 1 << 11)


@pytest.fixture
def be_worker(monkeypatch):
    """Tell this process, as TF_CONFIG does, which of two workers it is."""

    def be(worker):
        cluster = {"worker": ["localhost:1", "localhost:2"]}
        monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": {"type": "worker", "index": worker}}))

    return be


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_as_at_a_terminal():
    """Programs that are started in the background of a script ignore Ctrl-C, and so would the tests of it."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)
