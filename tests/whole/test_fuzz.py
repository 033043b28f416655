"""Whatever a corpus holds, it is trained to finite vectors, or refused by a documented error."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tfw2v_gensim import Word2Vec

REFUSALS = (ValueError, TypeError, RuntimeError)  # gensim's: no vocabulary, not an iterable, words without a hash


words = st.one_of(
    st.text(st.characters(codec=None, exclude_categories=()), max_size=6),  # surrogates, newlines and NULs among them
    st.sampled_from(["a", "b", "new york", "x" * 10_000, "\ud800", "line\nbreak", "\0", ""]),
    st.integers(-3, 3),
    st.binary(max_size=3),
    st.none(),
    st.tuples(st.integers(0, 2)),
    st.lists(st.just("nested"), max_size=1),
    st.floats(),
    st.booleans(),
)


sentences = st.one_of(
    st.lists(words, max_size=8),
    st.lists(words, max_size=8).map(tuple),
    st.lists(st.text("ab ", max_size=3), min_size=1, max_size=8).map(np.array),
    st.text(max_size=8),
    st.binary(max_size=8),
    st.none(),
    st.integers(),
)


ordinary = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=12), max_size=12)


class Anew:
    """A corpus that makes its sentences anew at each pass, each a generator or not."""

    def __init__(self, sentences, lazy):
        self.sentences = sentences
        self.lazy = lazy

    def __iter__(self):
        for sentence in self.sentences:
            yield (word for word in sentence) if self.lazy else sentence


corpora = st.one_of(
    ordinary,
    st.lists(sentences, max_size=12),
    st.builds(Anew, st.one_of(ordinary, st.lists(sentences, max_size=6)), st.booleans()),
    ordinary.map(iter),
    ordinary.map(lambda sentences: (sentence for sentence in sentences)),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=4),
    st.text(max_size=12),
    st.none(),
    st.integers(),
)


@settings(max_examples=60, derandomize=True, suppress_health_check=list(HealthCheck))
@given(corpora, st.integers(1, 2), st.sampled_from([0, 1e-3]), st.booleans())
def test_a_corpus_trains_or_is_refused(corpus, min_count, sample, sg):
    try:
        model = Word2Vec(corpus, vector_size=20, min_count=min_count, sample=sample, sg=int(sg), epochs=1)
    except REFUSALS as error:
        assert str(error)
        return
    if corpus is None:
        return
    assert len(model.wv) == len(model.wv.vectors) > 0
    assert np.isfinite(model.wv.vectors).all() and np.isfinite(model.syn1neg).all()
