"""The vectorizer is an estimator of scikit-learn's like others, and its means are what it says."""

import pickle

import numpy as np
import pytest
from processes import python
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.sklearn import Word2VecVectorizer

SMALL = dict(vector_size=20, min_count=2, sample=0, epochs=3, random_state=1)


@pytest.fixture(scope="module")
def documents(lee):
    return [" ".join(sentence[:40]) for sentence in lee[:40]]


@pytest.fixture(scope="module")
def fitted(documents):
    return Word2VecVectorizer(**SMALL).fit(documents)


@parametrize_with_checks([Word2VecVectorizer(vector_size=2, min_count=1, epochs=1)])
def test_scikit_learns_own_checks_pass(estimator, check):
    check(estimator)


def test_its_input_is_text():
    tags = Word2VecVectorizer().__sklearn_tags__()
    assert tags.input_tags.string and not tags.input_tags.two_d_array and not tags.input_tags.sparse


def test_a_document_is_the_mean_of_its_words_weighted_by_tf_idf(documents, fitted):
    tfidf = TfidfVectorizer(vocabulary=fitted.wv_.key_to_index).fit(documents)
    weights = tfidf.transform(documents).toarray()
    expected = weights / weights.sum(axis=1, keepdims=True) @ fitted.wv_.vectors
    assert fitted.transform(documents).dtype == np.float32
    np.testing.assert_allclose(fitted.transform(documents), expected, rtol=1e-4, atol=1e-6)


def test_without_idf_it_is_the_plain_mean(documents):
    vectorizer = Word2VecVectorizer(**SMALL, use_idf=False).fit(documents)
    words = ["police", "new", "new"]
    np.testing.assert_allclose(
        vectorizer.transform(["police new NEW"])[0], vectorizer.wv_[words].mean(axis=0), atol=1e-6
    )


def test_the_vectors_are_those_that_word2vec_trains_on_the_documents_words(documents, fitted):
    words = [TfidfVectorizer().build_analyzer()(document) for document in documents]
    seed = np.random.RandomState(1).randint(2**31 - 1)
    model = Word2Vec(words, vector_size=20, min_count=2, sample=0, epochs=3, seed=seed)
    assert model.wv.index_to_key == fitted.wv_.index_to_key
    assert (model.wv.vectors == fitted.wv_.vectors).all()


def test_fit_transform_is_fit_and_transform(documents, fitted):
    assert (clone(fitted).fit_transform(documents) == fitted.transform(documents)).all()


def test_documents_that_are_lists_of_words_are_taken_as_they_are(documents, fitted):
    words = [TfidfVectorizer().build_analyzer()(document) for document in documents]
    vectorizer = clone(fitted).fit(iter(words))
    assert (vectorizer.wv_.vectors == fitted.wv_.vectors).all()
    assert (vectorizer.transform(map(tuple, words)) == fitted.transform(documents)).all()
    assert not vectorizer.transform([["POLICE"]]).any()  # words are words: nothing is made lower case


@pytest.mark.parametrize(
    "how, words",
    [
        (dict(analyzer="char"), set("the police")),
        (dict(lowercase=False), {"The", "police"}),
        (dict(stop_words="english"), {"police"}),
        (dict(tokenizer=str.split, token_pattern=None), {"the", "police!"}),
        (dict(analyzer=lambda document: document["words"]), {"the police"}),
    ],
    ids=["characters", "case", "stop words", "tokenizer", "analyzer"],
)
def test_documents_are_cut_as_scikit_learn_does(how, words):
    document = {"words": ["the police"]} if callable(how.get("analyzer")) else "The police!"
    vectorizer = Word2VecVectorizer(vector_size=2, min_count=1, epochs=1, sample=0, **how).fit([document] * 3)
    assert words <= set(vectorizer.wv_.index_to_key)
    assert len(words) == len(vectorizer.wv_) or how.get("analyzer") == "char"


def test_a_document_without_a_known_word_is_zeros(fitted):
    assert not fitted.transform(["", "qwertyuiop"]).any()


def test_columns_have_names(fitted, documents):
    names = fitted.get_feature_names_out()
    assert names[0] == "word2vecvectorizer0" and len(names) == 20


def test_it_pickles_and_the_pickle_transforms_without_tensorflow(fitted, documents, tmp_path):
    (tmp_path / "fitted").write_bytes(pickle.dumps(fitted))
    np.save(tmp_path / "expected.npy", fitted.transform(documents[:3]))
    ended = python(f"""
import sys
sys.modules["tensorflow"] = None
import numpy, pickle
fitted = pickle.load(open({str(tmp_path / "fitted")!r}, "rb"))
assert (fitted.transform({documents[:3]!r}) == numpy.load({str(tmp_path / "expected.npy")!r})).all()
""")
    assert ended.returncode == 0, ended.stderr


def test_it_is_searched_in_a_pipeline(documents):
    classes = np.arange(len(documents)) % 2
    pipeline = Pipeline([("vectors", Word2VecVectorizer(**SMALL)), ("classifier", LogisticRegression())])
    search = GridSearchCV(pipeline, {"vectors__vector_size": [4, 8]}, cv=2, error_score="raise")
    search.fit(documents, classes)
    sizes = [parameters["vectors__vector_size"] for parameters in search.cv_results_["params"]]
    assert sizes == [4, 8]
    assert search.best_estimator_[0].wv_.vector_size == search.best_params_["vectors__vector_size"]


def test_one_string_and_too_few_words_are_errors(documents):
    with pytest.raises(ValueError, match="string object received"):
        Word2VecVectorizer().fit(documents[0])
    with pytest.raises(ValueError, match="empty vocabulary; no word is there min_count=5 times"):
        Word2VecVectorizer().fit(["few words"])


def test_without_scikit_learn_the_error_says_what_to_install():
    ended = python("import sys; sys.modules['sklearn'] = None; import tfw2v_gensim; import tfw2v_gensim.sklearn")
    assert 'sklearn is not installed: pip install "tfw2v_gensim[sklearn]"' in ended.stderr
