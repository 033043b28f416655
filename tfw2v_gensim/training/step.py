"""The compiled training step: gather rows, take the loss of a block, move the rows.

Every process traces it once, which takes the longer the more nodes the graph has. Brackets make four, tf.slice,
tf.gather and tf.expand_dims two; what the terms of a sum have in common is worked out for all of them at once.

Shapes, throughout: ``S`` streams and ``L`` rows of a block, ``R`` its reach (the widest window), ``T = L + 2 R``, ``D``
vector size, ``V`` vocabulary, ``A`` pools of ``P`` noise words side by side, each for ``G`` rows, ``J`` true words that
share a hidden vector (see :mod:`tfw2v_gensim.training.blocks`). A stream's words lie side by side here, ``[S, L, D]``,
so that the vectors of one window stay in the processor's nearest cache.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import tensorflow as tf

# A row used n times in one block moves by rate / (1 + n * rate / m) times its summed gradient. All its uses see the row
# as it was before the block, so they correct the same error n times over: plain sums diverge on frequent words. So a
# row never moves by more than m times its mean gradient: at twice it would overshoot for ever. A frequent word may be
# in a CBOW window several times, and overshoots sooner: at 1.6, sample=0 and four times the default alpha diverged on
# 7 million words. Rates below those here saturate as these do: frequent words settle, too, as the rate falls.
LARGEST_MOVE_OF_CBOW, LARGEST_MOVE_OF_SKIPGRAM = 1.0, 1.6
SATURATED_FROM_OF_CBOW, SATURATED_FROM_OF_SKIPGRAM = 0.1, 0.05

# Words of a window, and windows that a word is in, with gensim's default of 5, reduced at random: being in the means of
# all counts as one use. In wider windows each word takes a smaller share of the error, or those of all would overshoot.
USUAL_WINDOWS = 6.0


def offsets(reach: int) -> list[int]:
    """Positions of the context relative to the centre word: -reach..reach without 0."""
    return [k for k in range(-reach, reach + 1) if k]


def shifted_slices(streams: dict[int, tf.Tensor], length: int) -> list[tf.Tensor]:
    """For each of the ``length`` middle positions, what lies so far after it: by offset, the streams to look in.

    All are of one shape, ``[S, ...]``, and so is what is returned, ``[S, length, ...]`` for each offset.
    """
    shape = next(iter(streams.values())).shape
    reach, others = (shape[1] - length) // 2, [0] * (len(shape) - 2)
    size = tf.constant([shape[0], length, *shape[2:]])
    return [tf.slice(x, [0, reach + k, *others], size) for k, x in streams.items()]


def middle(x: tf.Tensor, length: int) -> tf.Tensor:
    """Return the ``length`` middle positions of the streams ``x``."""
    return shifted_slices({0: x}, length)[0]


def by_offset(x: tf.Tensor, reach: int) -> dict[int, tf.Tensor]:
    """Take what lies along the last axis, ``[..., 2 R]``, apart by the offset that it belongs to: ``[..., 1]`` each."""
    around = offsets(reach)
    return dict(zip(around, tf.split(x, len(around), -1), strict=True))


def margins(x: tf.Tensor, width: int) -> tf.Tensor:
    """Put ``width`` zeros before and after each stream."""
    return tf.pad(x, [[0, 0], [width, width]] + [[0, 0]] * (len(x.shape) - 2))


def in_window(left: tf.Tensor, right: tf.Tensor, distance_weights: tf.Tensor) -> dict[int, tf.Tensor]:
    """By offset, the weight of the word there: 0 beyond the sentence's ends; ``[..., 1]``, like ``left``, ``right``.

    ``distance_weights`` is float32 ``[R]``, for distances from 1 on.
    """
    reach = distance_weights.shape[0]
    sides = (
        (left >= [*range(reach, 0, -1)], distance_weights[::-1]),
        (right >= [*range(1, reach + 1)], distance_weights),
    )
    inside = [part for side, weights in sides for part in tf.split(tf.cast(side, tf.float32) * weights, reach, -1)]
    return dict(zip(offsets(reach), inside, strict=True))


def weight_of_window(left: tf.Tensor, right: tf.Tensor, distance_weights: tf.Tensor) -> tf.Tensor:
    """Sum the weights of all words of each window, ``[..., 1]``."""
    reach = distance_weights.shape[0]
    inside = tf.concat([left, right], -1)[..., None] >= [*range(1, reach + 1)]
    # a product: XLA would work a sum out again wherever it is used, once for each coordinate
    sides = tf.matmul(
        tf.reshape(tf.cast(inside, tf.float32), [-1, 2 * reach]), tf.concat([distance_weights[:, None]] * 2, 0)
    )
    return tf.reshape(sides, left.shape)


def sum_of_context(weights: dict[int, tf.Tensor], context: tf.Tensor, length: int) -> tf.Tensor:
    """Sum the context of every centre word, ``[S, T, D]`` to ``[S, L, D]``; weights, by offset, are ``[S, L, 1]``."""
    around = shifted_slices(dict.fromkeys(weights, context), length)
    return tf.add_n([weight * x for weight, x in zip(weights.values(), around, strict=True)])


def sum_over_centres(weights: dict[int, tf.Tensor], values: tf.Tensor, reach: int) -> tf.Tensor:
    """Sum, for every word, the values of the centres around it: ``[S, L, ...]`` to ``[S, T, ...]``.

    The transpose of :func:`sum_of_context`; weights, by the offset at which the centres have the word, are
    ``[S, L + 4 R, ...]``, with margins as wide as the values get here.
    """
    words = values.shape[1] + 2 * reach
    values = margins(values, 2 * reach)
    return tf.add_n(shifted_slices({-k: weight * values for k, weight in weights.items()}, words))


def pad_by_gather(x: tf.Tensor, reach: int) -> tf.Tensor:
    """As :func:`margins`, by a product with 0 and 1.

    XLA compiles padding into a branch; in a long sum, it keeps the whole sum from being vectorised (20 terms: six times
    slower).
    """
    around = range(-reach, x.shape[1] + reach)
    inside = tf.constant([float(0 <= row < x.shape[1]) for row in around])
    return tf.expand_dims(inside, -1) * tf.gather(x, [min(max(row, 0), x.shape[1] - 1) for row in around], axis=1)


def share_of_error(words: tf.Tensor) -> tf.Tensor:
    """Return what the rows that meet in a window take of an example's error, given the sum of its words' weights."""
    return tf.minimum(1.0, USUAL_WINDOWS / tf.maximum(words, 1.0))


def rows_of(weights: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
    """Rows of a matrix: ids of any shape to ``[*ids.shape, D]``."""
    return tf.reshape(tf.gather(weights, tf.reshape(ids, [-1])), [*ids.shape, weights.shape[1]])


def dot_products(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Multiply vector by vector: two times ``[..., D]`` to ``[..., 1]``."""
    dimensions = x.shape[-1]
    # a product with ones: XLA sums long rows far faster as a matrix product than as a reduction
    return tf.reshape(tf.matmul(tf.reshape(x * y, [-1, dimensions]), tf.ones([dimensions, 1])), [*x.shape[:-1], 1])


def by_pool(x: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
    """Put the examples that share noise words side by side: ``[S, L, ...]`` to ``[L / G, A, G * S / A, ...]``.

    ``noise`` is ``[L / G, A, P]``: its first row of pools serves the block's rows 0, L / G, 2 L / G and so on.
    """
    (streams, length), (rows, pools) = x.shape[:2], noise.shape[:2]
    x = tf.reshape(x, [pools, streams // pools, length // rows, rows, *x.shape[2:]])
    x = tf.transpose(x, [3, 0, 1, 2, *range(4, len(x.shape))])
    return tf.reshape(x, [rows, pools, -1, *x.shape[4:]])


def from_pool(x: tf.Tensor, streams: int) -> tf.Tensor:
    """Undo :func:`by_pool`: ``[L / G, A, G * S / A, ...]`` to ``[S, L, ...]``."""
    rows, pools, together = x.shape[:3]
    x = tf.reshape(x, [rows, pools, streams // pools, together * pools // streams, *x.shape[3:]])
    x = tf.transpose(x, [1, 2, 3, 0, *range(4, len(x.shape))])
    return tf.reshape(x, [streams, -1, *x.shape[4:]])


def logit_gradients(loss, corrections, hidden, true_logits, true_words, trained, noise_rows, noise, shares):
    """Compute the loss of a block and its gradients.

    Parameters
    ----------
    loss : callable
        One of :mod:`tfw2v_gensim.training.losses`.
    corrections : tf.Tensor or None
        float32 ``[V]``: what is taken from each word's logit, see :func:`tfw2v_gensim.training.plan.corrections`.
    hidden : tf.Tensor
        float32 ``[S, L, D]``
    true_logits, true_words, trained : tf.Tensor
        float32, int32 and float32 (weight of each example in the loss) ``[S, L, J]``
    noise_rows, noise : tf.Tensor
        float32 ``[L / G, A, P, D]`` and int32 ``[L / G, A, P]``
    shares : tf.Tensor
        float32 ``[S, L, J]``: weight of each example in the gradients.

    Returns
    -------
    total : tf.Tensor
        Scalar, the loss summed over the trained examples.
    d_true_logits, d_hidden : tf.Tensor
        ``[S, L, J]``, and ``[S, L, D]`` through the noise words only.
    d_noise_rows, noise_uses : tf.Tensor
        ``[L / G, A, P, D]`` and ``[L / G, A, P]``, in whole examples: the share of each example's error that falls on
        the noise word. One that is the true word gets its share, too, which the true logit's gradient takes back.
    """
    pooled = by_pool(hidden, noise)
    noise_logits = tf.matmul(pooled, noise_rows, transpose_b=True)
    true_logits, true_words, trained, shares = (
        by_pool(x, noise) for x in (true_logits, true_words, trained, shares)
    )  # fmt: skip
    each, among = tf.expand_dims(true_words, -1), tf.reshape(noise, [*noise.shape[:2], 1, 1, noise.shape[2]])
    equal = tf.cast(tf.equal(each, among), tf.int32)
    collisions = tf.cast(tf.reduce_sum(equal, -1), tf.float32)  # XLA adds integers side by side
    if corrections is not None:
        true_logits -= tf.gather(corrections, true_words)
        noise_logits -= tf.gather(corrections, noise[:, :, None])
    with tf.GradientTape() as tape:
        tape.watch([true_logits, noise_logits])
        losses = loss(true_logits, noise_logits, collisions)
    total = tf.reduce_sum(trained * losses)
    d_true, d_noise = tape.gradient(losses, [true_logits, noise_logits], output_gradients=shares)
    d_true, d_hidden = (from_pool(x, hidden.shape[0]) for x in (d_true, tf.matmul(d_noise, noise_rows)))
    return total, d_true, d_hidden, tf.matmul(d_noise, pooled, transpose_a=True), tf.reduce_sum(d_noise, 2)


def cbow_gradients(
    block, context, centre_rows, noise_rows, factors, distance_weights, cbow_mean, loss, corrections=None
):
    """One CBOW block: the mean (or sum) of the context vectors predicts the centre word.

    Takes the rows of the block's words, and returns the summed loss and the moves of the rows of the context words, of
    the centre words and of the noise words (see :func:`move_rows`).
    """
    tokens, left, right, noise = block
    length, reach = left.shape[1], (tokens.shape[1] - left.shape[1]) // 2
    centre = middle(tokens, length)
    left, right = tf.expand_dims(left, -1), tf.expand_dims(right, -1)
    seen = in_window(left, right, distance_weights)
    words = weight_of_window(left, right, distance_weights)
    hidden = sum_of_context(seen, context, length) * factors
    trained, share = tf.cast(words > 0, tf.float32), share_of_error(words)
    if cbow_mean:
        hidden /= words + (1.0 - trained)
    total, d_true, d_hidden, d_noise_rows, noise_uses = logit_gradients(
        loss, corrections, hidden, dot_products(hidden, centre_rows), tf.expand_dims(centre, -1),
        trained, noise_rows, noise, trained if cbow_mean else trained * share,  # a sum grows with the window
    )  # fmt: skip
    # a usual window's words receive the whole error each: as the formula says of a sum, and word2vec does for a mean
    d_hidden = (d_hidden + d_true * centre_rows) * factors
    if cbow_mean:
        d_hidden *= share
    inside = in_window(margins(left, 2 * reach), margins(right, 2 * reach), distance_weights)
    d_context = sum_over_centres(inside, d_hidden, reach)
    uses = sum_over_centres(inside, share / (USUAL_WINDOWS if cbow_mean else 1.0), reach)
    own = centre, tf.ones([*centre.shape, 1]), d_true * hidden
    return total, (tokens, uses, d_context), own, (noise, noise_uses, d_noise_rows)


def skipgram_gradients(block, context, centre_rows, noise_rows, factors, distance_weights, loss, corrections=None):
    """One skip-gram block: the centre word's vector predicts each word of its context.

    Returns as :func:`cbow_gradients` does.
    """
    tokens, left, right, noise = block
    length, reach = left.shape[1], (tokens.shape[1] - left.shape[1]) // 2
    left, right = tf.expand_dims(left, -1), tf.expand_dims(right, -1)
    hidden = centre_rows * factors
    vectors, words = (shifted_slices(dict.fromkeys(offsets(reach), x), length) for x in (context, tokens))
    true_logits, true_words = tf.concat([dot_products(hidden, x) for x in vectors], -1), tf.stack(words, -1)
    trained = tf.concat([*in_window(left, right, distance_weights).values()], -1)
    shares = trained * share_of_error(tf.reduce_sum(trained, -1, keepdims=True))
    total, d_true, d_hidden, d_noise_rows, noise_uses = logit_gradients(
        loss, corrections, hidden, true_logits, true_words, trained, noise_rows, noise, shares
    )
    d_hidden += sum_of_context(by_offset(d_true, reach), context, length)
    d_true, paired = by_offset(margins(d_true, 2 * reach), reach), by_offset(margins(shares, 2 * reach), reach)
    d_context = sum_over_centres(d_true, hidden, reach)
    uses = sum_over_centres(paired, tf.ones(left.shape), reach)
    own = middle(tokens, length), tf.reduce_sum(shares, -1, keepdims=True), d_hidden * factors
    return total, (tokens, uses, d_context), own, (noise, noise_uses, d_noise_rows)


def move_rows(weights, rates, saturations, magnitudes, moves):
    """Gradient descent on the rows that a block used.

    Parameters
    ----------
    weights : tf.Tensor
        float32 ``[V, D]``
    rates, saturations : tf.Tensor
        float32 ``[V]``: learning rate of each row, and by how much of it each use divides it: see LARGEST_MOVE_OF_CBOW.
    magnitudes : tf.Tensor
        float32 ``[D]``: a coordinate whose products count n times moves at an n-th of the rate, or it would be
        n times as fast as the others.
    moves : list of (ids, uses, gradients)
        int32 ``[...]``, float32 ``[...]`` (examples that the gradient sums over) and float32 ``[..., D]``.
    """
    size, dimensions = weights.shape
    flat = [(tf.reshape(i, [-1, 1]), tf.reshape(n, [-1]), tf.reshape(g, [-1, dimensions])) for i, n, g in moves]
    uses = tf.zeros([size])
    for ids, n, _ in flat:
        uses = tf.tensor_scatter_nd_add(uses, ids, n)
    for ids, _, gradients in flat:
        step = -tf.gather(rates, ids) / (1.0 + tf.gather(saturations * uses, ids))
        weights = tf.tensor_scatter_nd_add(weights, ids, step * gradients / magnitudes)
    return weights


def by_row(values: tf.Tensor, rows: int) -> tf.Tensor:
    """Repeat each replica's value for all of its rows, which lie behind those of the replica before: ``[rows]``."""
    replicas = values.shape[0]
    return tf.reshape(tf.broadcast_to(values[:, None], [replicas, rows // replicas]), [rows])


def block_trainer(sg: int, shared_softmax: bool, cbow_mean: int, loss: Callable) -> Callable:
    """Return the function that trains one block."""
    gradients = skipgram_gradients if sg else functools.partial(cbow_gradients, cbow_mean=cbow_mean)
    largest_move = LARGEST_MOVE_OF_SKIPGRAM if sg else LARGEST_MOVE_OF_CBOW
    saturated_from = SATURATED_FROM_OF_SKIPGRAM if sg else SATURATED_FROM_OF_CBOW

    def train_block(weights, factors, distance_weights, lock, corrections, pull, rates, block, always=None):
        # two matrices, or one that is both: in CBOW, context words have vectors, centre and noise words softmax weights
        of_context, of_centre, of_noise = (-1, 0, -1) if sg else (0, -1, -1)
        tokens, left, right, noise = block
        length, reach = left.shape[1], (tokens.shape[1] - left.shape[1]) // 2
        centre, magnitudes = middle(tokens, length), tf.maximum(factors, -factors)  # tf.abs takes XLA 7 ms to translate
        context, noise_rows = rows_of(weights[of_context], tokens), rows_of(weights[of_noise], noise)
        if always is not None and not (sg or shared_softmax):
            # on a processor, XLA would gather a row again for each window it is in, but for a condition
            context = tf.cond(always, lambda: context, lambda: tf.zeros(context.shape))
        centre_rows = middle(context, length) if shared_softmax else rows_of(weights[of_centre], centre)
        total, (_, uses, d_context), (_, own_uses, d_centre), noise_move = gradients(
            block, context, centre_rows, noise_rows, factors, distance_weights, loss=loss, corrections=corrections
        )
        if pull is not None:  # the prior: each word trained as the centre is pulled towards 0, in every matrix
            strength = tf.expand_dims(tf.gather(pull, centre) * tf.cast(left + right > 0, tf.float32), -1)
            d_context += margins(strength, reach) * magnitudes * context
            if not shared_softmax:
                d_centre += strength * magnitudes * centre_rows
        moves = [[] for _ in weights]
        if shared_softmax:  # the centre words are among the context's: one move for both
            uses, d_context = uses + margins(own_uses, reach), d_context + pad_by_gather(d_centre, reach)
        else:
            moves[of_centre].append((centre, own_uses, d_centre))
        moves[of_context].append((tokens, uses, d_context))
        moves[of_noise].append(noise_move)
        rows = weights[0].shape[0]
        saturations = by_row(tf.maximum(rates, saturated_from) / largest_move, rows)
        rates = by_row(rates, rows)
        of_matrix = rates * lock, rates  # gensim's lock holds vectors, not softmax weights
        return total, [
            move_rows(matrix, of_matrix[j], saturations, magnitudes, moves[j]) for j, matrix in enumerate(weights)
        ]

    return train_block
