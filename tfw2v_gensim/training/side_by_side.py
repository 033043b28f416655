"""Replicas on one GPU: all of them are one program, and the weights stay on the device for the whole epoch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tfw2v_gensim.training.blocks import Round
from tfw2v_gensim.training.losses import random_softmax
from tfw2v_gensim.training.programs import compiled_side_by_side
from tfw2v_gensim.training.replicas import padded_size


class SideBySide:
    """Trains what :class:`tfw2v_gensim.training.replicas.Trainer` does, up to rounding, in one program a round.

    A GPU waits for the host between programs, and runs one small piece of work after another: eight replicas in turn
    would take it eight times as long as all of them beside each other.

    Parameters
    ----------
    vectors, softmax, lock, factors, sg, cbow_mean, loss, corrections, pull, distance_weights
        As of :class:`tfw2v_gensim.training.replicas.Trainer`.
    device : str, optional
        Name of the device; by default TensorFlow's own choice.

    Attributes
    ----------
    at_once, code
        As of :class:`tfw2v_gensim.training.replicas.Trainer`.
    """

    def __init__(
        self,
        vectors: np.ndarray,
        softmax: np.ndarray | None,
        lock: np.ndarray,
        factors: np.ndarray,
        sg: int,
        cbow_mean: int,
        loss: Callable = random_softmax,
        corrections: np.ndarray | None = None,
        pull: np.ndarray | None = None,
        distance_weights: np.ndarray | None = None,
        device: str | None = None,
    ) -> None:
        self.device = device
        self.at_once = 1
        self.code = "compiled for the device"
        self.size = 0
        self.step = compiled_side_by_side(sg, softmax is None, cbow_mean, loss)
        self.distance_weights = distance_weights
        with tf.device(device):
            self.weights = [tf.constant(matrix, tf.float32) for matrix in (vectors, softmax) if matrix is not None]
            per_word = np.resize(np.asarray(lock, np.float32), len(vectors)), corrections, pull
            self.factors = tf.constant(factors)
            self.per_word = [None if values is None else tf.constant(values) for values in per_word]

    def __enter__(self) -> SideBySide:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def train(self, one_round: Round, rates: np.ndarray) -> float:
        """As :meth:`tfw2v_gensim.training.replicas.Trainer.train`."""
        with tf.device(self.device):
            loss, self.weights = self.step(self.weights, *self._arguments(one_round, rates))
        return float(loss)

    def _arguments(self, one_round, rates):
        """Return what the program is given beside the weights."""
        most = max(map(len, one_round.words_of))
        if most > self.size:
            self.size = padded_size(min(most + most // 16, self.weights[0].shape[0]))
        words = np.zeros((len(one_round.words_of), self.size), np.int32)
        for row, some in zip(words, one_round.words_of, strict=True):
            row[: len(some)] = some
        reach = (one_round.tokens.shape[2] - one_round.left.shape[2]) // 2
        weights_of_distances = np.ones(reach, np.float32) if self.distance_weights is None else self.distance_weights
        arrays = one_round.tokens, one_round.left, one_round.right, one_round.noise, rates
        return (
            tf.constant(words), self.factors, tf.constant(weights_of_distances[:reach]), *self.per_word,
            *map(tf.constant, arrays),
        )  # fmt: skip

    def matrices(self) -> dict[str, np.ndarray]:
        """Copy the trained matrices from the device, by gensim's names."""
        return dict(zip(("vectors", "syn1neg"), (matrix.numpy() for matrix in self.weights), strict=False))

    def last_matrices(self) -> dict[str, np.ndarray]:
        """As :meth:`matrices`."""
        return self.matrices()
