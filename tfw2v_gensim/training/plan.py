"""How a training is laid out: its rate, its noise, the shape of its blocks, its replicas, and its windows.

Nothing here looks at the machine, so that the result does not depend on it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from tfw2v_gensim.text.neighbours import novelty
from tfw2v_gensim.training.blocks import BlockShape, distance_weights
from tfw2v_gensim.training.noise import EveryWord, NoiseTable, log_expected_counts, log_word_probabilities
from tfw2v_gensim.training.objectives import OBJECTIVES, Objective
from tfw2v_gensim.training.rates import pull, rate_per_alpha
from tfw2v_gensim.training.subsampling import THINNED_FROM_MEANS, THINNED_FROM_MEANS_OF_SHARED_CBOW, thinned

# Words of a block, at the most: what a step works on then stays in a processor core's own cache. Learning needs some
# hundred steps an epoch, so that small corpora have smaller ones, down to 16 words.
BLOCK_WORDS = 1 << 10
STEPS_PER_EPOCH = 400
FEWEST_WORDS = 1 << 4

# Streams of a block, and how far apart its rows are that share noise words: further than a usual window reaches, for
# neighbours must not. In skip-gram, each window shares them already.
STREAMS = 8
ROWS_APART_OF_CBOW = 16
ROWS_APART_OF_SKIPGRAM = 32

# Replicas by the words that an epoch trains, at the least. One learns best: 2 million words of text have 17.1 % of the
# analogies right with one, 16.3 with two, in about the same time: a step uses several threads, too.
# A word takes skip-gram twice as long.
REPLICAS = {1: 0, 2: 2e6, 4: 5e6, 8: 6.5e6}
WORK_OF_SKIPGRAM = 2

# Noise words of a shared pool for each that gensim's `negative` asks for. They come in multiples of
# a vector register
NOISE_PER_NEGATIVE = 5
FEWEST_NOISE = 16
NOISE_MULTIPLE = 8

# Skip-gram's windows narrow from one epoch to the next, from so many times `window` to so many: wide ones tell what
# belongs together, narrow ones, at the end, what is alike. CBOW gains nothing by it, and graphs, where little is new,
# lose.
WIDE_AT_FIRST, NARROW_AT_LAST = 1.3, 0.2

# Words that a replica trains between two merges, at the most, and how many merges an epoch has at the least. One that
# is alone has nothing to merge: then they are what Python is entered for once.
WORDS_BETWEEN_MERGES = 1 << 17
WORDS_OF_ONE = 1 << 18
ROUNDS_PER_EPOCH = 16

# Several machines share out an epoch's blocks; each trains as many between two merges as let them merge so many times.
MERGES_PER_EPOCH = 20

# Of a large vocabulary hardly a noise word is drawn twice in a round, and to fetch its row and to merge it takes longer
# than to train it. There, several pools of CBOW use each that is drawn: one more for so many words it has, 4 at the
# most. Skip-gram, whose pools serve a window's examples each, loses 4 points of the analogies by that.
WORDS_PER_USE = 1 << 14
MOST_USES = 4

# Words that are cut into blocks at a time, at least: numpy's calls are too dear for few
SLAB_WORDS = 1 << 18

# And at the most, whatever few of a text's words are trained: they take some 100 MiB while they are cut
MOST_SLAB_WORDS = 1 << 22

# The full softmax holds a logit of every word for every word of a block: 1 GiB a copy at this size
LARGEST_SOFTMAX = 1 << 15


# Settings that are attributes of a model, by the same names
SETTINGS_OF_MODEL = (
    "train_count", "window", "shrink_windows", "sg", "cbow_mean", "negative", "negative_sharing", "ns_exponent", "loss",
    "shared_softmax", "prior", "alpha", "epochs",
)  # fmt: skip


class Settings(NamedTuple):
    """What of a model its training depends on, beside the weights.

    Attributes
    ----------
    counts : numpy.ndarray
        ``[V]`` word counts.
    sample_int : numpy.ndarray
        uint32 ``[V]``: gensim's subsampling thresholds. A word is kept with probability ``sample_int / 2**32``.
    distinct_neighbours : numpy.ndarray
        float ``[V]``: how many different words stand next to each, see :mod:`tfw2v_gensim.text.neighbours`.
    corpus_words : int
        Words of the corpus that they were counted in, unknown ones included; 0 where nobody knows.
    train_count : int
        Calls of ``train`` before this one.
    window, shrink_windows, sg, cbow_mean, negative, negative_sharing, ns_exponent, loss, shared_softmax, prior, alpha, epochs, seed
        As of :class:`tfw2v_gensim.Word2Vec`.
    """  # noqa: E501

    counts: np.ndarray
    sample_int: np.ndarray
    distinct_neighbours: np.ndarray
    corpus_words: int
    train_count: int
    window: int
    shrink_windows: bool
    sg: int
    cbow_mean: int
    negative: int
    negative_sharing: int
    ns_exponent: float
    loss: str
    shared_softmax: bool
    prior: float
    alpha: float
    epochs: int
    seed: int

    @property
    def objective(self) -> Objective:
        """The loss's traits."""
        return OBJECTIVES[self.loss]

    @property
    def novelty(self) -> float:
        """How much of the corpus is new where a text would be, see :func:`tfw2v_gensim.text.neighbours.novelty`."""
        return novelty(self.counts, self.distinct_neighbours)

    @property
    def trained_int(self) -> np.ndarray:
        """Thresholds of the words that are trained, see :func:`tfw2v_gensim.training.subsampling.thinned`."""
        is_shared_cbow = self.shared_softmax and not self.sg
        from_means = THINNED_FROM_MEANS_OF_SHARED_CBOW if is_shared_cbow else THINNED_FROM_MEANS
        return thinned(self.sample_int, self.counts, from_means, self.novelty)

    @property
    def trained(self) -> np.ndarray:
        """How often an epoch over the corpus trains each word, on average."""
        return self.counts * (self.trained_int / 2.0**32)


class Plan(NamedTuple):
    """How an epoch is trained.

    Attributes
    ----------
    shape : tfw2v_gensim.training.blocks.BlockShape
    slab_words : int
        Words that are read at a time: a round's worth, or several; less of a text of which few words are trained.
    noise : tfw2v_gensim.training.noise.NoiseTable or EveryWord
    corrections : numpy.ndarray or None
        float32 ``[V]``: what is taken from each word's logit, see :func:`corrections`; None where nothing is.
    pull : numpy.ndarray or None
        float32 ``[V]``: the prior, see :func:`tfw2v_gensim.training.rates.pull`; None without one.
    rate_per_alpha : float
    distance_weights : numpy.ndarray
        float32 ``[window]``, see :func:`tfw2v_gensim.training.blocks.distance_weights`.
    """

    shape: BlockShape
    slab_words: int
    noise: NoiseTable | EveryWord
    corrections: np.ndarray | None
    pull: np.ndarray | None
    rate_per_alpha: float
    distance_weights: np.ndarray


def plan_of(settings: Settings, machines: int = 1, progress: float = 0.5) -> Plan:
    """Lay out an epoch.

    Parameters
    ----------
    settings : Settings
    machines : int
        Machines that train together.
    progress : float
        Share of the training that is done in the middle of the epoch.
    """
    trained = settings.trained
    words_trained = float(trained.sum())
    shape = block_shape(
        words_trained, len(settings.counts), settings.negative, settings.negative_sharing, settings.sg, machines,
        settings.novelty,
    )  # fmt: skip
    noise: NoiseTable | EveryWord
    if settings.objective.takes_every_word:
        shape = shape._replace(pools=1, rows_per_pool=shape.length, noise=len(settings.counts))
        noise = EveryWord()
    else:
        noise = NoiseTable(settings.counts, settings.ns_exponent)
    per_round = shape.streams * shape.length * shape.blocks * shape.replicas
    rounds = max(1, SLAB_WORDS // per_round) if machines == 1 else 1  # machines share out slabs
    slab_words = math.ceil((rounds - 0.05) * per_round * max(1.0, settings.corpus_words / max(words_trained, 1.0)))
    slab_words = min(slab_words, MOST_SLAB_WORDS)
    prior = pull(settings.prior, settings.distinct_neighbours, trained)
    return Plan(
        shape, slab_words, noise, corrections(settings, shape.noise), prior, rate_per_alpha(settings.sg),
        distance_weights(settings.window, settings.shrink_windows, window_width(settings, progress)),
    )  # fmt: skip


def window_width(settings: Settings, progress: float) -> float:
    """Return how wide the windows of an epoch are, in words on either side, given the share of the training done.

    Those of skip-gram narrow, the more so the more of the corpus is new: a text's, not a graph's.

    References
    ----------
    Yang and Ding, "Learning Word Embedding with Better Distance Weighting and Window Size Scheduling" (2024), whose
    windows of skip-gram have one size an epoch, too.
    """
    change = WIDE_AT_FIRST - 1 + (NARROW_AT_LAST - WIDE_AT_FIRST) * progress
    return settings.window * (1 + settings.novelty * change) if settings.sg else settings.window


def corrections(settings: Settings, noise: int) -> np.ndarray | None:
    """Return what is taken from each word's logit before the loss, float32 ``[V]``; None for the random softmax.

    A logit is the product of hidden vector and softmax weights, plus ``log p(w)``, the word's share of the text: a
    model of zeros predicts the unigram distribution, which is normalised as NCE needs it. From that, the losses whose
    noise is drawn take ``log Q(w)``, how often the word is expected among the noise. The random softmax adds and takes
    nothing: its weights learn ``log p(w | context) - log q(w)``.

    Parameters
    ----------
    settings : Settings
    noise : int
        Noise words that are drawn together.
    """
    if settings.objective.learns_noise_ratio:
        return None
    taken = -log_word_probabilities(settings.counts, settings.trained_int)
    if not settings.objective.takes_every_word:
        taken += log_expected_counts(settings.counts, settings.ns_exponent, noise)
    return taken.astype(np.float32)


def block_shape(
    words_per_epoch: float, vocabulary: int, negative: int, negative_sharing: int, sg: int, machines: int = 1,
    novelty: float = 1.0,
) -> BlockShape:  # fmt: skip
    """Choose the block shape for a corpus.

    Small corpora get small blocks, large ones many replicas. The choice never looks at the machine, so the result does
    not depend on it.

    Parameters
    ----------
    words_per_epoch : float
        Words that an epoch trains, after subsampling and thinning.
    vocabulary : int
        Different words.
    negative : int
        Gensim's argument: noise words for one example. A shared pool holds 5 times as many, but no more than a
        128th of the vocabulary, down to 16.
    negative_sharing : int
        Streams that share a pool of noise words, at the most. 1 gives each example its own ``negative`` words.
    sg : bool
    machines : int
        Machines that train together.

    novelty : float
        See :func:`tfw2v_gensim.text.neighbours.novelty`: where little is new, all replicas would learn the same.

    Examples
    --------
    >>> block_shape(12e6, 70_000, negative=5, negative_sharing=64, sg=False)
    BlockShape(streams=8, length=128, blocks=64, replicas=8, pools=1, rows_per_pool=8, noise=24, uses=4)

    """
    words = power_of_two(min(max(words_per_epoch / STEPS_PER_EPOCH, FEWEST_WORDS), BLOCK_WORDS))
    streams = min(STREAMS, words // STREAMS)
    length = words // streams
    work = words_per_epoch * novelty * (WORK_OF_SKIPGRAM if sg else 1)
    replicas = max(count for count, least in REPLICAS.items() if work >= least)
    if replicas == 1:
        between_merges = power_of_two(min(2 * max(words_per_epoch, words), WORDS_OF_ONE))
    else:
        between_merges = power_of_two(min(words_per_epoch / (ROUNDS_PER_EPOCH * replicas), WORDS_BETWEEN_MERGES))
    blocks = max(1, between_merges // words)
    if machines > 1:
        together = words * replicas * machines
        blocks = max(1, min(blocks, math.ceil(words_per_epoch / (together * MERGES_PER_EPOCH))))
    sharing = min(negative_sharing, streams)
    while streams % sharing:
        sharing -= 1
    if sharing == 1:
        return BlockShape(streams, length, blocks, replicas, streams, 1, negative)
    noise = min(
        NOISE_PER_NEGATIVE * negative, vocabulary // 128
    )  # of a small vocabulary, much of the noise would be context
    noise = max(round(noise / NOISE_MULTIPLE) * NOISE_MULTIPLE, FEWEST_NOISE)
    rows_per_pool = max(1, length // (ROWS_APART_OF_SKIPGRAM if sg else ROWS_APART_OF_CBOW))
    uses = 1 if sg else min(max(vocabulary // WORDS_PER_USE, 1), MOST_USES)
    return BlockShape(streams, length, blocks, replicas, streams // sharing, rows_per_pool, noise, uses)


def power_of_two(most: float) -> int:
    """Return the largest power of two that is not above a number, which is at least 1."""
    return 1 << int(math.log2(most))


def check_vocabulary(loss: str, words: int) -> None:
    """Raise a ValueError if a vocabulary is too large for a loss that has a logit of every word."""
    if OBJECTIVES[loss].takes_every_word and words > LARGEST_SOFTMAX:
        raise ValueError(
            f"loss={loss!r} takes a vocabulary of at most {LARGEST_SOFTMAX} words, this one has {words}: set "
            f"max_final_vocab or min_count, or use another loss"
        )
