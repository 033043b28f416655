"""Replicas of a model's weights: each trains its own blocks on a thread of its own, then all are merged."""

from __future__ import annotations

import collections
import contextlib
import ctypes
import itertools
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tensorflow as tf

from tfw2v_gensim.blocks import Round
from tfw2v_gensim.distribution import Workers
from tfw2v_gensim.losses import random_softmax
from tfw2v_gensim.step import compiled

# Matrices of small vocabularies are padded to a power of two, so that models of similar size share compiled code.
LARGEST_PADDED = 1 << 14


@tf.function(jit_compile=True, autograph=False)
def merge(replicas, factors, lock, size):
    """Set every replica's matrices to their mean over the replicas, and centre the mirrored coordinates.

    A vector that all rows have in common is no matter to a softmax, but in the coordinates with a minus sign it grows
    by itself: there, noise words are pushed towards the hidden vectors, which are rows too. On the Lee corpus its norm
    reached 10.7, where centred vectors have norms of 1 to 3, and skip-gram's loss rose. So the mean of the ``size``
    words is taken out.
    """
    for copies in zip(*replicas, strict=True):
        mean = tf.add_n([copy.read_value() for copy in copies]) / len(copies)
        rows = tf.range(mean.shape[0])
        is_word = tf.cast(rows < size, tf.float32)[:, None]
        common = tf.reduce_sum(mean * is_word, 0) / tf.cast(size, tf.float32)
        mean -= tf.where(factors < 0.0, common, 0.0) * is_word * tf.gather(lock, rows % lock.shape[0])[:, None]
        for copy in copies:
            copy.assign(mean)


def assign(variables: Iterable[tf.Variable], values: Iterable[tf.Tensor]) -> None:
    """Set each variable to its value; where one of both runs out first, the others stay."""
    for variable, value in zip(variables, values, strict=False):
        variable.assign(value)


def give_memory_back() -> None:
    """Have the C library's allocator return what it holds unused, where it can: TensorFlow's threads leave much behind.

    17 million words, CBOW, 5 epochs: peaks of 1,081 to 1,172 MB instead of 1,119 to 1,384 MB.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):  # not glibc
        ctypes.CDLL(None).malloc_trim(0)


class Trainer:
    """Replicas of a model's weights: each trains its own blocks, then all are averaged.

    Parameters
    ----------
    vectors : numpy.ndarray
        float32 ``[V, D]`` word vectors.
    softmax : numpy.ndarray or None
        float32 ``[V, D]`` softmax weights, None where they are the word vectors themselves.
    lock : numpy.ndarray
        float32 ``[V]`` or ``[1]``: gensim's ``vectors_lockf``.
    factors : numpy.ndarray
        float32 ``[D]``, not 0: factor of each coordinate in the product of hidden vector and softmax weights.
    sg, cbow_mean : bool
        The architecture, in gensim's terms.
    replicas : int
        Copies of the weights.
    loss : callable, optional
        One of :mod:`tfw2v_gensim.losses`.
    log_counts : numpy.ndarray, optional
        float32 ``[V]``: logarithm of how often each word is expected in a pool, for the losses that take it.
    workers : tfw2v_gensim.distribution.Workers, optional
        The workers of a cluster, each of which has such a trainer; by default there is only this one.
    """

    def __init__(
        self,
        vectors: np.ndarray,
        softmax: np.ndarray | None,
        lock: np.ndarray,
        factors: np.ndarray,
        sg: int,
        cbow_mean: int,
        replicas: int,
        loss: Callable = random_softmax,
        log_counts: np.ndarray | None = None,
        workers: Workers | None = None,
    ) -> None:
        self.size = len(vectors)
        rows = 1 << (self.size - 1).bit_length() if self.size <= LARGEST_PADDED else self.size
        initial = [vectors] if softmax is None else [vectors, softmax]
        if rows > self.size:  # padding by nothing would be a copy, too
            initial = [np.pad(matrix, ((0, rows - self.size), (0, 0))) for matrix in initial]
        self.workers = workers or Workers()
        # TensorFlow's own choice, None, is the GPU where there is one
        self.devices = [*itertools.islice(itertools.cycle(self.workers.devices or [None]), replicas)]
        self.variables = []
        for device in self.devices:
            with tf.device(device):
                self.variables.append([tf.Variable(matrix) for matrix in initial])
        self.before = [tf.Variable(matrix) for matrix in initial] if self.workers.learners > 1 else []
        self.lock, self.factors = tf.constant(lock), tf.constant(factors)
        self.mirrored = bool((factors < 0.0).any())
        self.log_counts = None if log_counts is None else tf.constant(np.pad(log_counts, (0, rows - self.size)))
        self.step = compiled(sg, softmax is None, cbow_mean, loss)
        self.threads = ThreadPoolExecutor(replicas, "train")

    def __enter__(self) -> Trainer:
        return self

    def __exit__(self, *exception: object) -> None:
        self.threads.shutdown()
        give_memory_back()

    def train(self, one_round: Round, rates: np.ndarray) -> float:
        """Train a round, average the replicas, and merge what the workers have learnt.

        Parameters
        ----------
        one_round : tfw2v_gensim.blocks.Round
        rates : numpy.ndarray
            float32 ``[K, R]`` learning rate of each block.

        Returns
        -------
        float
            The loss, in nats, summed over the round's examples.
        """

        def train_replica(replica):
            if not one_round.blocks[replica]:
                return 0.0
            arrays = one_round.tokens, one_round.left, one_round.right, one_round.noise, rates
            with tf.device(self.devices[replica]):
                blocks = [tf.constant(array[:, replica]) for array in arrays]
                count = tf.constant(one_round.blocks[replica])
                total = self.step(self.variables[replica], self.factors, self.lock, self.log_counts, count, *blocks)
            return float(total)

        total = sum(self.threads.map(train_replica, range(len(self.variables))))
        self._merge()
        return total

    def _merge(self):
        """Set every replica of every worker to the same matrices."""
        on_device = collections.defaultdict(list)
        for device, copies in zip(self.devices, self.variables, strict=True):
            on_device[device].append(copies)
        several = len(self.variables) > len(on_device)

        def merge_each(factors):
            for device, group in on_device.items():
                with tf.device(device):
                    merge(group, factors, self.lock, tf.constant(self.size))

        if self.before:
            if several:  # what is mirrored is centred last: that moves rows which nobody used
                merge_each(tf.ones_like(self.factors))
            merged = self.workers.merged([group[0] for group in on_device.values()], self.before)
            for copies in self.variables:
                assign(copies, merged)
        if several or self.mirrored:
            merge_each(self.factors)
        assign(self.before, self.variables[0])

    def matrices(self) -> dict[str, np.ndarray]:
        """Return the trained matrices by gensim's names: ``vectors`` and, where it is not that, ``syn1neg``."""
        matrices = [variable.numpy()[: self.size] for variable in self.variables[0]]
        return dict(zip(("vectors", "syn1neg"), matrices, strict=False))
