"""Subclasses that make their own sentences in ``_do_train_job``."""

import numpy as np
import pytest
from gensim.test.utils import common_texts

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.model.jobs import jobs_of


class Walker(Word2Vec):
    """Is given nodes, and trains walks, as fastnode2vec does."""

    def _do_train_job(self, nodes, alpha, inits):
        assert len(inits) == 2  # gensim's working memory
        return super()._do_train_job([[node[0], f"{node[0]}'"] * 3 for node in nodes], alpha, inits)


def walker(kind=Walker, **arguments):
    model = kind(vector_size=12, min_count=1, **arguments)
    model.build_vocab([["a", "a'"], ["b", "b'"], ["c", "c'"]] * 20)
    return model


def test_what_the_override_passes_on_is_what_is_trained():
    nodes = [["a"], ["b"], ["c"]] * 20
    model = walker(sample=0)
    trained, read = model.train(nodes, total_examples=len(nodes), epochs=2)
    assert (trained, read) == (2 * 6 * len(nodes),) * 2
    same = walker(Word2Vec, sample=0)
    same.train([[node[0], f"{node[0]}'"] * 3 for node in nodes], total_examples=len(nodes), epochs=2)
    assert (same.wv.vectors == model.wv.vectors).all()


def test_working_memory_that_a_subclass_makes_is_asked_for():
    asked = []

    class Sub(Word2Vec):
        def _get_thread_working_mem(self):
            asked.append(True)
            return super()._get_thread_working_mem()

    Sub(common_texts, vector_size=12, min_count=1, epochs=2)
    assert len(asked) == 2


def test_an_override_that_trains_by_itself_is_refused():
    class Own(Word2Vec):
        def _do_train_job(self, sentences, alpha, inits):
            return 1, 1

    with pytest.raises(NotImplementedError, match="_do_train_job trains by itself"):
        Own(common_texts, vector_size=12, min_count=1)


def test_an_override_that_changes_the_rate_is_refused():
    class Own(Word2Vec):
        def _do_train_job(self, sentences, alpha, inits):
            return super()._do_train_job(sentences, alpha / 2, inits)

    with pytest.raises(NotImplementedError, match="alpha"):
        Own(common_texts, vector_size=12, min_count=1)


def test_jobs_are_gensims():
    """As gensim's own subclass sees them, with one worker."""
    import gensim.models

    class Jobs:
        def _do_train_job(self, sentences, alpha, inits):
            self.__dict__.setdefault("seen", []).append([list(sentence) for sentence in sentences])
            return super()._do_train_job(sentences, alpha, inits)

    sentences = [["word"] * length for length in np.random.default_rng(1).integers(1, 9, 50)]
    arguments = dict(vector_size=12, min_count=1, batch_words=20, epochs=1, workers=1)
    theirs = type("Theirs", (Jobs, gensim.models.Word2Vec), {})(sentences, **arguments)
    ours = type("Ours", (Jobs, Word2Vec), {})(sentences, **arguments)
    assert ours.seen == theirs.seen == list(jobs_of(sentences, 20))


def test_with_hierarchical_softmax_gensim_trains_the_override():
    model = walker(hs=1, workers=1)
    before = model.wv.vectors.copy()
    model.train([["a"]] * 50, total_examples=50, epochs=2)
    assert (model.wv.vectors != before).any()


def test_a_subclass_that_counts_dummies_has_no_prior():
    """Nothing tells how many neighbours the words will have: the strongest prior would keep them from being learnt."""
    nodes = [["a"], ["b"], ["c"], ["a'"], ["b'"], ["c'"]] * 20
    trained = {}
    for prior in (0, 2.5):
        model = Walker(vector_size=12, min_count=1, sample=0, prior=prior)
        model.build_vocab(nodes)
        model.train(nodes[:3] * 20, total_examples=60, epochs=2)
        trained[prior] = model.wv.vectors
    assert (trained[0] == trained[2.5]).all()
