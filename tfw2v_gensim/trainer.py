"""The compiled training step: gather rows, take the loss of a block, move the rows.

Shapes, throughout: ``L`` rows and ``S`` streams of a block, ``D`` vector size, ``V`` vocabulary, ``A`` pools of ``P``
noise words side by side, each for ``G`` rows, ``J`` true words that share a hidden vector, ``K`` blocks of a call
(see :mod:`tfw2v_gensim.blocks`).
"""

from __future__ import annotations

import collections
import contextlib
import ctypes
import functools
import itertools
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tensorflow as tf

from tfw2v_gensim.blocks import Round
from tfw2v_gensim.distribution import Alone
from tfw2v_gensim.losses import random_softmax

# A row used n times in one block moves by rate / (1 + n / 10) times its summed gradient, in skip-gram by
# rate / (1 + n / 16) times. All its uses see the row as it was before the block, so they correct the same error n times
# over: plain sums diverge on frequent words. A rate above the usual 0.1 saturates sooner, so that a row never moves by
# more than so many times its mean gradient: at twice it would overshoot for ever. A frequent word may stand in a CBOW
# window several times, and overshoots sooner: at 1.6, sample=0 and four times the default alpha diverged on 7 million
# words. On 17 million, CBOW has 45.0 % of the analogies right at 1 and 45.3 at 1.6, skip-gram 43.1 and 44.6.
LARGEST_MOVE_OF_CBOW, LARGEST_MOVE_OF_SKIPGRAM = 1.0, 1.6
USUAL_RATE = 0.1

# Windows that a word is in with gensim's default of 5, reduced at random: being in the means of all counts as one use.
USUAL_WINDOWS = 6.0

# Matrices of small vocabularies are padded to a power of two, so that models of similar size share compiled code.
LARGEST_PADDED = 1 << 14


def offsets(reach: int) -> list[int]:
    """Positions of the context relative to the centre word: -reach..reach without 0."""
    return [k for k in range(-reach, reach + 1) if k]


def in_window(left: tf.Tensor, right: tf.Tensor, offset: int) -> tf.Tensor:
    """1.0 where the word at ``offset`` is in the window, else 0.0; shaped like ``left`` and ``right``."""
    return tf.cast(right >= offset if offset > 0 else left >= -offset, tf.float32)


def neighbours(x: tf.Tensor, offset: int, length: int) -> tf.Tensor:
    """For each of the ``length`` middle rows of ``x``, the row that lies ``offset`` after it."""
    reach = (x.shape[0] - length) // 2
    return x[reach + offset : reach + offset + length]


def window_sum(context: tf.Tensor, left: tf.Tensor, right: tf.Tensor) -> tf.Tensor:
    """Sum the context of every centre word: ``[L + 2 * reach, S, D]`` to ``[L, S, D]``."""
    length = left.shape[0]
    reach = (context.shape[0] - length) // 2
    return tf.add_n([in_window(left, right, k)[..., None] * neighbours(context, k, length) for k in offsets(reach)])


def sum_over_centres(terms: Callable, reach: int) -> tf.Tensor:
    """For every row of a block and its margins, the sum of what the centres around it say of it.

    ``terms(shift, k)`` gives, for offset ``k``, an ``[L + 2 * reach, ...]`` tensor whose row ``r`` belongs to the
    centre ``r - k``; ``shift`` takes an ``[L, ...]`` tensor to that place. This is the transpose of
    :func:`neighbours`; as one sum of slices it is compiled into one loop (as a sum of padded tensors it ran
    seven times slower).
    """

    def shift(x, offset):
        padded = tf.pad(x, [[2 * reach, 2 * reach]] + [[0, 0]] * (len(x.shape) - 1))
        return padded[reach - offset : reach - offset + x.shape[0] + 2 * reach]

    return tf.add_n([terms(shift, k) for k in offsets(reach)])


def rows_of(weights: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
    """Rows of a matrix: ids of any shape to ``[*ids.shape, D]``."""
    return tf.reshape(tf.gather(weights, tf.reshape(ids, [-1])), [*ids.shape, weights.shape[1]])


def dot_products(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Multiply vector by vector: two times ``[..., D]`` to ``[...]``."""
    dimensions = x.shape[-1]
    # a product with ones: XLA sums long rows far faster as a matrix product than as a reduction
    return tf.reshape(tf.matmul(tf.reshape(x * y, [-1, dimensions]), tf.ones([dimensions, 1])), x.shape[:-1])


def move_rows(
    weights: tf.Tensor,
    lock: tf.Tensor,
    signature: tf.Tensor,
    rate: tf.Tensor,
    largest_move: float,
    moves: Iterable[Iterable[tf.Tensor]],
) -> tf.Tensor:
    """Gradient descent on the rows that a block used.

    Parameters
    ----------
    weights : tf.Tensor
        float32 ``[V, D]``
    lock : tf.Tensor
        float32 ``[V]`` or ``[1]``: gensim's ``vectors_lockf``, a factor on each row's moves.
    signature : tf.Tensor
        float32 ``[D]``: a coordinate whose products count n times moves at an n-th of the rate, or it would be
        n times as fast as the others.
    rate : tf.Tensor
        float32 scalar.
    largest_move : float
        What a row moves by at the most, in mean gradients.
    moves : list of (ids, uses, gradients)
        int32 ``[...]``, float32 ``[...]`` (examples that the gradient sums over) and float32 ``[..., D]``.

    Returns
    -------
    tf.Tensor
        float32 ``[V, D]``
    """
    size, dimensions = weights.shape
    flat = [(tf.reshape(i, [-1, 1]), tf.reshape(n, [-1]), tf.reshape(g, [-1, dimensions])) for i, n, g in moves]
    uses = tf.zeros([size])
    for ids, n, _ in flat:
        uses = tf.tensor_scatter_nd_add(uses, ids, n)
    saturation = tf.maximum(rate, USUAL_RATE) / largest_move
    for ids, _, gradients in flat:
        step = -rate * tf.gather(lock, ids % lock.shape[0]) / (1.0 + saturation * tf.gather(uses, ids))
        weights = tf.tensor_scatter_nd_add(weights, ids, step * gradients / tf.abs(signature))
    return weights


def by_pool(x: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
    """Put the examples that share noise words side by side: ``[L, S, ...]`` to ``[L / G, A, G * S / A, ...]``.

    ``noise`` is ``[L / G, A, P]``: its first row of pools serves the block's rows 0, L / G, 2 L / G and so on.
    """
    rows, pools = noise.shape[:2]
    together, streams = x.shape[0] // rows, x.shape[1] // pools
    x = tf.reshape(x, [together, rows, pools, streams, *x.shape[2:]])
    x = tf.transpose(x, [1, 2, 0, 3, *range(4, len(x.shape))])
    return tf.reshape(x, [rows, pools, together * streams, *x.shape[4:]])


def from_pool(x: tf.Tensor, shape: Sequence[int]) -> tf.Tensor:
    """Undo :func:`by_pool`: ``[L / G, A, G * S / A, ...]`` to ``shape``, ``[L, S, ...]``."""
    (rows, pools), (length, streams) = x.shape[:2], shape[:2]
    x = tf.reshape(x, [rows, pools, length // rows, streams // pools, *shape[2:]])
    return tf.reshape(tf.transpose(x, [2, 0, 1, 3, *range(4, len(x.shape))]), shape)


def logit_gradients(loss, log_counts, hidden, true_logits, true_words, trained, noise_rows, noise):
    """Compute the loss of a block and its gradients.

    Parameters
    ----------
    loss : callable
        One of :mod:`tfw2v_gensim.losses`.
    log_counts : tf.Tensor or None
        float32 ``[V]``: logarithm of how often each word is expected in a pool; None if the loss does not take it.
    hidden : tf.Tensor
        float32 ``[L, S, D]``
    true_logits, true_words, trained : tf.Tensor
        float32, int32 and float32 (1 or 0) ``[L, S, J]``
    noise_rows, noise : tf.Tensor
        float32 ``[L / G, A, P, D]`` and int32 ``[L / G, A, P]``

    Returns
    -------
    total : tf.Tensor
        Scalar, the loss summed over the trained examples.
    d_true_logits : tf.Tensor
        ``[L, S, J]``
    d_hidden : tf.Tensor
        ``[L, S, D]``, through the noise words only.
    d_noise_rows : tf.Tensor
        ``[L / G, A, P, D]``
    noise_uses : tf.Tensor
        ``[L / G, A, P]``, in whole examples: the share of each example's error that falls on the noise word.
    """
    pooled = by_pool(hidden, noise)
    noise_logits = tf.matmul(pooled, noise_rows, transpose_b=True)
    true_words = by_pool(true_words, noise)
    collides = true_words[..., None] == noise[:, :, None, None, :]
    counts = [] if log_counts is None else [tf.gather(log_counts, ids) for ids in (true_words, noise[:, :, None])]
    with tf.GradientTape() as tape:
        tape.watch([true_logits, noise_logits])
        total = tf.reduce_sum(
            by_pool(trained, noise) * loss(by_pool(true_logits, noise), noise_logits, collides, *counts)
        )
    d_true, d_noise = tape.gradient(total, [true_logits, noise_logits])
    d_hidden = from_pool(tf.matmul(d_noise, noise_rows), hidden.shape)
    return total, d_true, d_hidden, tf.matmul(d_noise, pooled, transpose_a=True), tf.reduce_sum(d_noise, 2)


def cbow_gradients(vectors, softmax, signature, block, cbow_mean, loss, log_counts=None):
    """One CBOW block: the mean (or sum) of the context vectors predicts the centre word.

    Returns the summed loss, the moves of ``vectors`` and the moves of ``softmax`` (see :func:`move_rows`). With a
    shared softmax both are moves of the same matrix.
    """
    tokens, left, right, noise = block
    length, reach = left.shape[0], (tokens.shape[0] - left.shape[0]) // 2
    centre = neighbours(tokens, 0, length)
    words = tf.cast(left + right, tf.float32)[..., None]

    context = rows_of(vectors, tokens)
    hidden = window_sum(context, left, right) * signature
    if cbow_mean:
        hidden /= tf.maximum(words, 1.0)
    true_rows = neighbours(context, 0, length) if softmax is vectors else rows_of(softmax, centre)
    noise_rows = rows_of(softmax, noise)
    true_logits = dot_products(hidden, true_rows)[..., None]

    trained = tf.cast(words > 0, tf.float32)
    total, d_true, d_hidden, d_noise_rows, noise_uses = logit_gradients(
        loss, log_counts, hidden, true_logits, centre[..., None], trained, noise_rows, noise
    )
    # each word of the context receives the whole error: as the formula says of a sum, and as word2vec does for a mean
    d_hidden = (d_hidden + d_true * true_rows) * signature
    d_context = sum_over_centres(
        lambda shift, k: in_window(shift(left, k), shift(right, k), k)[..., None] * shift(d_hidden, k), reach
    )
    per_window = tf.fill(left.shape, 1.0 / USUAL_WINDOWS if cbow_mean else 1.0)
    context_uses = sum_over_centres(
        lambda shift, k: in_window(shift(left, k), shift(right, k), k) * shift(per_window, k), reach
    )
    vector_moves = [(tokens, context_uses, d_context)]
    softmax_moves = [
        (centre, tf.ones(centre.shape), d_true * hidden),
        (noise, noise_uses, d_noise_rows),
    ]
    return total, vector_moves, softmax_moves


def skipgram_gradients(vectors, softmax, signature, block, loss, log_counts=None):
    """One skip-gram block: the centre word's vector predicts each word of its context.

    Returns as :func:`cbow_gradients` does.
    """
    tokens, left, right, noise = block
    length, reach = left.shape[0], (tokens.shape[0] - left.shape[0]) // 2
    centre = neighbours(tokens, 0, length)

    context = rows_of(softmax, tokens)
    hidden = neighbours(context, 0, length) if softmax is vectors else rows_of(vectors, centre)
    hidden *= signature
    noise_rows = rows_of(softmax, noise)
    around = [neighbours(context, k, length) for k in offsets(reach)]
    true_logits = tf.stack([dot_products(hidden, rows) for rows in around], -1)
    true_words = tf.stack([neighbours(tokens, k, length) for k in offsets(reach)], -1)
    trained = tf.stack([in_window(left, right, k) for k in offsets(reach)], -1)

    total, d_true, d_hidden, d_noise_rows, noise_uses = logit_gradients(
        loss, log_counts, hidden, true_logits, true_words, trained, noise_rows, noise
    )
    d_hidden += tf.add_n([d_true[..., j, None] * rows for j, rows in enumerate(around)])
    slot = {k: j for j, k in enumerate(offsets(reach))}
    d_context = sum_over_centres(lambda shift, k: shift(d_true[..., slot[k], None], k) * shift(hidden, k), reach)
    context_uses = sum_over_centres(lambda shift, k: shift(trained[..., slot[k]], k), reach)
    vector_moves = [(centre, tf.reduce_sum(trained, -1), d_hidden * signature)]
    softmax_moves = [(tokens, context_uses, d_context), (noise, noise_uses, d_noise_rows)]
    return total, vector_moves, softmax_moves


def joined(outer, inner):
    """Add the moves of a block's own rows to those of the rows and margins, which contain them."""
    (tokens, uses, gradients), (centre, own_uses, own_gradients) = outer, inner
    reach = (tokens.shape[0] - centre.shape[0]) // 2
    edge = [[reach, reach], [0, 0]]
    return tokens, uses + tf.pad(own_uses, edge), gradients + tf.pad(own_gradients, [*edge, [0, 0]])


@functools.cache
def compiled(sg: int, shared_softmax: bool, cbow_mean: int, loss: Callable) -> Callable:
    """Compile the function that trains ``count`` blocks one after the other.

    One compiled loop over many blocks: Python is entered, and its global lock needed, once in some hundred
    thousand words.
    """
    gradients = skipgram_gradients if sg else functools.partial(cbow_gradients, cbow_mean=cbow_mean)
    most = LARGEST_MOVE_OF_SKIPGRAM if sg else LARGEST_MOVE_OF_CBOW

    def train_block(weights, signature, lock, log_counts, rate, block):
        if shared_softmax:
            (vectors,) = weights
            total, vector_moves, softmax_moves = gradients(
                vectors, vectors, signature, block, loss=loss, log_counts=log_counts
            )
            (vector_move,), (softmax_move, noise_move) = vector_moves, softmax_moves
            outer, inner = (softmax_move, vector_move) if sg else (vector_move, softmax_move)
            return total, [move_rows(vectors, lock, signature, rate, most, [joined(outer, inner), noise_move])]
        vectors, softmax = weights
        total, vector_moves, softmax_moves = gradients(
            vectors, softmax, signature, block, loss=loss, log_counts=log_counts
        )
        unlocked = tf.ones([1])
        vectors = move_rows(vectors, lock, signature, rate, most, vector_moves)
        return total, [vectors, move_rows(softmax, unlocked, signature, rate, most, softmax_moves)]

    @tf.function(jit_compile=True, autograph=False)
    def train(variables, signature, lock, log_counts, count, tokens, left, right, noise, rates):
        def body(i, total, *weights):
            block = tokens[i], left[i], right[i], noise[i]
            block_total, weights = train_block(weights, signature, lock, log_counts, rates[i], block)
            return i + 1, total + block_total, *weights

        start = (0, 0.0, *(variable.read_value() for variable in variables))
        _, total, *weights = tf.while_loop(lambda i, *_: i < count, body, start)
        for variable, trained in zip(variables, weights, strict=True):
            variable.assign(trained)
        return total

    return train


@tf.function(jit_compile=True, autograph=False)
def merge(replicas, signature, lock, size):
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
        mean -= tf.where(signature < 0.0, common, 0.0) * is_word * tf.gather(lock, rows % lock.shape[0])[:, None]
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
    signature : numpy.ndarray
        float32 ``[D]``, not 0: factor of each coordinate in the product of hidden vector and softmax weights.
    sg, cbow_mean : bool
        The architecture, in gensim's terms.
    replicas : int
        Copies of the weights.
    loss : callable, optional
        One of :mod:`tfw2v_gensim.losses`.
    log_counts : numpy.ndarray, optional
        float32 ``[V]``: logarithm of how often each word is expected in a pool, for the losses that take it.
    workers : tfw2v_gensim.distribution.Alone, optional
        The workers of a cluster, each of which has such a trainer; by default there is only this one.
    """

    def __init__(
        self,
        vectors: np.ndarray,
        softmax: np.ndarray | None,
        lock: np.ndarray,
        signature: np.ndarray,
        sg: int,
        cbow_mean: int,
        replicas: int,
        loss: Callable = random_softmax,
        log_counts: np.ndarray | None = None,
        workers: Alone | None = None,
    ) -> None:
        self.size = len(vectors)
        rows = 1 << (self.size - 1).bit_length() if self.size <= LARGEST_PADDED else self.size
        initial = [vectors] if softmax is None else [vectors, softmax]
        if rows > self.size:  # padding by nothing would be a copy, too
            initial = [np.pad(matrix, ((0, rows - self.size), (0, 0))) for matrix in initial]
        self.workers = workers or Alone()
        # TensorFlow's own choice, None, is the GPU where there is one
        self.devices = [*itertools.islice(itertools.cycle(self.workers.devices or [None]), replicas)]
        self.variables = []
        for device in self.devices:
            with tf.device(device):
                self.variables.append([tf.Variable(matrix) for matrix in initial])
        self.before = [tf.Variable(matrix) for matrix in initial] if self.workers.learners > 1 else []
        self.lock, self.signature = tf.constant(lock), tf.constant(signature)
        self.mirrored = bool((signature < 0.0).any())
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
                total = self.step(self.variables[replica], self.signature, self.lock, self.log_counts, count, *blocks)
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

        def merge_each(signature):
            for device, group in on_device.items():
                with tf.device(device):
                    merge(group, signature, self.lock, tf.constant(self.size))

        if self.before:
            if several:  # what is mirrored is centred last: that moves rows which nobody used
                merge_each(tf.ones_like(self.signature))
            merged = self.workers.merged([group[0] for group in on_device.values()], self.before)
            for copies in self.variables:
                assign(copies, merged)
        if several or self.mirrored:
            merge_each(self.signature)
        assign(self.before, self.variables[0])

    def weights(self) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the trained matrices as numpy arrays: word vectors, and softmax weights (None where shared)."""
        matrices = [variable.numpy()[: self.size] for variable in self.variables[0]]
        return matrices[0], matrices[1] if len(matrices) > 1 else None
