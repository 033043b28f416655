"""How a training is laid out."""

import numpy as np
import pytest

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.model.vocabulary import kept_shares
from tfw2v_gensim.text.neighbours import neighbours_of_text
from tfw2v_gensim.training.plan import block_shape, plan_of


@pytest.mark.parametrize("words", [1, 29, 3e4, 1.5e6, 1.2e7, 1e10])
@pytest.mark.parametrize("negative_sharing", [1, 5, 64, 1000])
@pytest.mark.parametrize("sg", [0, 1])
def test_block_shapes_fit_the_corpus(words, negative_sharing, sg):
    shape = block_shape(words, 70_000, 5, negative_sharing, sg)
    assert shape.streams % shape.pools == 0
    assert shape.streams // shape.pools <= negative_sharing
    if shape.streams == shape.pools:
        assert shape.noise == 5
    else:
        assert shape.noise > 5 and shape.noise % 8 == 0  # whole vector registers
    assert shape.length % shape.rows_per_pool == 0
    assert shape.streams * shape.length >= 16
    if words >= 1e4:
        assert words / (shape.streams * shape.length) >= 200


@pytest.mark.parametrize("words, of_text", [(10, 0.5), (1000, 0.05)])
def test_slabs_do_not_grow_with_a_text_of_which_few_words_are_trained(words, of_text):
    model = Word2Vec(min_count=1)
    model.build_vocab([["a", "b", "c", "d"]])
    share = 1 / np.arange(1, words + 1)
    slabs = []
    for corpus_words in (10**6, 10**8, 10**10, 10**12):
        counts = np.maximum(corpus_words * of_text * share / share.sum(), 1).astype(np.int64)
        sample_int = (kept_shares(counts, 1e-3) * (2**32 - 1)).astype(np.uint32)
        settings = model._settings()._replace(
            counts=counts, sample_int=sample_int, distinct_neighbours=share, corpus_words=corpus_words
        )
        slabs.append(plan_of(settings).slab_words)
    assert max(slabs) < 5_000_000


def test_frequent_words_are_thinned_out_further_where_cbow_shares_its_softmax():
    model = Word2Vec(min_count=1, sample=0.01)
    model.build_vocab([[f"word{i}" for i in range(2000) for _ in range(2000 // (i + 1))]])
    settings = model._settings()
    settings = settings._replace(distinct_neighbours=neighbours_of_text(settings.counts))
    trained = {
        (sg, shared): settings._replace(sg=sg, shared_softmax=shared).trained.sum()
        for sg in (0, 1) for shared in (False, True)
    }  # fmt: skip
    assert trained[0, True] < trained[0, False] == trained[1, False] == trained[1, True]


@pytest.mark.parametrize("sg", [0, 1])
def test_pools_hold_less_of_a_small_vocabulary(sg):
    noise = [block_shape(1e6, vocabulary, 5, 64, sg).noise for vocabulary in (1, 2000, 4000, 70_000)]
    assert noise == [16, 16, 24, 24]


def test_windows_of_skip_gram_narrow_over_the_epochs_of_a_text_and_no_others_do():
    model = Word2Vec(min_count=1, window=5)
    model.build_vocab([[f"word{i}" for i in range(2000)]])
    settings = model._settings()
    text = settings._replace(distinct_neighbours=neighbours_of_text(settings.counts))
    graph = settings._replace(counts=1000 * settings.counts, distinct_neighbours=np.ones(2000))

    def weights(settings, **others):
        return [plan_of(settings._replace(**others), 1, progress).distance_weights.tolist() for progress in (0.1, 0.9)]

    usual = np.array([5, 4, 3, 2, 1], np.float32) / np.float32(5)
    assert weights(text, sg=0) == [usual.tolist()] * 2
    assert weights(text, sg=1, shrink_windows=False) == [[1.0] * 5] * 2
    first, last = weights(text, sg=1)
    assert (first[1:] > usual[1:]).all() and first[0] == last[0] == 1.0
    assert last[1] > 0 == last[2] == last[4]
    np.testing.assert_allclose(weights(graph, sg=1), [usual] * 2, atol=0.02)


def test_noise_words_of_large_vocabularies_are_used_several_times_by_cbow():
    by_sg = [
        [block_shape(1e7, words, negative=5, negative_sharing=64, sg=sg).uses for words in (20_000, 40_000, 10**6)]
        for sg in (0, 1)
    ]
    assert by_sg == [[1, 2, 4], [1, 1, 1]]
    assert block_shape(1e7, 10**6, negative=5, negative_sharing=1, sg=0).uses == 1


def test_the_full_softmax_refuses_a_large_vocabulary(monkeypatch):
    monkeypatch.setattr("tfw2v_gensim.training.plan.LARGEST_SOFTMAX", 3)
    model = Word2Vec(min_count=1, loss="softmax")
    model.build_vocab([["a", "b", "c", "d"]])
    with pytest.raises(ValueError, match="at most 3 words, this one has 4"):
        model.train([["a", "b", "c", "d"]], total_examples=1, epochs=1)
