import pytest
from gensim.models.word2vec import LineSentence
from gensim.test.utils import datapath


@pytest.fixture(scope="session")
def lee():
    """Sentences of the Lee news corpus that gensim ships: 300 short articles, lower case, letters only."""
    keep = str.maketrans({c: " " for c in ".,;:!?\"'()"})
    return [" ".join(s).lower().translate(keep).split() for s in LineSentence(datapath("lee_background.cor"))]
