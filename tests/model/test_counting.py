"""What gensim calls while it builds a vocabulary."""

import gc
import os
import weakref

import gensim.models
import numpy as np
import pytest
from gensim.models.word2vec import LineSentence
from gensim.test.utils import common_texts

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.model import hooks
from tfw2v_gensim.model.counting import EVIDENCE
from tfw2v_gensim.text import encoding
from tfw2v_gensim.text.neighbours import neighbours_of_text


def test_vocabulary_is_the_one_that_gensim_counts(lee, lee_file):
    ours, theirs = Word2Vec(), Word2Vec()
    ours.build_vocab(LineSentence(lee_file))
    theirs.build_vocab(lee)
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert (ours.wv.expandos["count"] == theirs.wv.expandos["count"]).all()
    assert (ours.corpus_count, ours.corpus_total_words) == (theirs.corpus_count, theirs.corpus_total_words)


def test_a_file_is_read_once_for_all_epochs(lee_file, monkeypatch):
    passes = []
    opened = gensim.utils.open
    monkeypatch.setattr(gensim.utils, "open", lambda *how: passes.append(1) or opened(*how))
    Word2Vec(LineSentence(lee_file), vector_size=20, epochs=3)
    assert len(passes) == 1
    Word2Vec(corpus_file=str(lee_file), vector_size=20, epochs=3)
    assert len(passes) == 2


class Sentences:
    """What gensim's users write: a class that reads its sentences anew at every pass."""

    def __init__(self, path):
        self.path = path

    def __iter__(self):
        return iter(LineSentence(self.path))


def test_an_iterable_of_ones_own_a_list_and_a_file_train_the_same_vectors(lee_file, monkeypatch):
    given = LineSentence(lee_file), list(LineSentence(lee_file)), Sentences(lee_file)
    first, *others = (Word2Vec(sentences, vector_size=20, epochs=2, workers=1).wv.vectors for sentences in given)
    for vectors in others:
        np.testing.assert_array_equal(vectors, first)

    def refused(*arguments):
        raise AssertionError("words are looked up one by one")

    monkeypatch.setattr(hooks, "slabs_of", refused)
    Word2Vec(Sentences(lee_file), vector_size=20, epochs=2)


def test_words_of_an_earlier_text_are_known_in_a_later_one(lee_file):
    model = Word2Vec(vector_size=20, min_count=1, sample=0)
    model.build_vocab(Sentences(lee_file))
    model.build_vocab([["entirely", "newword"]], update=True)
    trained, read = model.train(Sentences(lee_file), total_examples=model.corpus_count, epochs=1)
    assert trained == read == len(lee_file.read_text().split())


def test_training_on_another_text_reads_that_one(lee_file, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("\n".join(lee_file.read_text().splitlines()[:100]) + "\n")
    model = Word2Vec(LineSentence(lee_file), vector_size=20, sample=0, min_count=1, epochs=1)
    trained, _ = model.train(LineSentence(other), total_examples=100, epochs=1)
    assert trained == len(other.read_text().split())


def test_words_that_are_new_since_are_trained(lee_file):
    model = Word2Vec(min_count=1, vector_size=20, sample=0)
    lines = LineSentence(lee_file)
    model.build_vocab(lines)
    before = model.corpus_total_words
    del model.wv.key_to_index[model.wv.index_to_key[0]]  # as if it had not been there
    first, _ = model.train(lines, total_examples=model.corpus_count, epochs=1)
    model.wv.key_to_index[model.wv.index_to_key[0]] = 0
    second, _ = model.train(lines, total_examples=model.corpus_count, epochs=1)
    assert first < second == before


def test_a_text_that_was_not_read_to_its_end_is_not_taken_for_the_whole(tmp_path):
    path = tmp_path / "text"
    path.write_text("a b c\n" * 50)
    model = Word2Vec(LineSentence(path), vector_size=20, min_count=1, sample=0, epochs=1)
    with path.open("ab") as file:
        file.write(b"caf\xe9\n")  # no UTF-8
    with pytest.raises(UnicodeDecodeError):
        model.build_vocab(LineSentence(path), update=True)
    with pytest.raises(UnicodeDecodeError):
        model.train(LineSentence(path), total_examples=51, epochs=1)


def test_max_vocab_size_prunes_as_gensim_does(lee, lee_file):
    pruned, expected = (Word2Vec(max_vocab_size=500, min_count=1) for _ in range(2))
    pruned.build_vocab(LineSentence(lee_file))
    expected.build_vocab(lee)
    assert pruned.wv.index_to_key == expected.wv.index_to_key


def test_a_model_reset_from_another_trains_on_its_vocabulary(lee):
    model = Word2Vec(lee, vector_size=20, epochs=1)
    other = Word2Vec(vector_size=20)
    other.reset_from(model)
    assert len(other.wv) == len(model.wv) and (other.wv.vectors != model.wv.vectors).any()
    trained, _ = other.train(lee, total_examples=model.corpus_count, epochs=1)
    assert trained > 0 and np.isfinite(other.wv.vectors).all()
    assert (other.wv.vectors == model.wv.vectors).all()  # the same seed, vocabulary and text


class Anew:
    """A corpus of generators: nobody can know that it is the same at every pass."""

    def __init__(self, sentences):
        self.sentences = sentences

    def __iter__(self):
        return (list(sentence) for sentence in self.sentences)


@pytest.mark.parametrize("sg", [0, 1])
def test_a_list_a_corpus_read_anew_and_a_file_give_the_same_vectors(lee, lee_file, sg):
    corpora = [dict(sentences=lee), dict(sentences=Anew(lee)), dict(corpus_file=str(lee_file))]
    models = [Word2Vec(**corpus, vector_size=20, epochs=2, sg=sg) for corpus in corpora]
    for model in models[1:]:
        assert (model.wv.vectors == models[0].wv.vectors).all()
        assert (model.wv.expandos[EVIDENCE] == models[0].wv.expandos[EVIDENCE]).all()


def test_a_list_is_encoded_once_for_its_constructor_only():
    passes = []

    class Watched(list):
        def __iter__(self):
            passes.append(1)
            return super().__iter__()

    sentences = [Watched(sentence) for sentence in common_texts]
    model = Word2Vec(sentences, vector_size=20, min_count=1, epochs=3)
    in_the_constructor = len(passes)
    assert in_the_constructor == len(sentences)
    sentences[0] = Watched(["graph"] * 7)  # the list may change from here on
    model.train(sentences, total_examples=9, epochs=1)
    assert len(passes) > in_the_constructor


def test_neighbours_are_counted_saved_and_added_to(lee, tmp_path):
    model = Word2Vec(lee, vector_size=20, epochs=1)
    counted = model.wv.expandos[EVIDENCE].copy()
    assert len(counted) == len(model.wv) and (counted >= 1).all()
    model.save(str(tmp_path / "model"))
    np.testing.assert_array_equal(Word2Vec.load(str(tmp_path / "model")).wv.expandos[EVIDENCE], counted)
    model.build_vocab([["police", "okapi", "police", "zebra"] * 5], update=True)
    grown = model.wv.expandos[EVIDENCE]
    assert len(grown) == len(model.wv) == len(counted) + 2
    added = np.zeros(len(grown))
    for word, neighbours in (("police", 2), ("okapi", 1), ("zebra", 1)):  # police stands between both
        added[model.wv.get_index(word)] = neighbours
    np.testing.assert_allclose(grown - np.append(counted, [0.0, 0.0]), added, rtol=1e-3)


@pytest.mark.parametrize("update", [False, True])
def test_a_dry_run_leaves_the_neighbours_that_were_counted(lee, update):
    model, other = (Word2Vec(lee, vector_size=20, epochs=1) for _ in range(2))
    counted = model.wv.expandos[EVIDENCE].copy()
    model.prepare_vocab(update=update, min_count=10, dry_run=True)
    np.testing.assert_array_equal(np.sort(model.wv.expandos[EVIDENCE]), np.sort(counted))  # gensim sorts words anew
    for tried in (model, other):
        tried.scan_vocab(lee[:100])
        if tried is model:
            tried.prepare_vocab(update=update, dry_run=True)
        tried.prepare_vocab(update=update)
    expected = dict(zip(other.wv.index_to_key, other.wv.expandos[EVIDENCE].tolist(), strict=True))
    assert dict(zip(model.wv.index_to_key, model.wv.expandos[EVIDENCE].tolist(), strict=True)) == expected


def test_neighbours_that_nobody_counted_are_guessed(lee):
    model = Word2Vec(vector_size=20, min_count=1)
    model.build_vocab_from_freq({"police": 100, "fire": 50})
    assert EVIDENCE not in model.wv.expandos
    np.testing.assert_array_equal(model._settings().distinct_neighbours, neighbours_of_text(np.array([100, 50])))
    pruned = Word2Vec(lee, vector_size=20, max_vocab_size=500, epochs=1)
    assert EVIDENCE not in pruned.wv.expandos and np.isfinite(pruned.wv.vectors).all()
    theirs = Word2Vec.from_gensim(gensim.models.Word2Vec(lee, vector_size=20, epochs=1))
    theirs.train(lee, total_examples=len(lee), epochs=1)
    assert EVIDENCE not in theirs.wv.expandos and np.isfinite(theirs.wv.vectors).all()


def test_counts_of_words_are_gensims(lee):
    model = Word2Vec(vector_size=20, min_count=5, sample=0)
    model.build_vocab(lee)
    trained, raw = model.train(lee, total_examples=model.corpus_count, epochs=2)
    assert raw == 2 * model.corpus_total_words
    assert trained == 2 * sum(model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key)


@pytest.mark.parametrize("shared_softmax", [False, True])
def test_vocabulary_grows(lee, shared_softmax):
    model = Word2Vec(lee, vector_size=20, epochs=3, shared_softmax=shared_softmax)
    known = len(model.wv)
    model.build_vocab([["zebra", "okapi", "giraffe"] * 3] * 5, update=True)
    assert len(model.wv) == len(model.syn1neg) == known + 3
    model.train([["zebra", "okapi", "giraffe"] * 3] * 5, total_examples=5, epochs=2)
    assert np.isfinite(model.wv["okapi"]).all()


@pytest.mark.parametrize("ns_exponent", [0.75, -0.5, 0, 1])
def test_the_table_of_noise_is_gensims(lee, ns_exponent):
    tables = []
    for kind in (gensim.models.Word2Vec, Word2Vec):
        model = kind(ns_exponent=ns_exponent)
        model.build_vocab(lee)
        tables.append(model.cum_table)
    np.testing.assert_array_equal(tables[1], tables[0])
    assert tables[1].dtype == tables[0].dtype


def test_the_encoded_text_of_a_file_serves_the_next_training_and_is_then_given_up(lee_file, monkeypatch):
    lines, looked_up = LineSentence(lee_file), []
    monkeypatch.setattr(hooks, "slabs_of", lambda *arguments: looked_up.append(1) or encoding.slabs_of(*arguments))
    model = Word2Vec(vector_size=20, epochs=2)
    model.build_vocab(lines)
    vectors = []
    for _ in range(2):
        model.train(lines, total_examples=model.corpus_count, epochs=2)
        vectors.append(model.wv.vectors.copy())
        assert len(looked_up) == 2 * (len(vectors) - 1)
    anew = Word2Vec(Sentences(lee_file), vector_size=20, epochs=2)
    np.testing.assert_array_equal(anew.wv.vectors, vectors[0])
    anew.train(Sentences(lee_file), total_examples=anew.corpus_count, epochs=2)
    np.testing.assert_array_equal(anew.wv.vectors, vectors[1])


def test_many_models_hold_no_text_and_no_file(articles, tmp_path):
    """However they were made, and though one was refused in the middle."""
    path = tmp_path / "corpus.txt"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in articles))

    class Corpus(list):
        """A list that can be watched."""

    def broken():
        yield from articles
        raise OSError("disk on fire")

    def texts():
        return [each for each in gc.get_objects() if isinstance(each, encoding.EncodedText)]

    def descriptors():
        return len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0

    models, before = [Word2Vec(articles, vector_size=8, epochs=1)], descriptors()
    for number in range(10):
        models.append(Word2Vec(corpus_file=str(path), vector_size=8, epochs=1))
        models.append(Word2Vec(list(articles), vector_size=8, epochs=1))
        models.append(Word2Vec(vector_size=8, epochs=1))
        with pytest.raises(OSError, match="disk on fire"):
            models[-1].build_vocab(broken())
        if number:
            continue
        given = Corpus(articles)
        watched = weakref.ref(given)
        models[-1].build_vocab(given)
        del given
        assert watched() is None, "a list is kept that its owner has given up"
        models[-1].train(articles, total_examples=len(articles), epochs=1)
    gc.collect()
    assert texts() == []
    assert descriptors() == before
