"""Probabilities of words, from the logits of a trained model. Numpy only.

Shapes, throughout: ``V`` vocabulary, ``D`` vector size, ``n`` words of a sentence, ``m`` hidden vectors.
"""

from collections.abc import Iterator

import numpy as np

from tfw2v_gensim.training.noise import log_noise_probabilities, log_word_probabilities
from tfw2v_gensim.training.objectives import OBJECTIVES

# Logits that are computed at a time: 32 MiB in float64
_LOGITS_AT_A_TIME = 1 << 22


def logit_offsets(
    loss: str, counts: np.ndarray, ns_exponent: float, sample_int: np.ndarray, starts_from_frequencies: bool = True
) -> np.ndarray:
    """Return what a softmax over the vocabulary adds to the products of hidden vector and softmax weights.

    A loss decides what these products ``h·w`` are at its optimum. With ``p`` the unigram distribution of the trained
    text, ``q`` the noise distribution, and up to a constant that the softmax takes away::

        random_softmax                  h·w = log p(w | context) - log q(w)
        sampled_softmax, nce, softmax   h·w = log p(w | context) - log p(w)

    Training sees the subsampled text, which keeps a word with probability ``keep(w)``, so its ``p(w | context)`` is
    ``keep(w)`` times too small (and the rest is scaled up). The offsets undo both: with them, the softmax gives each
    word's probability in running text.

    Parameters
    ----------
    loss : str
        One of :data:`tfw2v_gensim.training.objectives.OBJECTIVES`.
    counts : numpy.ndarray
        ``[V]`` word counts.
    ns_exponent : float
        See :func:`tfw2v_gensim.training.noise.log_noise_probabilities`.
    sample_int : numpy.ndarray
        uint32 ``[V]``: thresholds of the words that are trained, ``keep(w) * 2**32``.
    starts_from_frequencies : bool
        False for models of an earlier version, whose other losses learnt ``h·w = log p(w | context)``.

    Returns
    -------
    numpy.ndarray
        float64 ``[V]``

    Notes
    -----
    How real the probabilities are, on held-back text: ``tests/benchmarks/calibration.py CORPUS --words 330000
    --sample 0``, English Wikipedia, CBOW, 5 epochs, a vocabulary of 6,084 words; predictions in nine bins, each half a
    power of ten wide; how far the mean prediction is off the frequency of true words:

    ===============  ===========  ==============================================  ==========
    loss             ns_exponent  bins                                            perplexity
    ===============  ===========  ==============================================  ==========
    random_softmax   1            within 19 %, but +50, +26 % in the lowest       336
    random_softmax   0.75         within 23 %, but +168, +80, +36 % in the lowest 342
    random_softmax   0            within 36 %, but +105, +94, +50 % in the lowest 417
    sampled_softmax  0.75         within 25 %, but +61, +84, +30 % in the lowest  396
    nce              0.75         up to 315 % in the lowest, 45 to 73 % above     870
    softmax          (no noise)   within 27 %, but +151, +95, +38 % in the lowest 342
    ===============  ===========  ==============================================  ==========

    So ``ns_exponent=1, sample=0`` is best where probabilities matter. The prior makes predictions less sure: what is
    likely is underrated by a fifth, what is unlikely overrated, and the perplexity lower than without it (347, 363, 486
    and 417 for the random softmax's three rows and the full softmax). Without it, all but the lowest bins of the
    random softmax with 1 and 0.75 were within 11 and 20 %, in a version before there was one.

    Examples
    --------
    >>> keep_half = np.array([2**31, 2**32 - 1], np.uint32)
    >>> np.exp(logit_offsets("softmax", np.array([3, 1]), 1.0, keep_half)).round(6).tolist()  # p(w) / keep(w)
    [1.2, 0.4]
    >>> np.exp(logit_offsets("random_softmax", np.array([3, 1]), 1.0, keep_half)).round(6).tolist()
    [1.5, 0.25]

    """
    log_keep = np.log(np.maximum(sample_int, 1).astype(np.float64) / 2.0**32)
    if OBJECTIVES[loss].learns_noise_ratio:
        return log_noise_probabilities(counts, ns_exponent) - log_keep
    return (log_word_probabilities(counts, sample_int) if starts_from_frequencies else 0.0) - log_keep


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Logarithm of the softmax over the last axis, as float64.

    Examples
    --------
    >>> np.exp(log_softmax(np.log([[1.0, 3.0]]))).round(6).tolist()
    [[0.25, 0.75]]

    """
    logits = logits.astype(np.float64)
    logits -= logits.max(-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def log_probabilities(hidden: np.ndarray, softmax: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Log-probability of every word given each hidden vector.

    Parameters
    ----------
    hidden : numpy.ndarray
        float32 ``[m, D]``
    softmax : numpy.ndarray
        float32 ``[V, D]`` softmax weights.
    offsets : numpy.ndarray
        float64 ``[V]``, see :func:`logit_offsets`.

    Returns
    -------
    numpy.ndarray
        float64 ``[m, V]``
    """
    return log_softmax(hidden @ softmax.T + offsets)


def combine(log_given_each: np.ndarray, log_prior: np.ndarray) -> np.ndarray:
    """Naive Bayes: the probability of a word given several words, from its probabilities given each of them.

    If the given words ``c_i`` depend on each other only through the word ``w``, then Bayes' rule makes of
    ``p(w) * product of p(c_i | w)``::

        p(w | c_1 ... c_m) ∝ product of p(w | c_i) / p(w) ** (m - 1)

    Real neighbours do depend on each other, so the result is too sure of itself where ``m`` is large.

    Parameters
    ----------
    log_given_each : numpy.ndarray
        float64 ``[m, V]``: ``log p(w | c_i)``.
    log_prior : numpy.ndarray
        float64 ``[V]``: ``log p(w)``.

    Returns
    -------
    numpy.ndarray
        float64 ``[V]``

    Examples
    --------
    Two independent witnesses, each for the first word by 3 : 1:

    >>> np.exp(combine(np.log([[0.75, 0.25], [0.75, 0.25]]), np.log([0.5, 0.5]))).round(6).tolist()
    [0.9, 0.1]

    """
    return log_softmax(log_given_each.sum(0) - (len(log_given_each) - 1) * log_prior)


def parts(size: int, vocabulary: int) -> list[slice]:
    """Cut ``range(size)`` into slices so that ``[slice, vocabulary]`` logits fit into memory.

    Examples
    --------
    >>> [(part.start, part.stop) for part in parts(5, 1 << 21)]
    [(0, 2), (2, 4), (4, 5)]

    """
    step = max(1, _LOGITS_AT_A_TIME // max(vocabulary, 1))
    return [slice(start, min(start + step, size)) for start in range(0, size, step)]


def examples(
    rows: np.ndarray, vectors: np.ndarray, window: int, sg: int, cbow_mean: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Every prediction of a sentence: whole windows, no word left out.

    CBOW predicts each word from its context, skip-gram each word of the context from the centre word.

    Parameters
    ----------
    rows : numpy.ndarray
        int64 ``[n]`` rows of the sentence's words.
    vectors : numpy.ndarray
        float32 ``[V, D]`` word vectors.
    window : int
        Words of context on either side.
    sg, cbow_mean : bool
        The architecture, in gensim's terms.

    Yields
    ------
    hidden : numpy.ndarray
        float32 ``[m, D]``, a part of the sentence at a time.
    at, words : numpy.ndarray
        int64: hidden vector ``at[i]`` is to predict word ``words[i]``.

    Examples
    --------
    >>> vectors = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    >>> [(hidden, at, words)] = examples(np.array([0, 1, 1]), vectors, window=1, sg=False, cbow_mean=True)
    >>> hidden.tolist(), at.tolist(), words.tolist()
    ([[0.0, 1.0], [0.5, 0.5], [0.0, 1.0]], [0, 1, 2], [0, 1, 1])
    >>> [(hidden, at, words)] = examples(np.array([0, 1, 1]), vectors, window=1, sg=True, cbow_mean=True)
    >>> at.tolist(), words.tolist()
    ([0, 1, 1, 2], [1, 0, 1, 1])

    """
    if len(rows) < 2:
        return
    offsets = np.array([k for k in range(-window, window + 1) if k])
    for part in parts(len(rows), len(vectors)):
        position = np.arange(part.start, part.stop)[:, None] + offsets
        inside = (position >= 0) & (position < len(rows))
        context = rows[np.where(inside, position, 0)]
        if sg:
            yield vectors[rows[part]], np.nonzero(inside)[0], context[inside]
            continue
        hidden = np.zeros((len(context), vectors.shape[1]), np.float32)
        for words, here in zip(context.T, inside.T, strict=True):
            hidden[here] += vectors[words[here]]
        if cbow_mean:
            hidden /= inside.sum(1, keepdims=True)
        yield hidden, np.arange(len(context)), rows[part]
