"""gensim's own tests, run on this package's Word2Vec in gensim's place: see tfw2v_gensim/patching.py."""

import copy
import os
import warnings

import numpy as np
import pytest
from gensim.test.utils import get_tmpfile

from tfw2v_gensim import Word2Vec, patch_gensim, patching

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # other tests, imported before, keep gensim's class
    with patch_gensim():
        from gensim.test import test_keyedvectors, test_similarities, test_translation_matrix, test_word2vec

pytestmark = pytest.mark.filterwarnings("ignore:gensim's own Word2Vec was imported before")


@pytest.fixture(autouse=True)
def ours_in_the_place_of_gensims(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # one of the tests writes into the current folder
    with patch_gensim():
        yield


def test_it_is_this_packages_class_that_is_tested():
    assert test_word2vec.word2vec.Word2Vec is test_similarities.Word2Vec is patching.Word2Vec


class TestWord2VecModel(test_word2vec.TestWord2VecModel):
    def onlineSanity(self, model, trained_model=False):  # noqa: N802
        """gensim's own trainer (hs=1) gives other vectors in every run of two threads, and fails now and then."""
        model.workers = 1
        super().onlineSanity(model, trained_model)


class TestWMD(test_word2vec.TestWMD):
    pass


class TestWord2VecSentenceIterators(test_word2vec.TestWord2VecSentenceIterators):
    pass


class TestWord2VecScripts(test_word2vec.TestWord2VecScripts):
    pass


class TestWmdSimilarity(test_similarities.TestWmdSimilarity):
    pass


class TestWord2VecAnnoyIndexer(test_similarities.TestWord2VecAnnoyIndexer):
    def assertIndexSaved(self, index):  # noqa: N802
        """gensim's own looks for a file ``.d``, where its index writes ``.dict``: it fails with any model."""
        path = get_tmpfile("gensim_similarities.tst.pkl")
        index.save(path)
        assert os.path.exists(path) and os.path.exists(path + ".dict")


class TestWord2VecNmslibIndexer(test_similarities.TestWord2VecNmslibIndexer):
    pass


@pytest.fixture(scope="session")
def all_words(lee):
    """Vectors of every word of the Lee corpus: gensim's tests ask for rare ones."""
    return Word2Vec(lee, vector_size=20, min_count=1).wv


class TestWordEmbeddingSimilarityIndex(test_similarities.TestWordEmbeddingSimilarityIndex):
    @pytest.fixture(autouse=True)
    def trained_here(self, all_words):
        self.vectors = all_words

    def setUp(self):
        pass


class TestKeyedVectors(test_keyedvectors.TestKeyedVectors):
    """Tests that name the neighbours and distances of gensim's own vectors expect here what float64 says of ours."""

    @pytest.fixture(autouse=True)
    def trained_here(self, all_words):
        self.trained = all_words

    def setUp(self):
        super().setUp()
        self.vectors = copy.deepcopy(self.trained)
        unit = self.vectors.vectors.astype(np.float64)
        self.unit = unit / np.linalg.norm(unit, axis=1, keepdims=True)

    def cosines(self, word):
        return self.unit @ self.unit[self.vectors.key_to_index[word]]

    def nearest(self, word, topn):
        """The words nearest to a word, itself among them."""
        return [self.vectors.index_to_key[i] for i in np.argsort(-self.cosines(word), kind="stable")[:topn]]

    def test_most_similar(self):
        found = [word for word, _ in self.vectors.most_similar("war", topn=5)]
        self.assertEqual(found, self.nearest("war", 6)[1:])

    def test_similar_by_word(self):
        found = [word for word, _ in self.vectors.similar_by_word("war", topn=5)]
        self.assertEqual(found, self.nearest("war", 6)[1:])

    def test_most_similar_with_vector_input(self):
        found = [word for word, _ in self.vectors.most_similar([self.vectors["war"]], topn=5)]
        self.assertEqual(found, self.nearest("war", 5))

    def test_similar_by_vector(self):
        found = [word for word, _ in self.vectors.similar_by_vector(self.vectors["war"], topn=5)]
        self.assertEqual(found, self.nearest("war", 5))

    def test_most_similar_to_given(self):
        words = ["terrorism", "call", "waging"]
        nearest = max(words, key=lambda word: self.cosines("war")[self.vectors.key_to_index[word]])
        self.assertEqual(self.vectors.most_similar_to_given("war", words), nearest)

    def test_distance(self):
        expected = 1 - self.cosines("war")[self.vectors.key_to_index["conflict"]]
        self.assertAlmostEqual(self.vectors.distance("war", "conflict"), expected, places=5)
        self.assertAlmostEqual(self.vectors.distance("war", "war"), 0, places=5)

    def test_similarity(self):
        expected = self.cosines("war")[self.vectors.key_to_index["conflict"]]
        self.assertAlmostEqual(self.vectors.similarity("war", "conflict"), expected, places=5)
        self.assertAlmostEqual(self.vectors.similarity("war", "war"), 1, places=5)

    def test_closer_than(self):
        nearest = self.nearest("war", len(self.vectors))
        self.assertEqual(self.vectors.closer_than("war", "war"), [])
        self.assertEqual(
            set(self.vectors.closer_than("war", "terrorism")), set(nearest[1 : nearest.index("terrorism")])
        )

    def test_rank(self):
        self.assertEqual(self.vectors.rank("war", "war"), 1)
        self.assertEqual(
            self.vectors.rank("war", "terrorism"), self.nearest("war", len(self.vectors)).index("terrorism")
        )

    def test_relative_cosine_similarity(self):
        nearest = self.nearest("good", 11)[1:]
        cosines = self.cosines("good")[[self.vectors.key_to_index[word] for word in [*nearest, "nice"]]]
        found = self.vectors.relative_cosine_similarity("good", "nice", 10)
        self.assertAlmostEqual(found, cosines[-1] / cosines[:-1].sum(), places=5)

    def test_get_mean_vector(self):
        words, weights = ["conflict", "administration", "terrorism", "call", "not in the vocabulary"], [1, 2, 3, 1, 2]
        rows = [self.vectors.key_to_index[word] for word in words[:4]]
        np.testing.assert_allclose(self.vectors.get_mean_vector(words), self.unit[rows].mean(axis=0), atol=1e-5)
        weighted = np.average(self.unit[rows], axis=0, weights=weights[:4])
        np.testing.assert_allclose(self.vectors.get_mean_vector(words, weights), weighted, atol=1e-5)
        plain = self.vectors.vectors[rows].mean(axis=0, dtype=np.float64)
        np.testing.assert_allclose(self.vectors.get_mean_vector(words, pre_normalize=False), plain, atol=1e-5)


@pytest.fixture(scope="session")
def languages(lee):
    """The Lee corpus, and the same text with every word spelled backwards, trained from another seed."""
    backwards = [[word[::-1] for word in sentence] for sentence in lee]
    return [
        Word2Vec(sentences, vector_size=300, seed=seed, epochs=10).wv for sentences, seed in ((lee, 1), (backwards, 2))
    ]


class TestTranslationMatrix(test_translation_matrix.TestTranslationMatrix):
    @pytest.fixture(autouse=True)
    def trained_here(self, languages):
        self.source_word_vec, self.target_word_vec = languages

    def setUp(self):
        words = self.source_word_vec.index_to_key
        self.word_pairs = [(word, word[::-1]) for word in words[:400]]
        self.test_word_pairs = [(word, word[::-1]) for word in words[400:404]]
