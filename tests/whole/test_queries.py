"""gensim's evaluations, indexes and queries, each on a model that this package trained."""

import numpy as np
import pytest
from gensim.corpora import Dictionary
from gensim.similarities import SoftCosineSimilarity, SparseTermSimilarityMatrix, WordEmbeddingSimilarityIndex
from gensim.test.utils import datapath

from tfw2v_gensim import Word2Vec

NUMBERS, PETS = ["one", "two", "three", "four", "five"], ["cat", "dog", "mouse", "bird", "fish"]


@pytest.fixture(scope="module")
def wv():
    generator = np.random.default_rng(1)
    groups = [group for _ in range(300) for group in (NUMBERS, PETS)]
    sentences = [list(generator.choice(group, 6)) for group in groups]
    return Word2Vec(sentences, vector_size=20, window=3, sample=0, min_count=1).wv


def test_most_similar(wv):
    assert {word for word, _ in wv.most_similar("cat", topn=4)} == set(PETS) - {"cat"}


def test_doesnt_match(wv):
    assert wv.doesnt_match(["one", "two", "cat", "five"]) == "cat"


def test_n_similarity(wv):
    assert wv.n_similarity(["one", "two"], ["three", "four"]) > wv.n_similarity(["one", "two"], ["cat", "dog"]) + 0.3


def test_wmdistance(wv):
    pytest.importorskip("ot", reason="needs the extra 'wmd'")
    assert wv.wmdistance(["one", "two"], ["one", "two"]) == pytest.approx(0.0, abs=1e-6)
    assert wv.wmdistance(["one", "two"], ["three", "four"]) < wv.wmdistance(["one", "two"], ["cat", "dog"])


def test_evaluate_word_analogies(wv, tmp_path):
    (tmp_path / "questions").write_text(": pets\none cat two dog\none cat three unknown\n: empty\n")
    score, sections = wv.evaluate_word_analogies(str(tmp_path / "questions"))
    answered = sections[0]["correct"] + sections[0]["incorrect"]
    assert answered == [("ONE", "CAT", "TWO", "DOG")]
    assert score == len(sections[0]["correct"])


def test_evaluate_word_pairs(wv, tmp_path):
    pairs = [(a, b, 10) for a in NUMBERS for b in NUMBERS if a < b] + [(a, b, 1) for a in NUMBERS for b in PETS]
    (tmp_path / "pairs").write_text("".join(f"{a}\t{b}\t{score}\n" for a, b, score in [*pairs, ("one", "unknown", 3)]))
    pearson, spearman, unknown = wv.evaluate_word_pairs(str(tmp_path / "pairs"))
    assert pearson[0] > 0.7 and spearman[0] > 0.7
    assert unknown == pytest.approx(100 / (len(pairs) + 1))


def test_standard_evaluations_run_on_the_lee_corpus(lee):
    wv = Word2Vec(lee, vector_size=20).wv
    _, sections = wv.evaluate_word_analogies(datapath("questions-words.txt"))
    assert sum(len(section["correct"]) + len(section["incorrect"]) for section in sections[:-1]) > 0
    assert 0 < wv.evaluate_word_pairs(datapath("wordsim353.tsv"))[2] < 100


def test_term_similarity_index(wv):
    dictionary = Dictionary([NUMBERS, PETS])
    similarities = SparseTermSimilarityMatrix(WordEmbeddingSimilarityIndex(wv), dictionary)
    documents = [dictionary.doc2bow(words) for words in (["two", "three"], ["dog", "bird"])]
    numbers, pets = SoftCosineSimilarity(documents, similarities)[dictionary.doc2bow(["one", "four"])]
    assert numbers > pets


def test_annoy_indexer(wv):
    pytest.importorskip("annoy")
    from gensim.similarities.annoy import AnnoyIndexer

    exact = [word for word, _ in wv.most_similar("cat", topn=4)]
    assert [word for word, _ in wv.most_similar("cat", topn=4, indexer=AnnoyIndexer(wv, 20))][1:] == exact[:3]
