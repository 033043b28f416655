"""scikit-learn's vectorizers, with word vectors: a document is the weighted mean of its words' vectors.

scikit-learn's own ``CountVectorizer`` and ``TfidfVectorizer`` cut documents and weight words; the vectors are trained
on the documents themselves. Needs the extra ``sklearn``.

Examples
--------
>>> from sklearn.linear_model import LogisticRegression
>>> from sklearn.pipeline import make_pipeline
>>> texts = ["the cat sat with the dog", "the dog ran to the cat", "the car has an engine", "an engine drives the car"]
>>> classifier = make_pipeline(
...     Word2VecVectorizer(vector_size=20, min_count=1, sample=0, epochs=50, random_state=1), LogisticRegression(C=100)
... )
>>> classifier.fit(texts, ["pets", "pets", "cars", "cars"]).predict(["a dog and a cat"]).tolist()
['pets']
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from tfw2v_gensim.process.extras import extra
from tfw2v_gensim.word2vec import Word2Vec

with extra("sklearn"):
    from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
    from sklearn.utils import check_random_state
    from sklearn.utils.validation import check_is_fitted

__all__ = ["Word2VecVectorizer"]

Document = str | bytes | Sequence[str]


class Word2VecVectorizer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Turn documents into the means of their words' vectors, which are trained on them.

    Parameters
    ----------
    strip_accents, lowercase, preprocessor, tokenizer, stop_words, token_pattern, analyzer
        How a document becomes words: as of :class:`sklearn.feature_extraction.text.TfidfVectorizer`. Documents that are
        lists of words already are taken as they are.
    use_idf : bool
        Whether a word's weight in the mean is its tf-idf, or each word counts as often as it is there.
    vector_size, window, min_count, sample, sg, negative, alpha, epochs, loss, prior
        As of :class:`tfw2v_gensim.Word2Vec`. Each document is a sentence.
    random_state : int, numpy.random.RandomState or None
        What the initial vectors, subsampling and noise are drawn by. None draws afresh for every ``fit``.

    Attributes
    ----------
    wv_ : tfw2v_gensim.KeyedVectors
        The word vectors.
    weights_ : sklearn.feature_extraction.text.TfidfVectorizer
        Gives each document its words' weights, which sum to 1; its ``idf_`` are the words'.

    See Also
    --------
    sklearn.feature_extraction.text.TfidfVectorizer : a column for each word.

    Notes
    -----
    ``transform`` needs numpy only. A document without a known word becomes zeros.

    Examples
    --------
    >>> from gensim.test.utils import common_texts
    >>> vectorizer = Word2VecVectorizer(vector_size=20, min_count=1)
    >>> vectorizer.fit_transform(common_texts).shape
    (9, 20)
    >>> vectorizer.transform(["A survey of user interfaces"]).dtype
    dtype('float32')

    """

    def __init__(
        self,
        *,
        strip_accents: str | Callable[[str], str] | None = None,
        lowercase: bool = True,
        preprocessor: Callable[[str], str] | None = None,
        tokenizer: Callable[[str], list[str]] | None = None,
        stop_words: str | list[str] | None = None,
        token_pattern: str = r"(?u)\b\w\w+\b",
        analyzer: str | Callable[[Any], list[str]] = "word",
        use_idf: bool = True,
        vector_size: int = 100,
        window: int = 5,
        min_count: int = 5,
        sample: float = 1e-3,
        sg: int = 0,
        negative: int = 5,
        alpha: float = 0.025,
        epochs: int = 5,
        loss: str = "random_softmax",
        prior: float = 2.5,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.strip_accents = strip_accents
        self.lowercase = lowercase
        self.preprocessor = preprocessor
        self.tokenizer = tokenizer
        self.stop_words = stop_words
        self.token_pattern = token_pattern
        self.analyzer = analyzer
        self.use_idf = use_idf
        self.vector_size = vector_size
        self.window = window
        self.min_count = min_count
        self.sample = sample
        self.sg = sg
        self.negative = negative
        self.alpha = alpha
        self.epochs = epochs
        self.loss = loss
        self.prior = prior
        self.random_state = random_state

    def fit(self, raw_documents: Iterable[Document], y: Any = None) -> Word2VecVectorizer:
        """Train word vectors on documents, and learn how many of these have each word.

        Parameters
        ----------
        raw_documents : iterable of str, or of list of str
        y : object
            Not used.

        Returns
        -------
        Word2VecVectorizer

        Raises
        ------
        ValueError
            If this is one string, or no word is there ``min_count`` times.
        """
        self._train(self._words_of(raw_documents))
        return self

    def fit_transform(self, raw_documents: Iterable[Document], y: Any = None) -> np.ndarray:
        """Do ``fit`` and ``transform`` at once: documents are cut into words only once."""
        documents = self._words_of(raw_documents)
        self._train(documents)
        return self._means(documents)

    def transform(self, raw_documents: Iterable[Document]) -> np.ndarray:
        """Give each document the weighted mean of its words' vectors.

        Parameters
        ----------
        raw_documents : iterable of str, or of list of str

        Returns
        -------
        numpy.ndarray
            float32 ``[number of documents, vector_size]``
        """
        check_is_fitted(self)
        return self._means(self._words_of(raw_documents))

    def _words_of(self, raw_documents: Iterable[Document]) -> list[Sequence[str]]:
        """Cut documents into words."""
        if isinstance(raw_documents, str):
            raise ValueError("Iterable over raw text documents expected, string object received.")
        cut = CountVectorizer(
            strip_accents=self.strip_accents, lowercase=self.lowercase, preprocessor=self.preprocessor,
            tokenizer=self.tokenizer, stop_words=self.stop_words, token_pattern=self.token_pattern,
            analyzer=self.analyzer,
        ).build_analyzer()  # fmt: skip
        are_cut = () if callable(self.analyzer) else (list, tuple)
        return [document if isinstance(document, are_cut) else cut(document) for document in raw_documents]

    def _train(self, documents: list[Sequence[str]]) -> None:
        model = Word2Vec(
            vector_size=self.vector_size, window=self.window, min_count=self.min_count, sample=self.sample, sg=self.sg,
            negative=self.negative, alpha=self.alpha, epochs=self.epochs, loss=self.loss, prior=self.prior,
            seed=check_random_state(self.random_state).randint(np.iinfo(np.int32).max),
        )  # fmt: skip
        model.build_vocab(documents)
        if not len(model.wv):
            raise ValueError(f"empty vocabulary; no word is there min_count={self.min_count} times")
        model.train(documents, total_examples=model.corpus_count, epochs=model.epochs)
        self.wv_ = model.wv
        self.weights_ = TfidfVectorizer(
            analyzer=_as_they_are, lowercase=False, vocabulary=model.wv.key_to_index, use_idf=self.use_idf, norm="l1",
            dtype=np.float32,
        ).fit(documents)  # fmt: skip

    def _means(self, documents: list[Sequence[str]]) -> np.ndarray:
        return self.weights_.transform(documents) @ self.wv_.vectors

    @property
    def _n_features_out(self) -> int:
        return self.wv_.vector_size

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


def _as_they_are(words: Sequence[str]) -> Sequence[str]:
    return words
