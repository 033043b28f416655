import copy
import pickle
import re

import gensim.models
import numpy as np
import pytest
from gensim.test.utils import common_texts

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.keyedvectors import KeyedVectors


@pytest.fixture(scope="module")
def model():
    return Word2Vec(common_texts, vector_size=20, min_count=1)


def test_all_ways_to_a_model_give_it_vectors_that_guard_their_files(model, tmp_path):
    model.save(tmp_path / "model")
    reset = Word2Vec(vector_size=20)
    reset.reset_from(model)
    loaded, taken_back = Word2Vec.load(str(tmp_path / "model")), Word2Vec.from_gensim(model.to_gensim())
    for each in (model, loaded, taken_back, copy.deepcopy(model), reset):
        assert type(each.wv) is KeyedVectors
        assert each.wv.index_to_key == model.wv.index_to_key


def test_a_copy_has_arrays_of_its_own(model):
    twin = copy.deepcopy(model.wv)
    assert (twin.vectors == model.wv.vectors).all() and not np.shares_memory(twin.vectors, model.wv.vectors)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_vectors_are_pickled_as_gensims(model, protocol):
    read = pickle.loads(pickle.dumps(model.wv, protocol))
    assert type(read) is gensim.models.KeyedVectors
    assert read.most_similar("graph") == model.wv.most_similar("graph")


def test_a_plain_gensim_model_has_plain_gensim_vectors(model):
    assert type(model.to_gensim().wv) is gensim.models.KeyedVectors


ODD = ["\0", "nul\0inside", "tab\t", "\r", "\u2028", "\xa0", "", "x" * 10_000, "\U0001f600"]


@pytest.mark.parametrize("binary", [False, True])
def test_odd_words_are_trained_and_read_back_from_word2vecs_formats(tmp_path, binary):
    model = Word2Vec([ODD] * 3, vector_size=20, min_count=1, sample=0)
    model.wv.save_word2vec_format(str(tmp_path / "vectors"), binary=binary)
    read = gensim.models.KeyedVectors.load_word2vec_format(str(tmp_path / "vectors"), binary=binary)
    assert read.index_to_key == model.wv.index_to_key and set(ODD) == set(read.index_to_key)
    assert (read.vectors == model.wv.vectors).all()


@pytest.mark.parametrize("binary", [False, True])
def test_a_word_that_word2vecs_formats_cannot_hold_is_refused_by_name_and_the_former_file_stays(tmp_path, binary):
    path, word = tmp_path / "vectors", "\ud800"
    path.write_text("former")
    model = Word2Vec([["paris", word, "seven", "7", 7]] * 3, vector_size=20, min_count=1, sample=0)
    with pytest.raises(ValueError, match=re.escape(f"the word {word!r}, which has a lone surrogate")):
        model.wv.save_word2vec_format(path, fvocab=tmp_path / "counts", binary=binary)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"vectors": "former"}
    assert_kept_by_save(model, tmp_path)
    assert {word, "7", 7} <= set(model.wv.index_to_key)


def assert_kept_by_save(model, folder):
    model.wv.save(str(folder / "kv"))
    model.save(str(folder / "model"))
    assert Word2Vec.load(str(folder / "model")).wv.index_to_key == model.wv.index_to_key
    assert gensim.models.KeyedVectors.load(str(folder / "kv")).index_to_key == model.wv.index_to_key


@pytest.mark.parametrize("binary", [False, True])
def test_words_with_blanks_and_newlines_are_written_as_gensim_does_with_one_warning(tmp_path, binary, caplog):
    model = Word2Vec([["paris", "new york", "line\nbreak", "\n"]] * 3, vector_size=20, min_count=1, sample=0)
    caplog.clear()
    model.wv.save_word2vec_format(tmp_path / "ours", binary=binary)
    (warning,) = [record.getMessage() for record in caplog.records if record.name == "tfw2v_gensim.keyedvectors"]
    assert warning.startswith("3 words have blanks or newlines, the first is ")
    model.to_gensim().wv.save_word2vec_format(tmp_path / "theirs", binary=binary)
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()
    assert_kept_by_save(model, tmp_path)


def test_vectors_are_appended_and_written_to_open_files_as_gensim_does(trained, tmp_path):
    path = tmp_path / "vectors"
    trained.wv.save_word2vec_format(path)
    once = path.read_bytes()
    trained.wv.save_word2vec_format(path, append=True)
    assert path.read_bytes() == 2 * once
    with open(tmp_path / "open", "wb") as file:
        trained.wv.save(file)
    assert gensim.models.KeyedVectors.load(str(tmp_path / "open")).index_to_key == trained.wv.index_to_key


@pytest.mark.parametrize("binary", [False, True])
def test_a_truncated_vector_file_is_refused(trained, tmp_path, binary):
    path = tmp_path / "vectors"
    trained.wv.save_word2vec_format(str(path), binary=binary)
    whole = path.read_bytes()
    for length in (0, 1, 3, 10, len(whole) // 2, len(whole) - 20):
        path.write_bytes(whole[:length])
        with pytest.raises((EOFError, ValueError)):
            gensim.models.KeyedVectors.load_word2vec_format(str(path), binary=binary)


def test_attributes_of_words_are_set_as_gensim_does():
    for kind in (KeyedVectors, gensim.models.KeyedVectors):
        vectors = kind(2)
        vectors.add_vectors(["a", "b"], np.zeros((2, 2)))
        for key, attribute, value in (
            ("a", "count", 3),
            (1, "count", 5),
            ("b", "share", np.float32(0.5)),
            ("a", "tag", "x"),
        ):
            vectors.set_vecattr(key, attribute, value)
        vectors.add_vector("c", np.zeros(2))
        vectors.set_vecattr("c", "count", 7)
        assert vectors.expandos["count"].tolist() == [3, 5, 7]
        assert vectors.expandos["share"].dtype == np.float32
        assert [vectors.get_vecattr(key, "share") for key in "abc"] == [0.0, 0.5, 0.0]
        assert vectors.get_vecattr("a", "tag") == "x"
        with pytest.raises(TypeError, match="float"):
            vectors.set_vecattr("a", "count", 0.5)
        with pytest.raises(KeyError, match="d"):
            vectors.set_vecattr("d", "count", 1)


@pytest.mark.parametrize("lockf, moves", [(0.0, False), (1.0, True)])
@pytest.mark.parametrize("binary", [False, True])
def test_vectors_of_a_file_are_taken_by_a_new_model_and_stay_if_locked(model, tmp_path, binary, lockf, moves):
    words = ["graph", "trees", "elsewhere"]
    file = KeyedVectors(20)
    file.add_vectors(words, np.full((3, 20), 0.25, np.float32))
    file.save_word2vec_format(str(tmp_path / "vectors"), binary=binary)
    fresh = Word2Vec(vector_size=20, min_count=1, sample=0)
    fresh.build_vocab(common_texts)
    fresh.wv.get_normed_vectors()
    before = fresh.wv.vectors.copy()
    fresh.wv.intersect_word2vec_format(str(tmp_path / "vectors"), lockf=lockf, binary=binary)
    assert "elsewhere" not in fresh.wv
    taken = [fresh.wv.get_index(word) for word in words[:2]]
    assert (fresh.wv.vectors[taken] == 0.25).all()
    assert (np.delete(fresh.wv.vectors, taken, axis=0) == np.delete(before, taken, axis=0)).all()
    assert fresh.wv.similarity("graph", "trees") == pytest.approx(1)
    np.testing.assert_allclose(np.linalg.norm(fresh.wv.get_normed_vectors(), axis=1), 1, rtol=1e-5)

    fresh.train(common_texts, total_examples=fresh.corpus_count, epochs=1)
    assert (fresh.wv.vectors[taken] != 0.25).any(axis=1).tolist() == [moves, moves]
    assert (np.delete(fresh.wv.vectors, taken, axis=0) != np.delete(before, taken, axis=0)).any(axis=1).all()


def test_words_that_come_later_are_trained_though_the_first_are_locked():
    model = Word2Vec(vector_size=20, min_count=1, sample=0)
    model.build_vocab(common_texts)
    model.wv.vectors_lockf = np.zeros(len(model.wv), np.float32)
    before = model.wv.vectors.copy()
    more = [["okapi", "zebra"]] * 3
    model.build_vocab(more, update=True)
    new = model.wv.vectors[len(before) :].copy()
    model.train(more + common_texts, total_examples=model.corpus_count, epochs=1)
    assert (model.wv.vectors[: len(before)] == before).all()
    assert (model.wv.vectors[len(before) :] != new).any(axis=1).all() and len(new) == 2


def test_vectors_of_another_size_are_refused_and_nothing_is_taken(model, tmp_path):
    file = KeyedVectors(3)
    file.add_vectors(["graph"], np.ones((1, 3), np.float32))
    file.save_word2vec_format(str(tmp_path / "vectors"))
    before = model.wv.vectors.copy()
    with pytest.raises(ValueError, match="vectors has vectors of size 3, these have 20"):
        model.wv.intersect_word2vec_format(str(tmp_path / "vectors"))
    assert (model.wv.vectors == before).all() and len(model.wv.vectors_lockf) == 1
