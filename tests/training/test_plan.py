"""How a training is laid out."""

import numpy as np
import pytest
from gensim.test.utils import common_texts

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
    assert noise == ([16, 16, 32, 32] if sg else [16, 16, 24, 24])


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


def test_the_estimate_counts_what_there_is():
    shared, separate = (Word2Vec(vector_size=50, shared_softmax=kind) for kind in (True, False))
    reports = [model.estimate_memory(1000) for model in (shared, separate)]
    assert [report["vectors"] for report in reports] == [200_000, 200_000]
    assert [report["syn1neg"] for report in reports] == [0, 200_000]
    assert [report["trained"] for report in reports] == [200_000, 400_000]
    assert reports[1]["replicas"] == 2 * reports[0]["replicas"]
    for report in reports:
        assert report["total"] == sum(report.values()) - report["total"]
    assert shared.estimate_memory(1000, report={"corpus": 7})["total"] == reports[0]["total"] + 7
    assert "replicas" not in Word2Vec(hs=1).estimate_memory(1000)


def test_the_estimate_takes_the_vocabulary_that_is_there():
    model = Word2Vec(common_texts, vector_size=50, min_count=1)
    report = model.estimate_memory()
    assert report["vectors"] == model.wv.vectors.nbytes
    assert report["blocks"] < Word2Vec(vector_size=50).estimate_memory()["blocks"]  # a small corpus has small blocks
