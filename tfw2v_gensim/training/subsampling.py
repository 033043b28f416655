"""Subsampling: how many of its occurrences a frequent word keeps, in gensim and, fewer yet, in training."""

from __future__ import annotations

import numpy as np

# A word of a larger share of the text than so many times the mean word's is thinned out, but none of a share below the
# lowest threshold that Mikolov et al. (2013) use. By the lower one, of 2 million words, skip-gram loses 1.5 points of
# the analogies, and CBOW with softmax weights of its own 3
THINNED_FROM_MEANS, THINNED_FROM_MEANS_OF_SHARED_CBOW = 10.0, 3.0
LOWEST_THRESHOLD = 1e-5


def kept_share(frequencies: np.ndarray, threshold: float) -> np.ndarray:
    """Return the probability with which subsampling keeps words, float64 ``[V]``, not cut off at 1.

    A word that is ``f`` times as frequent as a threshold, both counts or both shares of the text, stays with
    probability ``(sqrt(f) + 1) / f``, as word2vec has it.

    Examples
    --------
    >>> kept_share(np.array([100.0, 4.0]), threshold=4.0).tolist()
    [0.24, 2.0]

    """
    return (np.sqrt(frequencies / threshold) + 1) * (threshold / frequencies)


def kept_shares(counts: np.ndarray, sample: float) -> np.ndarray:
    """Return the probability with which each word is kept by gensim's subsampling, float64 ``[V]``.

    See :func:`kept_share`; ``sample`` is the threshold as a share of the text, or, from 1 on, a count (gensim's own
    extension).

    Examples
    --------
    >>> kept_shares(np.array([900, 99, 1]), sample=0.1).round(3).tolist()
    [0.444, 1.0, 1.0]
    >>> kept_shares(np.array([900, 99, 1]), sample=0).tolist()
    [1.0, 1.0, 1.0]

    """
    if not sample:
        threshold = float(counts.sum())
    elif sample < 1.0:
        threshold = sample * float(counts.sum())
    else:
        threshold = float(int(sample * (3 + np.sqrt(5)) / 2))
    return np.minimum(kept_share(counts, threshold), 1.0)


def thinned(
    sample_int: np.ndarray, counts: np.ndarray, from_means: float = THINNED_FROM_MEANS, novelty: float = 1.0
) -> np.ndarray:
    """Thin frequent words out further than ``sample`` does, for training alone: they cost time and teach little.

    By word2vec's own formula: a word whose share of the text is ``f`` stays with probability
    ``(sqrt(f / t) + 1) t / f``, with ``t = max(1e-5, from_means / V) / novelty``: a small vocabulary, where all words
    are frequent, keeps them, and so does a graph, whose hubs say much of their neighbours. ``sample=0`` keeps all words
    here, too.

    Parameters
    ----------
    sample_int : numpy.ndarray
        uint32 ``[V]``: gensim's subsampling thresholds. A word is kept with probability ``sample_int / 2**32``.
    counts : numpy.ndarray
        ``[V]`` word counts.
    from_means : float
        Where thinning begins, as a multiple of the mean word's share of the text.
    novelty : float
        See :func:`tfw2v_gensim.text.neighbours.novelty`.

    Returns
    -------
    numpy.ndarray
        uint32 ``[V]``, nowhere larger than ``sample_int``.

    Examples
    --------
    >>> counts = np.array([500, 30, 20] + [1] * 900)
    >>> every, most = np.full(903, 2**32 - 1, np.uint32), np.full(903, 2**31, np.uint32)
    >>> (thinned(most, counts)[:4] / 2**32).round(2).tolist()
    [0.21, 0.5, 0.5, 0.5]
    >>> bool((thinned(every, counts) == every).all())  # sample=0
    True

    """
    if (sample_int == sample_int.max(initial=0)).all() and sample_int.max(initial=0) == 2**32 - 1:
        return sample_int
    share = np.maximum(counts, 1) / max(counts.sum(), 1)
    from_share = max(LOWEST_THRESHOLD, from_means / len(counts)) / novelty
    stays = kept_share(share, from_share)
    return np.minimum(sample_int, np.minimum(stays * 2.0**32, 2.0**32 - 1)).astype(np.uint32)
