"""The encoded text gives what reading the file again would give, or nothing."""

import os

import numpy as np
import pytest
from gensim.models.word2vec import LineSentence, PathLineSentences, Text8Corpus
from hypothesis import given
from hypothesis import strategies as st

from tfw2v_gensim import Word2Vec, encoding
from tfw2v_gensim.corpora import file_state
from tfw2v_gensim.encoding import EncodedText, slabs_of

WORDS = st.sampled_from(["a", "b", "c", "d", "e"])


@pytest.fixture(scope="module")
def lee_file(lee, tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "lee.txt"
    path.write_text("\n".join(" ".join(sentence) for sentence in lee) + "\n")
    return path


def encoded(sentences):
    text = EncodedText(sentences)
    lengths = list(text.read())
    return text, lengths


@given(st.lists(st.lists(WORDS, min_size=1, max_size=7), max_size=30), st.integers(1, 40), st.integers(1, 9))
def test_slabs_are_those_of_the_sentences(sentences, words, words_at_once):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoding, "_WORDS_AT_ONCE", words_at_once)
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


def test_vocabulary_is_the_one_that_gensim_counts(lee, lee_file):
    ours, theirs = Word2Vec(), Word2Vec()
    ours.build_vocab(LineSentence(lee_file))
    theirs.build_vocab(lee)
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert (ours.wv.expandos["count"] == theirs.wv.expandos["count"]).all()
    assert (ours.corpus_count, ours.corpus_total_words) == (theirs.corpus_count, theirs.corpus_total_words)


def test_a_file_is_read_once_for_all_epochs(lee_file, monkeypatch):
    passes = []
    read = LineSentence.__iter__
    monkeypatch.setattr(LineSentence, "__iter__", lambda self: passes.append(1) or read(self))
    Word2Vec(LineSentence(lee_file), vector_size=4, epochs=3)
    assert len(passes) == 1
    Word2Vec(corpus_file=str(lee_file), vector_size=4, epochs=3)
    assert len(passes) == 2


@pytest.mark.parametrize("kind", [LineSentence, Text8Corpus, PathLineSentences])
def test_a_file_that_has_changed_is_another_text(kind, tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("a b c\n")
    before = file_state(kind(str(path)))
    assert before is not None and before == file_state(kind(str(path)))
    path.write_text("a b d\n")
    os.utime(path, ns=(1, 1))
    assert before != file_state(kind(str(path)))


def test_limits_and_sentence_lengths_make_another_text(lee_file):
    states = [
        file_state(LineSentence(lee_file)),
        file_state(LineSentence(lee_file, limit=3)),
        file_state(LineSentence(lee_file, max_sentence_length=7)),
        file_state(PathLineSentences(str(lee_file))),
    ]
    assert len(set(states)) == len(states)


def test_corpora_that_may_differ_at_each_pass_are_not_kept(lee_file):
    class Shuffled(LineSentence):
        pass

    with open(lee_file, "rb") as stream:
        for sentences in ([["a"]], Shuffled(lee_file), LineSentence(stream), LineSentence("missing"), (["a"],)):
            assert file_state(sentences) is None


def test_training_on_another_text_reads_that_one(lee_file, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("\n".join(lee_file.read_text().splitlines()[:100]) + "\n")
    model = Word2Vec(LineSentence(lee_file), vector_size=4, sample=0, min_count=1, epochs=1)
    trained, _ = model.train(LineSentence(other), total_examples=100, epochs=1)
    assert trained == len(other.read_text().split())


def test_words_that_are_new_since_are_trained(lee_file):
    model = Word2Vec(min_count=1, vector_size=4, sample=0)
    lines = LineSentence(lee_file)
    model.build_vocab(lines)
    before = model.corpus_total_words
    del model.wv.key_to_index[model.wv.index_to_key[0]]  # as if it had not been there
    first, _ = model.train(lines, total_examples=model.corpus_count, epochs=1)
    model.wv.key_to_index[model.wv.index_to_key[0]] = 0
    second, _ = model.train(lines, total_examples=model.corpus_count, epochs=1)
    assert first < second == before


def test_a_text_beyond_the_limit_is_not_kept(lee_file, monkeypatch):
    monkeypatch.setattr(encoding, "_WORDS_AT_ONCE", 1000)
    monkeypatch.setattr(encoding, "MOST_WORDS", 5000)
    lines = LineSentence(lee_file)
    text, _ = encoded(lines)
    assert not text.is_text_of(lines, {})
    assert text.total_words == sum(text.counts().values()) > 5000


def test_a_full_disk_only_costs_time(lee_file, monkeypatch):
    class Full:
        def write(self, _):
            raise OSError(28, "No space left on device")

        def close(self):
            pass

    expected = Word2Vec(LineSentence(lee_file), vector_size=4, epochs=2)
    monkeypatch.setattr(encoding.tempfile, "TemporaryFile", lambda **_: Full())
    model = Word2Vec(LineSentence(lee_file), vector_size=4, epochs=2)
    assert (model.wv.vectors == expected.wv.vectors).all()


def test_max_vocab_size_prunes_as_gensim_does(lee, lee_file):
    pruned, expected = (Word2Vec(max_vocab_size=500, min_count=1) for _ in range(2))
    pruned.build_vocab(LineSentence(lee_file))
    expected.build_vocab(lee)
    assert pruned.wv.index_to_key == expected.wv.index_to_key
