"""The learning rate that an alpha on gensim's scale stands for, and the prior that holds the vectors back."""

from __future__ import annotations

import numpy as np

# gensim's default alpha, 0.025, stands for these rates: a row's move by its summed gradient. With the prior they are
# right for corpora of all sizes and any number of epochs. Skip-gram's rows sum up a pair for each word of a window.
USUAL_RATE, USUAL_RATE_OF_SKIPGRAM = 0.125, 0.0625
USUAL_ALPHA = 0.025

# Higher ones are taken for this one: at CBOW's rate of 0.2 no arguments were found that diverge, beyond it some were
HIGHEST_ALPHA = 0.04


def rate_per_alpha(sg: int) -> float:
    """Return the rate that an alpha of 1 stands for.

    Examples
    --------
    >>> rate_per_alpha(sg=0)
    5.0

    """
    return (USUAL_RATE_OF_SKIPGRAM if sg else USUAL_RATE) / USUAL_ALPHA


# Up to so many neighbours of the mean word, `prior` stands as it is given: about those of 2 million words of text
USUAL_NEIGHBOURS = 256.0

# Words of a sparse graph have so few neighbours that their pull would be stronger than this. From 2 on, a row that a
# block uses several times is thrown beyond 0, further each time: a graph of three edges a node diverged at 2.5.
LARGEST_PULL = 1.0


def pull(prior: float, distinct_neighbours: np.ndarray, trained: np.ndarray) -> np.ndarray | None:
    """Return how strongly each word is pulled towards 0 whenever it is trained as the centre.

    A Gaussian prior on the rows: ``pull[w] * row`` is added to the gradient of the word's row. The same prior for all
    words would pull each time with ``1 / n`` for a word that occurs n times. But it must stand just above the noise
    that a row's gradient sums up, and n independent examples sum to about the root of n, so that within a corpus it is
    ``1 / sqrt(n)``. From one large corpus to another, nothing speaks against the former, and the other root is the
    mean word's::

        pull[w] = prior / sqrt(n[w]) * sqrt(256 / max(mean, 256))    and 1 at the most

    where the mean is geometric, over the words trained. Examples that repeat are not independent: n is the number of
    different words that stand next to the word. Of a graph's nodes the mean has some 15, of the words of 2 million
    words of text 263, of 17 million 705. Below 256, a stronger pull would serve graphs, but keep short texts from
    being learnt in a few epochs.

    Parameters
    ----------
    prior : float
        Strength; 0 for no prior.
    distinct_neighbours : numpy.ndarray
        float ``[V]``, see :mod:`tfw2v_gensim.text.neighbours`.
    trained : numpy.ndarray
        float ``[V]``: how often an epoch trains each word, on average.

    Returns
    -------
    numpy.ndarray or None
        float32 ``[V]``

    References
    ----------
    Salakhutdinov and Srebro, "Collaborative filtering in a non-uniform world" (2010); Rendle, Krichene, Zhang and
    Koren, "Revisiting the performance of iALS on item recommendation benchmarks" (2022), whose regularisation scales
    with how often an item is seen, by an exponent between those of a plain prior and of weight decay.

    Examples
    --------
    >>> pull(2.0, np.array([256, 4096, 1]), np.array([3, 3, 0])).tolist()
    [0.0625, 0.015625, 1.0]

    """
    if not prior:
        return None
    neighbours = np.maximum(distinct_neighbours, 1.0)
    mean = max(np.exp(np.dot(np.log(neighbours), trained) / max(trained.sum(), 1.0)), USUAL_NEIGHBOURS)
    return np.minimum(prior * np.sqrt(USUAL_NEIGHBOURS / mean / neighbours), LARGEST_PULL).astype(np.float32)
