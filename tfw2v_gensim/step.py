"""The compiled training step: gather rows, take the loss of a block, move the rows.

Shapes, throughout: ``L`` rows and ``S`` streams of a block, ``D`` vector size, ``V`` vocabulary, ``A`` pools of ``P``
noise words side by side, each for ``G`` rows, ``J`` true words that share a hidden vector, ``K`` blocks of a call
(see :mod:`tfw2v_gensim.blocks`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence

import tensorflow as tf

from tfw2v_gensim.rates import USUAL_RATE

# A row used n times in one block moves by rate / (1 + n / 10) times its summed gradient, in skip-gram by
# rate / (1 + n / 16) times. All its uses see the row as it was before the block, so they correct the same error n times
# over: plain sums diverge on frequent words. A rate above the usual 0.1 saturates sooner, so that a row never moves by
# more than so many times its mean gradient: at twice it would overshoot for ever. A frequent word may stand in a CBOW
# window several times, and overshoots sooner: at 1.6, sample=0 and four times the default alpha diverged on 7 million
# words. On 17 million, CBOW has 45.0 % of the analogies right at 1 and 45.3 at 1.6, skip-gram 43.1 and 44.6.
LARGEST_MOVE_OF_CBOW, LARGEST_MOVE_OF_SKIPGRAM = 1.0, 1.6

# Windows that a word is in with gensim's default of 5, reduced at random: being in the means of all counts as one use.
USUAL_WINDOWS = 6.0


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
    factors: tf.Tensor,
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
    factors : tf.Tensor
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
        weights = tf.tensor_scatter_nd_add(weights, ids, step * gradients / tf.abs(factors))
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


def cbow_gradients(vectors, softmax, factors, block, cbow_mean, loss, log_counts=None):
    """One CBOW block: the mean (or sum) of the context vectors predicts the centre word.

    Returns the summed loss, the moves of ``vectors`` and the moves of ``softmax`` (see :func:`move_rows`). With a
    shared softmax both are moves of the same matrix.
    """
    tokens, left, right, noise = block
    length, reach = left.shape[0], (tokens.shape[0] - left.shape[0]) // 2
    centre = neighbours(tokens, 0, length)
    words = tf.cast(left + right, tf.float32)[..., None]

    context = rows_of(vectors, tokens)
    hidden = window_sum(context, left, right) * factors
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
    d_hidden = (d_hidden + d_true * true_rows) * factors
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


def skipgram_gradients(vectors, softmax, factors, block, loss, log_counts=None):
    """One skip-gram block: the centre word's vector predicts each word of its context.

    Returns as :func:`cbow_gradients` does.
    """
    tokens, left, right, noise = block
    length, reach = left.shape[0], (tokens.shape[0] - left.shape[0]) // 2
    centre = neighbours(tokens, 0, length)

    context = rows_of(softmax, tokens)
    hidden = neighbours(context, 0, length) if softmax is vectors else rows_of(vectors, centre)
    hidden *= factors
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
    vector_moves = [(centre, tf.reduce_sum(trained, -1), d_hidden * factors)]
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

    def train_block(weights, factors, lock, log_counts, rate, block):
        if shared_softmax:
            (vectors,) = weights
            total, vector_moves, softmax_moves = gradients(
                vectors, vectors, factors, block, loss=loss, log_counts=log_counts
            )
            (vector_move,), (softmax_move, noise_move) = vector_moves, softmax_moves
            outer, inner = (softmax_move, vector_move) if sg else (vector_move, softmax_move)
            return total, [move_rows(vectors, lock, factors, rate, most, [joined(outer, inner), noise_move])]
        vectors, softmax = weights
        total, vector_moves, softmax_moves = gradients(
            vectors, softmax, factors, block, loss=loss, log_counts=log_counts
        )
        unlocked = tf.ones([1])
        vectors = move_rows(vectors, lock, factors, rate, most, vector_moves)
        return total, [vectors, move_rows(softmax, unlocked, factors, rate, most, softmax_moves)]

    @tf.function(jit_compile=True, autograph=False)
    def train(variables, factors, lock, log_counts, count, tokens, left, right, noise, rates):
        def body(i, total, *weights):
            block = tokens[i], left[i], right[i], noise[i]
            block_total, weights = train_block(weights, factors, lock, log_counts, rates[i], block)
            return i + 1, total + block_total, *weights

        start = (0, 0.0, *(variable.read_value() for variable in variables))
        _, total, *weights = tf.while_loop(lambda i, *_: i < count, body, start)
        for variable, trained in zip(variables, weights, strict=True):
            variable.assign(trained)
        return total

    return train
