"""From sentences to blocks: the time-major arrays that one training step works on. Numpy only.

Sentences are read in *slabs* of some hundred thousand words, so memory does not grow with the corpus. The kept
words of a slab are cut into S streams that lie far apart, laid side by side: row ``t`` of a slab holds the ``t``-th
word of every stream. A block is L consecutive rows; all its windows are then shifts along the first axis.

Words of different streams at the same row are unrelated, which is what lets them share one pool of noise words.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from tfw2v_gensim.training.noise import EveryWord, NoiseTable

# Up to this window a block always has room for whole windows; a wider one is often much wider than any sentence.
_WIDE_WINDOW = 10


def distance_weights(window: int, shrink_windows: bool, width: float | None = None) -> np.ndarray:
    """Return the weights of a window's words by their distance from the centre, 1, 2 and so on.

    word2vec draws the size of each window from 1 to ``window``. A word at distance ``k`` is then in it with probability
    ``(window + 1 - k) / window``: its weight here, where every window is whole and nothing is drawn.

    Parameters
    ----------
    window : int
        Most words of context on either side.
    shrink_windows : bool
        False gives all words of a window the weight 1.
    width : float, optional
        Weights are those of a window so wide, between 0 and 1; by default as wide as it is.

    Returns
    -------
    numpy.ndarray
        float32 ``[window]``

    References
    ----------
    Mikolov, Chen, Corrado and Dean, "Efficient Estimation of Word Representations in Vector Space" (2013).

    Examples
    --------
    >>> distance_weights(4, shrink_windows=True).tolist()
    [1.0, 0.75, 0.5, 0.25]
    >>> distance_weights(4, shrink_windows=True, width=2.0).tolist()
    [1.0, 0.5, 0.0, 0.0]

    """
    distances, width = np.arange(1, window + 1), window if width is None else width
    weights = (width + 1 - distances) / width if shrink_windows else np.ones(window)
    return np.clip(weights, 0.0, 1.0).astype(np.float32)


class BlockShape(NamedTuple):
    """Sizes of the blocks that a corpus is cut into.

    Attributes
    ----------
    streams : int
        S, streams laid side by side.
    length : int
        L, rows of a block: a block trains up to ``L * S`` words.
    blocks : int
        K, blocks that a replica trains between two merges.
    replicas : int
        R, copies of the weights that train side by side and are then merged.
    pools : int
        A, pools of noise words side by side: each is shared by ``S / A`` streams.
    rows_per_pool : int
        G, rows that share a pool. They are ``L / G`` rows apart: what matters is that they are not neighbours.
    noise : int
        P, noise words a pool.
    uses : int
        How many pools of a round take each noise word that is drawn, on average.
    """

    streams: int
    length: int
    blocks: int
    replicas: int
    pools: int
    rows_per_pool: int
    noise: int
    uses: int = 1

    @property
    def noise_shape(self) -> tuple[int, int, int]:
        """``(L / G, A, P)``: the noise words of a block."""
        return self.length // self.rows_per_pool, self.pools, self.noise


class Round(NamedTuple):
    """What all replicas train between two merges. The ``i``-th block belongs to replica ``i mod R``.

    Attributes
    ----------
    words_of : list of numpy.ndarray
        For each replica, int32 ``[U]``: the words that it meets, context and noise included, each once. It only needs
        their rows of the weights. First come those that other replicas meet, too, ascending, then all others.
    shared : list of int
        For each replica, how many of its words others meet, too.
    tokens : numpy.ndarray
        int32 ``[K, R, L + 2 * reach, S]`` words, as places in their replica's ``words_of``; rows ``reach`` to
        ``reach + L`` are the block's own, the others only serve as context.
    left, right : numpy.ndarray
        int32 ``[K, R, L, S]`` how many words of context each word has on either side: the window, cut at the
        sentence's ends. A word with none on both sides is not trained.
    noise : numpy.ndarray
        int32 ``[K, R, L / G, A, P]`` noise words, as places in ``words_of`` too.
    blocks : numpy.ndarray
        int32 ``[R]`` how many of the K blocks are to be trained.
    sentences_before, words_before : numpy.ndarray
        float64 ``[K, R]`` sentences and words of the epoch that precede each block.
    sentences, words, kept_words : int
        The epoch's counts at the end of the round: sentences and words read, words kept.
    """

    words_of: Sequence[np.ndarray]
    shared: Sequence[int]
    tokens: np.ndarray
    left: np.ndarray
    right: np.ndarray
    noise: np.ndarray
    blocks: np.ndarray
    sentences_before: np.ndarray
    words_before: np.ndarray
    sentences: int
    words: int
    kept_words: int

    def examples(self, distance_weights: np.ndarray | None = None) -> float:
        """Count the predictions that the round trains: a word each (CBOW), or each pair by its weight (skip-gram).

        Parameters
        ----------
        distance_weights : numpy.ndarray, optional
            float32 ``[window]``, for skip-gram: the weight of a pair by the distance of its words.
        """
        if distance_weights is None:
            return float(np.count_nonzero(self.left + self.right))
        up_to = np.append(0.0, np.cumsum(distance_weights, dtype=np.float64))
        return float(up_to[self.left].sum() + up_to[self.right].sum())


class BlockBuilder:
    """Cuts slabs of encoded sentences into blocks.

    Parameters
    ----------
    sample_int : numpy.ndarray
        uint32 ``[V]``: gensim's subsampling thresholds. A word is kept with probability ``sample_int / 2**32``.
    trained_int : numpy.ndarray
        uint32 ``[V]``, nowhere larger: the thresholds of what is trained, see
        :func:`tfw2v_gensim.training.subsampling.thinned`.
    window : int
        Most words of context on either side.
    """

    def __init__(self, sample_int: np.ndarray, trained_int: np.ndarray, window: int) -> None:
        self.sample_int, self.trained_int = sample_int, trained_int
        self.window = window
        self._is_met = np.zeros(len(sample_int), np.bool_)
        self._place = np.zeros(len(sample_int), np.int32)

    def windows(
        self, ids: np.ndarray, lengths: np.ndarray, generator: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
        """Drop unknown, subsampled and thinned words, and find the windows of those that are trained.

        Returns
        -------
        trained, left, right : numpy.ndarray
            int32 ``[m]``: the trained words, and the words of context that each has on either side.
        kept : int
            How many words subsampling alone keeps.
        """
        draws = generator.integers(0, 1 << 32, len(ids), dtype=np.uint32)
        known = ids >= 0
        kept = np.count_nonzero(known & (self.sample_int[ids] >= draws))
        is_trained = known & (self.trained_int[ids] >= draws)
        trained = ids[np.flatnonzero(is_trained)]  # faster than by the mask
        up_to = np.append(np.int32(0), np.cumsum(is_trained, dtype=np.int32))
        ends = up_to[np.append(0, np.cumsum(lengths))]
        of_sentence = np.diff(ends)
        position = np.arange(len(trained), dtype=np.int32)
        before = position - np.repeat(ends[:-1], of_sentence)
        after = np.repeat(ends[1:] - 1, of_sentence) - position
        left, right = np.minimum(before, np.int32(self.window)), np.minimum(after, np.int32(self.window))
        return trained, left, right, int(kept)

    def rounds(
        self,
        slabs: Iterable[tuple[np.ndarray, np.ndarray]],
        shape: BlockShape,
        noise_table: NoiseTable | EveryWord,
        generator: np.random.Generator,
    ) -> Iterator[Round]:
        """Cut one pass over a text into rounds in which every word that is left is trained exactly once.

        Parameters
        ----------
        slabs : iterable of (ids, lengths)
            As :func:`tfw2v_gensim.text.encoding.slabs_of` gives them.
        shape : BlockShape
        noise_table : tfw2v_gensim.training.noise.NoiseTable
        generator : numpy.random.Generator
            The source of every draw: subsampling and noise.

        Yields
        ------
        Round
        """
        sentences = words = kept_words = 0
        for ids, lengths in slabs:
            trained, left, right, kept = self.windows(ids, lengths, generator)
            tokens, left, right = lay_out(trained, left, right, shape, self._reach(left, right))
            total, together = len(tokens), shape.blocks * shape.replicas
            for start in range(0, total, together):
                block = np.arange(start, start + together).reshape(shape.blocks, shape.replicas)
                exists = block < total
                row = np.where(exists, block, 0)
                before, after = np.minimum(block / total, 1.0), min((start + together) / total, 1.0)
                met = tokens[row]
                noise = noise_table.of_round(generator, (*block.shape, *shape.noise_shape), shape.uses)
                words_of, shared = self._met([(met[:, r], noise[:, r]) for r in range(shape.replicas)])
                yield Round(
                    words_of=words_of,
                    shared=shared,
                    tokens=met,
                    left=left[row] * exists[..., None, None],
                    right=right[row] * exists[..., None, None],
                    noise=noise,
                    blocks=exists.sum(0, dtype=np.int32),
                    sentences_before=sentences + before * len(lengths),
                    words_before=words + before * len(ids),
                    sentences=sentences + round(after * len(lengths)),
                    words=words + round(after * len(ids)),
                    kept_words=kept_words + round(after * kept),
                )
            sentences += len(lengths)
            words += len(ids)
            kept_words += kept

    def _met(self, of_replicas):
        """Return the words in the arrays of each replica, as a round has them, and put their places in their stead."""
        words_of, shared = [], []
        for arrays in of_replicas:
            for words in arrays:
                self._is_met[words] = True
            words_of.append(np.flatnonzero(self._is_met).astype(np.int32))
            self._is_met[words_of[-1]] = False
        met_by = np.bincount(np.concatenate(words_of), minlength=len(self._is_met))
        for replica, arrays in enumerate(of_replicas):
            words = words_of[replica]
            by_others = met_by[words] > 1
            words_of[replica] = words = np.concatenate([words[by_others], words[~by_others]])
            shared.append(int(np.count_nonzero(by_others)))
            self._place[words] = np.arange(len(words), dtype=np.int32)
            for words in arrays:
                words[...] = self._place[words]
        return words_of, shared

    def _reach(self, left, right):
        """Rows of context a block needs on either side: the window, or less where no sentence fills a wide one."""
        if self.window <= _WIDE_WINDOW:
            return self.window
        widest = max(left.max(initial=1), right.max(initial=1))
        return min(self.window, 1 << int(widest - 1).bit_length())


def lay_out(
    kept: np.ndarray, left: np.ndarray, right: np.ndarray, shape: BlockShape, reach: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lay the words of a slab out as time-major blocks.

    Parameters
    ----------
    kept, left, right : numpy.ndarray
        int32 ``[m]``, as :meth:`BlockBuilder.windows` returns them.
    shape : BlockShape
    reach : int
        Rows of context to add before and after each block, at least the largest of ``left`` and ``right``.

    Returns
    -------
    tokens : numpy.ndarray
        int32 ``[B, L + 2 * reach, S]``, not to be written to: blocks show the rows they have in common from one array.
    left, right : numpy.ndarray
        int32 ``[B, L, S]``, 0 where a stream has ended.

    Examples
    --------
    Seven words, two streams, blocks of two rows, windows of one word:

    >>> words, one = np.arange(7, dtype=np.int32), np.ones(7, np.int32)
    >>> shape = BlockShape(streams=2, length=2, blocks=1, replicas=1, pools=1, rows_per_pool=1, noise=5)
    >>> tokens, left, right = lay_out(words, one, one, shape, reach=1)
    >>> tokens[0].tolist()
    [[0, 2], [0, 3], [1, 4], [2, 5]]
    >>> left[1].tolist()
    [[1, 1], [0, 1]]

    """
    starts = np.arange(shape.streams + 1) * len(kept) // shape.streams
    blocks = max(1, -(-int(np.diff(starts).max()) // shape.length))
    rows = blocks * shape.length
    if not len(kept):
        kept = np.zeros(1, np.int32)
    padded = np.pad(kept, (reach, starts[-2] + rows + reach - starts[-1]), "edge")
    tokens = np.stack([padded[start : start + rows + 2 * reach] for start in starts[:-1]], axis=1)
    overlapping = np.lib.stride_tricks.sliding_window_view(tokens, shape.length + 2 * reach, axis=0)[:: shape.length]
    by_block = (blocks, shape.length, shape.streams)
    sides = np.zeros((2, rows, shape.streams), np.int32)
    for stream, (start, end) in enumerate(itertools.pairwise(starts)):
        sides[:, : end - start, stream] = left[start:end], right[start:end]
    return overlapping.swapaxes(1, 2), sides[0].reshape(by_block), sides[1].reshape(by_block)
