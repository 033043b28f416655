"""Replicas of a model's weights: each trains its own blocks on a thread of its own, then what they learnt is merged.

A replica holds no more than the rows of the words that it meets in a round. So nothing is copied as often as there are
replicas but these rows, and a merge costs nothing for words that nobody met.
"""

from __future__ import annotations

import functools
import itertools
import logging
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tensorflow as tf

from tfw2v_gensim.process.compiled_code import compiled_code
from tfw2v_gensim.process.cores import cores
from tfw2v_gensim.training.blocks import Round
from tfw2v_gensim.training.losses import random_softmax
from tfw2v_gensim.training.machines import Machines
from tfw2v_gensim.training.merging import Updates, merge
from tfw2v_gensim.training.programs import compiled
from tfw2v_gensim.training.weights import close_up, in_whole_registers

logger = logging.getLogger(__name__)

# Compiled code is of one size, so a replica's rows are padded to one of few: so many an octave, one below 4,096, and
# 16 at least
SIZES_PER_OCTAVE = 8
FEW_ROWS = 1 << 12
FEWEST_ROWS = 1 << 4

# Rows that are worked on at a time: they stay in the processor's cache
ROWS_TOGETHER = 1 << 9


def padded_size(rows: int) -> int:
    """Round a number of rows up to one of few sizes.

    Examples
    --------
    >>> [padded_size(rows) for rows in (1, 17, 1000, 5000, 20000)]
    [16, 32, 1024, 5120, 20480]

    """
    power = max(FEWEST_ROWS, 1 << (rows - 1).bit_length())
    return power if rows <= FEW_ROWS else -(-rows * 2 * SIZES_PER_OCTAVE // power) * power // (2 * SIZES_PER_OCTAVE)


def aligned_zeros(*shape: int) -> np.ndarray:
    """Return float32 zeros that begin where a line of the processor's cache does.

    There, XLA can read an array as it lies; TensorFlow would copy any other.
    """
    line = 64
    floats = np.zeros(math.prod(shape) + line, np.float32)
    first = -floats.ctypes.data % line // floats.itemsize
    return floats[first : first + math.prod(shape)].reshape(shape)


def subtract(after: np.ndarray, before: np.ndarray, squares: np.ndarray) -> None:
    """Put the changes of rows in the place of what they were before, and their squared lengths in ``squares``."""
    for row in range(0, len(before), ROWS_TOGETHER):
        some = slice(row, row + ROWS_TOGETHER)
        change = np.subtract(after[some], before[some], out=before[some])
        np.einsum("ud,ud->u", change, change, out=squares[some])


class Trainer:
    """Replicas of a model's weights: each trains its own blocks, then what they have learnt is merged.

    Parameters
    ----------
    vectors : numpy.ndarray
        float32 ``[V, D]`` word vectors. They stay as they are: a copy is trained.
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
        One of :mod:`tfw2v_gensim.training.losses`.
    corrections : numpy.ndarray, optional
        float32 ``[V]``: what is taken from each word's logit, see :func:`tfw2v_gensim.training.plan.corrections`.
    pull : numpy.ndarray, optional
        float32 ``[V]``: the prior, see :func:`tfw2v_gensim.training.rates.pull`.
    machines : tfw2v_gensim.training.machines.Machines, optional
        Those that train together, each of which has such a trainer; by default this one alone.
    threads : int, optional
        Replicas that train at once, at the most; by default as many as the process may use cores.

    Attributes
    ----------
    code : str
        Where the code that was compiled last comes from.
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
        corrections: np.ndarray | None = None,
        pull: np.ndarray | None = None,
        machines: Machines | None = None,
        threads: int | None = None,
        distance_weights: np.ndarray | None = None,
    ) -> None:
        self.dimensions = vectors.shape[1]
        self.weights = [in_whole_registers(matrix) for matrix in (vectors, softmax) if matrix is not None]
        self.per_word = np.resize(np.asarray(lock, np.float32), len(vectors)), corrections, pull
        self.distance_weights = distance_weights
        self.factors = tf.constant(in_whole_registers(factors, 1.0))
        self.machines = machines or Machines()
        # TensorFlow's own choice, None, is the GPU where there is one
        self.devices = [*itertools.islice(itertools.cycle(self.machines.devices or [None]), replicas)]
        self.new_step = functools.partial(compiled, sg, softmax is None, cbow_mean, loss)
        self.step = self.new_step()
        self.traced: set[tuple] = set()
        self.code = "compiled before"
        self.size = 0
        self.buffers: list[np.ndarray] = []
        self.squares: list[np.ndarray] = []
        self.at_once = min(replicas, cores(), threads or replicas)
        self.threads = ThreadPoolExecutor(self.at_once, "train")

    def __enter__(self) -> Trainer:
        return self

    def __exit__(self, *exception: object) -> None:
        self.threads.shutdown()

    def train(self, one_round: Round, rates: np.ndarray) -> float:
        """Train a round, and merge what the replicas and the machines have learnt.

        Parameters
        ----------
        one_round : tfw2v_gensim.training.blocks.Round
        rates : numpy.ndarray
            float32 ``[K, R]`` learning rate of each block.

        Returns
        -------
        float
            The loss, in nats, summed over the round's examples.
        """
        self._make_room(max(map(len, one_round.words_of)))
        busy = [replica for replica, blocks in enumerate(one_round.blocks) if blocks]
        of_blocks = one_round.tokens, one_round.left, one_round.right, one_round.noise, rates
        arrays = [tf.constant(array.reshape(-1, *array.shape[2:])) for array in of_blocks]  # once for all replicas
        self._prepare_step(one_round, arrays)
        losses = [*self.threads.map(lambda replica: self._train_replica(replica, one_round, arrays), busy)]
        words = [self._merged_words(replica, one_round) for replica in busy]
        merge(self.weights, Updates(words, self.buffers, self.squares), self.machines, self.threads.map, self.at_once)
        return sum(losses)

    def _make_room(self, rows):
        """Have each replica's arrays hold so many rows, and some more."""
        if rows <= self.size:
            return
        self.size = padded_size(min(rows + rows // 16, len(self.weights[0])))
        replicas = len(self.devices)
        self.buffers = [aligned_zeros(replicas, self.size, matrix.shape[1]) for matrix in self.weights]
        self.squares = [np.zeros((replicas, self.size), np.float32) for _ in self.weights]

    def _merged_words(self, replica, one_round):
        """Return a replica's words that others may have trained in this round, too; they come first."""
        words = one_round.words_of[replica]
        return words[: one_round.shared[replica]] if self.machines.rank.workers == 1 else words

    def _prepare_step(self, one_round, arrays):
        """Trace and compile the step for a round of this shape, before replicas run it at once."""
        shapes = self.size, one_round.tokens.shape, one_round.noise.shape
        if shapes in self.traced:
            return
        self.traced.add(shapes)
        for device in dict.fromkeys(self.devices):
            with tf.device(device):
                arguments = self._arguments(0, one_round, arrays, count=0)
                before = compiled_code.files()
                try:
                    is_new = self._trace(arguments)
                except tf.errors.OpError as error:  # XLA could not load or keep its code
                    if not compiled_code.empty():
                        raise
                    logger.warning(
                        "removed the code in %s, which XLA cannot use: %s", compiled_code.folder, error.message
                    )
                    compiled.cache_clear()  # a function that has failed fails for ever
                    self.step = self.new_step()
                    is_new = self._trace(arguments)
            if is_new:
                self.code = compiled_code.origin(before)

    def _trace(self, arguments):
        """Trace the step for such arguments and run it over no block; return False where it was traced before."""
        traces = self.step.experimental_get_tracing_count()
        self.step.get_concrete_function(
            *tf.nest.map_structure(lambda x: None if x is None else tf.TensorSpec(x.shape, x.dtype), arguments)
        )
        if self.step.experimental_get_tracing_count() == traces:
            return False
        self.step(*arguments)
        return True

    def _train_replica(self, replica, one_round, arrays):
        """Train one replica's blocks; return the loss.

        A row that no other replica trains in this round is done: it goes straight to the weights. How the others have
        changed is left in the replica's buffer.
        """
        words, shared = one_round.words_of[replica], len(self._merged_words(replica, one_round))
        for matrix, buffers in zip(self.weights, self.buffers, strict=True):
            np.take(matrix, words, axis=0, out=buffers[replica, : len(words)], mode="clip")
        with tf.device(self.devices[replica]):
            loss, trained = self.step(*self._arguments(replica, one_round, arrays, one_round.blocks[replica]))
        for after, *of_matrix in zip(map(np.asarray, trained), self.weights, self.buffers, self.squares, strict=True):
            matrix, buffers, squares = of_matrix
            matrix[words[shared:]] = after[shared : len(words)]
            subtract(after[:shared], buffers[replica, :shared], squares[replica, :shared])
        return float(loss)

    def _arguments(self, replica, one_round, arrays, count):
        """Return what the step is given to train so many blocks; a replica's rows are in its buffer."""
        words = one_round.words_of[replica]
        return (
            [tf.experimental.dlpack.from_dlpack(buffers[replica].__dlpack__()) for buffers in self.buffers],
            self.factors,
            self._distance_weights((one_round.tokens.shape[2] - one_round.left.shape[2]) // 2),
            *(None if values is None else tf.constant(self._padded(values[words])) for values in self.per_word),
            tf.constant(range(replica, arrays[0].shape[0], len(self.devices))),
            tf.constant(count, tf.int32),
            *arrays,
        )

    def _distance_weights(self, reach):
        """Weights of the distances that blocks have; equal where none are given."""
        return tf.constant(
            np.ones(reach, np.float32) if self.distance_weights is None else self.distance_weights[:reach]
        )

    def _padded(self, values):
        """Put zeros behind the values, up to the size that is compiled."""
        return np.concatenate([values, np.zeros(self.size - len(values), np.float32)])

    def matrices(self) -> dict[str, np.ndarray]:
        """Return the trained matrices by gensim's names: ``vectors`` and, where it is not that, ``syn1neg``."""
        matrices = (np.ascontiguousarray(matrix[:, : self.dimensions]) for matrix in self.weights)
        return dict(zip(("vectors", "syn1neg"), matrices, strict=False))

    def last_matrices(self) -> dict[str, np.ndarray]:
        """Return the trained matrices as :meth:`matrices` does, without a copy: nothing can be trained any more."""
        matrices = (close_up(matrix, self.dimensions) for matrix in self.weights)
        return dict(zip(("vectors", "syn1neg"), matrices, strict=False))
