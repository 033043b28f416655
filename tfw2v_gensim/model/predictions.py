"""What a trained model says of words in context: probabilities, scores, keywords. Only numpy is needed."""

from __future__ import annotations

import itertools
import logging
import math
from collections.abc import Iterable, Sequence

import numpy as np
from gensim import matutils

from tfw2v_gensim.model.counting import unless_hierarchical
from tfw2v_gensim.model.hooks import GensimHooks
from tfw2v_gensim.training import probabilities
from tfw2v_gensim.training.weights import weights_of

logger = logging.getLogger(__name__)


class Predictions(GensimHooks):
    """The queries of a model that need its softmax weights; formulas: :mod:`tfw2v_gensim.training.probabilities`."""

    @unless_hierarchical
    def predict_output_word(
        self, context_words_list: Iterable[str | int], topn: int = 10
    ) -> list[tuple[str, float]] | None:
        """Probabilities of the word in the middle of a context.

        The probabilities of all words sum to 1: :func:`tfw2v_gensim.training.probabilities.logit_offsets` says how each
        loss's logits become probabilities. Skip-gram gives the probability of a word next to each of the context's
        words; they are combined as in naive Bayes (:func:`tfw2v_gensim.training.probabilities.combine`).

        Parameters
        ----------
        context_words_list : list of (str or int)
            Context words, or their rows in ``wv``. Words that are not in the vocabulary are ignored.
        topn : int
            How many of the most probable words to return.

        Returns
        -------
        list of (str, float) or None
            Words and their probabilities, the most probable first; None if all context words are unknown.

        Examples
        --------
        >>> from gensim.test.utils import common_texts
        >>> from tfw2v_gensim import Word2Vec
        >>> model = Word2Vec(common_texts, vector_size=20, min_count=1)
        >>> predicted = model.predict_output_word(["computer", "system"], topn=len(model.wv))
        >>> print(f"{sum(probability for word, probability in predicted):.4f}")
        1.0000

        """
        if self.cum_table is None:
            raise RuntimeError("the vocabulary must be built before output words can be predicted")
        rows = [self.wv.get_index(word) for word in context_words_list if word in self.wv]
        if not rows:
            logger.warning("All the input context words are out-of-vocabulary for the current model.")
            return None
        hidden = self.wv.vectors[rows]
        if self.sg:
            counts = self.wv.expandos["count"]
            predicted = probabilities.combine(self._log_probabilities(hidden), np.log(counts / counts.sum()))
        else:
            hidden = hidden.mean(axis=0) if self.cbow_mean else hidden.sum(axis=0)
            predicted = self._log_probabilities(hidden[None])[0]
        best = matutils.argsort(predicted, topn=topn, reverse=True)
        return [(self.wv.index_to_key[row], float(np.exp(predicted[row]))) for row in best]

    @unless_hierarchical
    def score(
        self,
        sentences: Iterable[Sequence[str]],
        total_sentences: int = int(1e6),
        chunksize: int = 100,
        queue_factor: int = 2,
        report_delay: float = 1,
    ) -> np.ndarray:
        """Log-probability of each sentence, as the model sees it.

        CBOW: the sum over the words of ``log p(word | its whole window)``. Skip-gram: the sum over all pairs of words
        in a window of ``log p(word | centre word)``. Unknown words are left out first, as in training; a sentence
        of fewer than two known words has nothing to predict, and scores 0.

        Parameters
        ----------
        sentences : iterable of list of str
        total_sentences : int
            Score this many sentences at the most.
        chunksize, queue_factor, report_delay
            For gensim's own trainer (``hs=1``) only.

        Returns
        -------
        numpy.ndarray
            float64 ``[number of sentences]`` (gensim's own, for ``hs=1``: float32).

        Raises
        ------
        RuntimeError
            If there is no vocabulary yet.

        Examples
        --------
        >>> from gensim.test.utils import common_texts
        >>> from tfw2v_gensim import Word2Vec
        >>> model = Word2Vec(common_texts, vector_size=20, min_count=1)
        >>> model.score([["human", "computer"], ["human"]]).shape
        (2,)

        """
        if not self.wv.key_to_index:
            raise RuntimeError("you must first build vocabulary before scoring new data")
        sentences = iter(sentences)
        scores = [self._sentence_score(sentence)[0] for sentence in itertools.islice(sentences, total_sentences)]
        if next(sentences, None) is not None:
            logger.warning("scored %i sentences (set higher total_sentences if you want more)", total_sentences)
        return np.array(scores, np.float64)

    def perplexity(self, sentences: Iterable[Sequence[str]]) -> float:
        """``exp`` of the mean negative log-probability of a prediction: the lower, the better the model knows the text.

        The predictions are those of :meth:`score`: one for each word with CBOW, one for each pair of words with
        skip-gram, so the two architectures do not compare. Nor do two vocabularies: unknown words are left out.

        Parameters
        ----------
        sentences : iterable of list of str

        Returns
        -------
        float
            Between 1 and infinity; a model that knows nothing has about the vocabulary's size.

        Raises
        ------
        ValueError
            If no sentence has two known words.

        Examples
        --------
        >>> from gensim.test.utils import common_texts
        >>> from tfw2v_gensim import Word2Vec
        >>> model = Word2Vec(common_texts, vector_size=20, min_count=1)
        >>> 1 < model.perplexity(common_texts) < 100
        True

        """
        if self.is_gensims:
            # gensim scores a lone word too, given nothing; here that is no prediction
            sentences = [sentence for sentence in sentences if len(self._known(sentence)) > 1]
            total = float(self.score(sentences, len(sentences)).sum(dtype=np.float64))
            predictions = sum(len(words) for sentence in sentences for *_, words in self._examples(sentence))
        else:
            scores = [self._sentence_score(sentence) for sentence in sentences]
            total, predictions = sum(score for score, _ in scores), sum(count for _, count in scores)
        if not predictions:
            raise ValueError("sentences must hold a sentence of at least two known words: there is nothing to predict")
        return math.exp(-total / predictions)

    def keywords(self, words: Iterable[str], topn: int = 10) -> list[tuple[str, float]]:
        """Words of a text that best predict the rest of it.

        A word's score is the sum over all other words of the text of ``log p(other word | word)``, as skip-gram
        gives it: a keyword is a word from which the text could be guessed. With CBOW it is the probability of the
        other word in a context that holds nothing but the word.

        Parameters
        ----------
        words : list of str
            The text. Words that are not in the vocabulary are ignored.
        topn : int
            How many words to return.

        Returns
        -------
        list of (str, float)
            Distinct words of the text and their scores, the best first.

        Raises
        ------
        RuntimeError
            If the model is gensim's own (``hs=1`` or ``negative=0``).

        References
        ----------
        Su Jianlin, "【不可思议的Word2Vec】 3.提取关键词" (2017), https://kexue.fm/archives/4316. There the sum also
        has the term of the word with itself.

        Examples
        --------
        >>> from gensim.test.utils import common_texts
        >>> from tfw2v_gensim import Word2Vec
        >>> model = Word2Vec(common_texts, vector_size=20, min_count=1, sg=1)
        >>> len(model.keywords(["graph", "minors", "survey", "graph"], topn=2))
        2

        """
        if self.is_gensims:
            raise RuntimeError("keywords needs a model trained with noise: hs=0 and negative > 0")
        rows = self._known(words)
        distinct = np.unique(rows)
        scores = np.zeros(len(distinct))
        for part in probabilities.parts(len(distinct), len(self.wv)):
            predicted = self._log_probabilities(self.wv.vectors[distinct[part]])
            own = predicted[np.arange(len(predicted)), distinct[part]]
            scores[part] = predicted[:, rows].sum(axis=1) - own
        best = np.argsort(-scores, kind="stable")[:topn]
        return [(self.wv.index_to_key[distinct[i]], float(scores[i])) for i in best]

    def _known(self, words):
        """Rows of the words that are in the vocabulary, int64."""
        return np.array([self.wv.key_to_index[word] for word in words if word in self.wv.key_to_index], np.int64)

    def _log_probabilities(self, hidden):
        """Log-probability of every word, float64 ``[m, V]``, given hidden vectors, float32 ``[m, D]``."""
        counts = self.wv.expandos["count"]
        offsets = probabilities.logit_offsets(
            self.loss, counts, self.ns_exponent, self._settings().trained_int,
            self.starts_from_frequencies,
        )  # fmt: skip
        weights = weights_of(self)
        softmax = weights.vectors if weights.softmax is None else weights.softmax
        return probabilities.log_probabilities(hidden * weights.factors, softmax, offsets)

    def _examples(self, sentence):
        return probabilities.examples(self._known(sentence), self.wv.vectors, self.window, self.sg, self.cbow_mean)

    def _sentence_score(self, sentence):
        """Sum of a sentence's log-probabilities, and their number."""
        total, predictions = 0.0, 0
        for hidden, at, words in self._examples(sentence):
            total += float(self._log_probabilities(hidden)[at, words].sum())
            predictions += len(words)
        return total, predictions
