"""Losses as pure functions of logits: no weights, no vocabulary, no model."""

import tensorflow as tf


def random_softmax(true_logits, noise_logits, collides):
    """Softmax cross-entropy of the true word among randomly drawn noise words.

    For a true word ``t`` with logit ``z_t`` and noise words with logits ``z_k``::

        loss = -log( exp(z_t) / (exp(z_t) + sum_k exp(z_k)) )

    A noise word that happens to be the true word itself is left out of the sum; where none is left, the loss is 0.
    The loss is exact for true logits of any size, and for noise logits that lie within 80 nats of each other
    (beyond that, float32 counts the smaller ones as nothing).

    Parameters
    ----------
    true_logits : tf.Tensor
        float32 ``[..., J]``: logits of the ``J`` true words that share one hidden vector
        (1 for CBOW, the window's words for skip-gram).
    noise_logits : tf.Tensor
        float32 ``[..., P]``: logits of the ``P`` noise words drawn for that hidden vector.
    collides : tf.Tensor
        bool ``[..., J, P]``: whether a noise word is the true word.

    Returns
    -------
    tf.Tensor
        float32 ``[..., J]``: the loss of each true word, in nats.

    References
    ----------
    Su Jianlin, "Tensorflow版的Word2Vec" (2017), https://kexue.fm/archives/4402.

    Examples
    --------
    >>> import tensorflow as tf
    >>> collides = tf.constant([[[False, False, True]]])
    >>> loss = random_softmax(tf.constant([[0.0]]), tf.constant([[0.0, 0.0, 9.0]]), collides)
    >>> print(f"{float(loss[0, 0]):.4f}")  # three equal candidates are left: log(3)
    1.0986

    """
    highest = tf.stop_gradient(tf.reduce_max(noise_logits, -1, keepdims=True))
    exponentials = tf.exp(noise_logits - highest)
    noise_sum = tf.reduce_sum(tf.where(collides, 0.0, exponentials[..., None, :]), -1)
    some = noise_sum > 0.0
    log_noise_sum = highest + tf.math.log(tf.where(some, noise_sum, 1.0))
    # softplus(x) = log(1 + exp(x)) stays exact however far the true word is ahead or behind
    return tf.where(some, tf.math.softplus(log_noise_sum - true_logits), 0.0)
