"""The encoded text gives what reading the file again would give, or nothing."""

import itertools

import numpy as np
import pytest
from gensim.models import Word2Vec as GensimWord2Vec
from gensim.models.word2vec import LineSentence
from gensim.test.utils import datapath
from hypothesis import given
from hypothesis import strategies as st

from tfw2v_gensim.text import encoding, numbering
from tfw2v_gensim.text.corpora import files_signature
from tfw2v_gensim.text.encoding import EncodedText, slabs_of
from tfw2v_gensim.training.machines import Machines, Rank

WORDS = st.sampled_from(["a", "b", "c", "d", "e"])


def encoded(sentences, state=("a text",)):
    text = EncodedText(sentences, state)
    lengths = [length for _, lengths in text.read() for length in lengths.tolist()]
    return text, lengths


@given(st.lists(st.lists(WORDS, min_size=1, max_size=7), max_size=30), st.integers(1, 40), st.integers(1, 9))
def test_slabs_are_those_of_the_sentences(sentences, words, words_at_once):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbering, "_WORDS_AT_ONCE", words_at_once)
        text, lengths = encoded(sentences)
    assert lengths == [len(sentence) for sentence in sentences]
    rows = {"c": 0, "a": 1, "e": 2}
    plain, kept = list(slabs_of(sentences, words, rows)), list(text.slabs(words, rows))
    assert len(plain) == len(kept)
    for (ids, lengths), (kept_ids, kept_lengths) in zip(plain, kept, strict=True):
        np.testing.assert_array_equal(ids, kept_ids)
        np.testing.assert_array_equal(lengths, kept_lengths)


def test_words_are_counted_in_the_order_of_their_first_occurrence():
    text, _ = encoded([["b", "a", "b"], ["c", "b"]])
    assert list(text.counts().items()) == [("b", 3), ("a", 1), ("c", 1)]
    assert text.total_words == 5


def test_how_far_the_count_is_is_logged_as_gensim_logs_it(caplog, monkeypatch):
    monkeypatch.setattr(numbering, "_BYTES_AT_ONCE", 9000)
    caplog.set_level("INFO")
    ours = EncodedText(LineSentence(CORPUS), None).count(progress_per=7)
    logged = [record.getMessage() for record in caplog.records]
    caplog.clear()
    model = GensimWord2Vec(min_count=1)
    assert model.scan_vocab(LineSentence(CORPUS), progress_per=7) == ours
    assert [message for record in caplog.records if (message := record.getMessage()).startswith("PROGRESS")] == logged
    assert len(logged) == 43


def test_a_text_is_the_same_from_a_file_and_from_a_list():
    texts = [EncodedText(sentences, None) for sentences in (LineSentence(CORPUS), list(LineSentence(CORPUS)))]
    for text in texts:
        text.count(progress_per=10_000)
    assert list(texts[0].counts().items()) == list(texts[1].counts().items())
    rows = {word: row for row, word in enumerate(texts[0].counts())}
    np.testing.assert_array_equal(texts[0].distinct_neighbours(rows), texts[1].distinct_neighbours(rows))


def test_a_text_beyond_the_limit_is_not_kept(lee_file, monkeypatch):
    monkeypatch.setattr(numbering, "_BYTES_AT_ONCE", 5000)
    monkeypatch.setattr(encoding, "MOST_WORDS", 5000)
    lines = LineSentence(lee_file)
    text, _ = encoded(lines, files_signature(lines))
    assert not text.matches(files_signature(lines), {})
    assert text.total_words == sum(text.counts().values()) > 5000


CORPUS = datapath("lee_background.cor")


def test_the_workers_shares_of_an_encoded_text_are_the_whole_text():
    text = EncodedText(LineSentence(CORPUS), state=("Lee",))
    words, _ = text.count(progress_per=10_000)
    key_to_index = {word: row for row, word in enumerate(text.counts())}
    slabs = []
    for rank in (Rank(worker, 3) for worker in range(3)):
        machine = Machines()
        machine.rank = rank
        slabs += machine.share_slabs(text.slabs(1000, key_to_index))
    assert sum(len(ids) for ids, _ in slabs) == words
    assert np.unique(np.concatenate([ids for ids, _ in slabs])).tolist() == list(range(len(key_to_index)))


@pytest.mark.parametrize("other", [
    {"a": 0, "b": 1, "c": 2}, {"b": 0, "a": 1}, {"a": 1, "b": 0}, {"a": 0, "c": 1}, {"a": 0},
], ids=str)  # fmt: skip
@pytest.mark.parametrize("state", [("a text",), None])
def test_a_text_is_known_through_one_vocabulary_and_not_another_of_its_size(state, other):
    rows = {"a": 0, "b": 1}
    text, _ = encoded([["a", "b"], ["b", "c"]], state)
    text.distinct_neighbours(rows)
    is_known = text.covers_vocabulary if state is None else lambda rows: text.matches(state, rows)
    assert is_known(rows) and is_known(dict(rows)) and not is_known(other)
    rows.clear()
    rows.update(other)  # in place
    assert not is_known(rows)


def test_a_text_is_what_its_state_says():
    text, _ = encoded([["a", "b"], ["b"]])
    assert text.matches(("a text",), {"a": 0}) and not text.matches(("another",), {"a": 0})


def test_without_a_state_a_text_is_counted_and_not_kept():
    text, _ = encoded([["a", "b", "c"], ["b"]], state=None)
    assert dict(text.counts()) == {"a": 1, "b": 2, "c": 1}
    assert text.distinct_neighbours({"b": 0, "a": 1}).round().tolist() == [2, 1]
    assert not text.matches(None, {"b": 0, "a": 1})


@given(
    st.lists(st.lists(WORDS, max_size=7), max_size=30),
    st.lists(st.lists(WORDS | st.sampled_from(["unknown", "un\nknown", ""]), max_size=7), max_size=30),
    st.integers(1, 40),
)
def test_other_sentences_are_looked_up_by_the_hashes_of_a_text_that_is_not_kept(counted, sentences, words):
    text, _ = encoded(counted, state=None)
    rows = {word: row for row, word in enumerate(sorted({*"ace"} & text.counts().keys()))}
    text.distinct_neighbours(rows)
    assert text.covers_vocabulary(rows) and not text.covers_vocabulary({**rows, "another": len(rows)})
    found, expected = list(text.slabs_of(sentences, words, rows)), list(slabs_of(sentences, words, rows))
    assert len(found) == len(expected)
    for arrays in zip(found, expected, strict=True):
        for ours, plain in zip(*arrays, strict=True):
            np.testing.assert_array_equal(ours, plain, strict=True)


def test_a_text_that_is_kept_knows_no_other():
    text, _ = encoded([["a", "b"]])
    assert not text.covers_vocabulary({"a": 0, "b": 1})
    text.distinct_neighbours({"a": 0, "b": 1})
    assert not text.covers_vocabulary({"a": 0, "b": 1})


@given(st.lists(st.lists(WORDS, max_size=7), max_size=30), st.integers(1, 9))
def test_neighbours_are_those_in_the_sentences_the_words_of_the_vocabulary_first(sentences, words_at_once):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbering, "_WORDS_AT_ONCE", words_at_once)
        text, _ = encoded(sentences)
    beside = {word: set() for word in "abcde"}
    for left, right in (pair for sentence in sentences for pair in itertools.pairwise(sentence)):
        beside[left].add(right)
        beside[right].add(left)
    found = text.distinct_neighbours({"e": 0, "a": 1, "c": 2})
    assert found.round().tolist() == [len(beside[word]) for word in "eac"]  # words outside the vocabulary count too
