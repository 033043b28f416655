"""The compiled programs: the blocks of one replica, or of all replicas side by side, in one loop.

Python is entered, and its global lock needed, once in some hundred thousand words.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tfw2v_gensim.training.step import block_trainer

# A smaller number is 0 to XLA
SMALLEST = float(np.finfo(np.float32).tiny)


@functools.cache
def compiled(sg: int, shared_softmax: bool, cbow_mean: int, loss: Callable) -> Callable:
    """Compile the function that trains a replica's blocks, the first ``count`` of ``blocks``, one after the other."""
    train_block = block_trainer(sg, shared_softmax, cbow_mean, loss)

    @tf.function(jit_compile=True, autograph=False)
    def train(
        weights, factors, distance_weights, lock, corrections, pull, blocks, count, tokens, left, right, noise, rates
    ):
        def body(i, total, *weights):
            which = tf.gather(blocks, i)
            *streams, pools, rate = (tf.gather(x, which) for x in (tokens, left, right, noise, rates))
            block = *map(tf.transpose, streams), pools
            block_total, weights = train_block(
                weights, factors, distance_weights, lock, corrections, pull, rate[None], block, i < count
            )
            return i + 1, total + block_total, *weights

        _, total, *weights = tf.while_loop(lambda i, *_: i < count, body, (0, 0.0, *weights))
        return total, weights

    return train


@functools.cache
def compiled_side_by_side(sg: int, shared_softmax: bool, cbow_mean: int, loss: Callable) -> Callable:
    """Compile the function that trains a round of all replicas side by side and merges them, for a GPU.

    The rows of each replica lie behind those of the one before, its streams beside theirs, so that all replicas are
    one wide block with as many pools. The number of blocks is a constant of the compiled loop: with any other bound XLA
    has the GPU wait for the host once a block. The blocks that a replica does not train have words without a context,
    which move nothing.
    """
    train_block = block_trainer(sg, shared_softmax, cbow_mean, loss)

    @tf.function(jit_compile=True, autograph=False)
    def train(weights, words, factors, distance_weights, lock, corrections, pull, tokens, left, right, noise, rates):
        replicas, rows = words.shape
        flat = tf.reshape(words, [-1])
        before = [tf.gather(matrix, flat) for matrix in weights]
        values = [None if x is None else tf.gather(x, flat) for x in (lock, corrections, pull)]
        first = rows * tf.range(replicas)
        tokens, noise = tokens + first[:, None, None], noise + first[:, None, None, None]
        tokens, left, right = (stream_major(x) for x in (tokens, left, right))
        noise = tf.transpose(noise, [0, 2, 1, 3, 4])
        noise = tf.reshape(noise, [*noise.shape[:2], -1, noise.shape[4]])

        def body(i, total, *matrices):
            *block, rate = (tf.gather(x, i) for x in (tokens, left, right, noise, rates))
            block_total, matrices = train_block(matrices, factors, distance_weights, *values, rate, block)
            return i + 1, total + block_total, *matrices

        blocks = tokens.shape[0]
        _, total, *after = tf.while_loop(lambda i, *_: i < blocks, body, (0, 0.0, *before))
        return total, [merged(matrix, flat, new - old) for matrix, old, new in zip(weights, before, after, strict=True)]

    return train


def stream_major(x: tf.Tensor) -> tf.Tensor:
    """Lay the streams of all replicas beside each other: ``[K, R, L, S]`` to ``[K, R * S, L]``."""
    x = tf.transpose(x, [0, 1, 3, 2])
    return tf.reshape(x, [x.shape[0], -1, x.shape[3]])


def merged(matrix: tf.Tensor, words: tf.Tensor, changes: tf.Tensor) -> tf.Tensor:
    """Add the changes of rows to a matrix by :func:`tfw2v_gensim.training.merging.agreement`."""
    at = words[:, None]
    total = tf.tensor_scatter_nd_add(tf.zeros(matrix.shape), at, changes)
    squares = tf.tensor_scatter_nd_add(tf.zeros(matrix.shape[:1]), at, tf.reduce_sum(changes * changes, -1))
    of_sum = tf.reduce_sum(total * total, -1)
    return matrix + total * (squares / tf.maximum(tf.maximum(squares, of_sum), SMALLEST))[:, None]
