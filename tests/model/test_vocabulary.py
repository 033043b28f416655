"""The vocabulary is gensim's, to the last bit, in a fraction of the time."""

import numpy as np
import pytest
from gensim.models import Word2Vec as GensimWord2Vec
from gensim.models.word2vec import LineSentence
from gensim.test.utils import datapath
from hypothesis import given
from hypothesis import strategies as st

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.model.vocabulary import word_order

CORPUS = datapath("lee_background.cor")


def built(word2vec, caplog, keep_raw_vocab=False, **arguments):
    """A model with its vocabulary, gensim's report, the events of its life and what was logged."""
    caplog.clear()
    caplog.set_level("INFO")
    model = word2vec(**arguments)
    model.scan_vocab(LineSentence(CORPUS))
    report = model.prepare_vocab(keep_raw_vocab=keep_raw_vocab)
    events = [event["msg"] for event in model.lifecycle_events if event["event"] == "prepare_vocab"]
    logged = [message for record in caplog.records if "lifecycle" not in (message := record.getMessage())]
    return model, report, events, logged


@pytest.mark.parametrize("arguments", [
    {}, {"min_count": 1}, {"min_count": 40, "sample": 0.01}, {"sample": 0}, {"sample": 1e-5}, {"sample": 50},
    {"sorted_vocab": 0}, {"ns_exponent": -0.5}, {"min_count": 10_000}, {"max_final_vocab": 100}, {"null_word": 1},
], ids=str)  # fmt: skip
@pytest.mark.parametrize("keep_raw_vocab", [False, True])
def test_it_is_the_one_that_gensim_chooses(caplog, arguments, keep_raw_vocab):
    ours, *told = built(Word2Vec, caplog, keep_raw_vocab, **arguments)
    theirs, *expected = built(GensimWord2Vec, caplog, keep_raw_vocab, **arguments)
    assert told == expected
    assert ours.raw_vocab == theirs.raw_vocab
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert list(ours.wv.key_to_index.items()) == list(theirs.wv.key_to_index.items())
    for name in ("min_count", "effective_min_count", "sample"):
        assert getattr(ours, name) == getattr(theirs, name)
    for name, values in theirs.wv.expandos.items():
        np.testing.assert_array_equal(ours.wv.expandos[name], values, strict=True)


def test_a_vocabulary_that_is_chosen_again_is_gensims_too():
    models = [word2vec(vector_size=10) for word2vec in (Word2Vec, GensimWord2Vec)]
    for model in models:
        for min_count in (5, 20):
            model.build_vocab(LineSentence(CORPUS), min_count=min_count)
    ours, theirs = models
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    np.testing.assert_array_equal(ours.wv.expandos["count"], theirs.wv.expandos["count"])


@given(st.lists(st.integers(1, 5), max_size=30))
def test_words_are_ordered_by_falling_count_the_last_of_equals_first(counts):
    expected = sorted(range(len(counts)), key=lambda word: (counts[word], word), reverse=True)
    assert word_order(np.array(counts, np.int64)).tolist() == expected
