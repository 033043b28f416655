"""The noise distribution q(w) ∝ count(w) ** ns_exponent: draws from it, and its logarithm. Numpy only."""

import math

import numpy as np

# Slots of the draw table a word, as in word2vec's own unigram table; bounded to 8 MiB x 4 bytes.
_SLOTS_PER_WORD = 64
_FEWEST_SLOTS, _MOST_SLOTS = 1 << 16, 1 << 23


def log_noise_probabilities(counts: np.ndarray, ns_exponent: float) -> np.ndarray:
    """Logarithm of the probability that a noise draw is each word.

    Parameters
    ----------
    counts : numpy.ndarray
        ``[V]`` word counts, at least 1 each.
    ns_exponent : float
        1 draws words as often as the corpus has them, 0 draws all alike, a negative value prefers the rare.

    Returns
    -------
    numpy.ndarray
        float64 ``[V]``, natural logarithms.

    Examples
    --------
    >>> np.exp(log_noise_probabilities(np.array([8, 4, 4]), 1.0)).round(6).tolist()
    [0.5, 0.25, 0.25]

    """
    scaled = float(ns_exponent) * np.log(np.maximum(np.asarray(counts, np.float64), 1.0))
    highest = scaled.max(initial=0.0)
    return scaled - highest - np.log(np.exp(scaled - highest).sum())


def log_word_probabilities(counts: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Logarithm of each word's share of the text that is trained: the unigram distribution p(w).

    Parameters
    ----------
    counts : numpy.ndarray
        ``[V]`` word counts; 0 is taken for 1.
    thresholds : numpy.ndarray
        uint32 ``[V]``: a word is trained with probability ``thresholds / 2**32``.

    Returns
    -------
    numpy.ndarray
        float64 ``[V]``, natural logarithms.

    Examples
    --------
    >>> np.exp(log_word_probabilities(np.array([6, 4]), np.array([2**31, 2**32 - 1]))).round(3).tolist()
    [0.429, 0.571]

    """
    trained = np.maximum(counts, 1.0) * (np.maximum(thresholds, 1.0) / 2.0**32)
    return np.log(trained) - np.log(trained.sum())


def log_expected_counts(counts: np.ndarray, ns_exponent: float, noise: int) -> np.ndarray:
    """Logarithm of how often each word is expected among so many noise words, float64 ``[V]``.

    Examples
    --------
    >>> np.exp(log_expected_counts(np.array([8, 4, 4]), 1.0, noise=2)).round(6).tolist()
    [1.0, 0.5, 0.5]

    """
    return log_noise_probabilities(counts, ns_exponent) + math.log(noise)


def cumulative_table(shares: np.ndarray, domain: int) -> np.ndarray:
    """Share ``domain`` numbers out among the words: up to which each has its own, uint32 ``[V]``, as in gensim.

    Examples
    --------
    >>> cumulative_table(np.array([8.0, 4.0, 4.0]), domain=100).tolist()
    [50, 75, 100]

    """
    up_to = np.cumsum(shares)
    return np.rint(up_to / up_to[-1:] * domain).astype(np.uint32)


class NoiseTable:
    """A table of word ids in which every word fills a share of slots close to its noise probability.

    Drawing is then one random index and one look-up (Mikolov's word2vec.c draws its negative words this way).

    Parameters
    ----------
    counts : numpy.ndarray
        ``[V]`` word counts.
    ns_exponent : float
        See :func:`log_noise_probabilities`.

    Examples
    --------
    >>> table = NoiseTable(np.array([8, 4, 4]), ns_exponent=1.0)
    >>> ids = table.draw(np.random.default_rng(1), (1000,))
    >>> bool(abs((ids == 0).mean() - 0.5) < 0.05)
    True

    """

    def __init__(self, counts: np.ndarray, ns_exponent: float) -> None:
        size = int(np.clip(_SLOTS_PER_WORD * len(counts), _FEWEST_SLOTS, _MOST_SLOTS))
        # a word that was added without a count is in no text, and no noise
        shares = np.exp(log_noise_probabilities(counts, ns_exponent)) * (np.asarray(counts) > 0)
        slots = np.diff(cumulative_table(shares, size), prepend=0)
        self.slots = np.repeat(np.arange(len(counts), dtype=np.int32), slots)

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Draw word ids, int32, of the given shape from a ``numpy.random.Generator``."""
        return self.slots[generator.integers(0, len(self.slots), shape, dtype=np.int32)]

    def of_round(self, generator: np.random.Generator, shape: tuple[int, ...], uses: int) -> np.ndarray:
        """Draw the noise words of a round's blocks.

        Parameters
        ----------
        generator : numpy.random.Generator
        shape : tuple of int
            ``(K, R, ...)``: K blocks of R replicas.
        uses : int
            How often each word that is drawn is used, on average: each replica takes its words from a list of its own
            that is so many times shorter, itself drawn. Every single word still has its noise probability.

        Returns
        -------
        numpy.ndarray
            int32, of that shape.
        """
        if uses == 1:
            return self.draw(generator, shape)
        replicas = shape[1]
        lists = self.draw(generator, (replicas, max(1, math.prod(shape) // (replicas * uses))))
        which = generator.integers(0, lists.shape[1], shape, dtype=np.int32)
        return lists[np.arange(replicas).reshape(-1, *[1] * (len(shape) - 2)), which]


class EveryWord:
    """In place of a :class:`NoiseTable`: every pool is the whole vocabulary, for the full softmax."""

    def of_round(self, generator: np.random.Generator, shape: tuple[int, ...], uses: int) -> np.ndarray:
        """Give the word ids 0, 1, 2 and so on along the last axis, int32, of the given shape; nothing is random."""
        return np.broadcast_to(np.arange(shape[-1], dtype=np.int32), shape).copy()
