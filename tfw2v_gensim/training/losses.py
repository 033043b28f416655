"""Losses as pure functions of logits: no weights, no vocabulary, no model."""

import tensorflow as tf


def random_softmax(true_logits: tf.Tensor, noise_logits: tf.Tensor, collisions: tf.Tensor) -> tf.Tensor:
    """Softmax cross-entropy of the true word among randomly drawn noise words.

    For a true word ``t`` with logit ``z_t`` and noise words with logits ``z_k``::

        loss = -log( exp(z_t) / (exp(z_t) + sum_k exp(z_k)) )

    Noise words that happen to be the true word itself are left out of the sum; where none is left, the loss is 0.
    They have the true word's logit, so that it is enough to know how many they are, and to subtract them from the sum
    over all (to compare each true word with each noise word under the sum took skip-gram a fifth longer).
    The loss is exact for true logits of any size, and for noise logits that lie within 80 nats of each other
    (beyond that, float32 counts the smaller ones as nothing).

    Parameters
    ----------
    true_logits : tf.Tensor
        float32 ``[..., J]``: logits of the ``J`` true words that share one hidden vector
        (1 for CBOW, the window's words for skip-gram).
    noise_logits : tf.Tensor
        float32 ``[..., P]``: logits of the ``P`` noise words drawn for that hidden vector.
    collisions : tf.Tensor
        float32 ``[..., J]``: how many of the noise words are the true word.

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
    >>> loss = random_softmax(tf.constant([[0.0]]), tf.constant([[0.0, 0.0, 0.0]]), collisions=tf.constant([[1.0]]))
    >>> print(f"{float(loss[0, 0]):.4f}")  # three equal candidates are left: log(3)
    1.0986

    """
    highest = tf.stop_gradient(tf.reduce_max(noise_logits, -1, keepdims=True))
    of_true_word = collisions * tf.exp(tf.where(collisions > 0.0, true_logits - highest, 0.0))
    noise_sum = tf.reduce_sum(tf.exp(noise_logits - highest), -1, keepdims=True) - of_true_word
    some = noise_sum > 0.0
    log_noise_sum = highest + tf.math.log(tf.where(some, noise_sum, 1.0))
    # softplus(x) = log(1 + exp(x)) stays exact however far the true word is ahead or behind
    return tf.where(some, tf.math.softplus(log_noise_sum - true_logits), 0.0)


def sampled_softmax(true_logits: tf.Tensor, noise_logits: tf.Tensor, collisions: tf.Tensor) -> tf.Tensor:
    """Softmax cross-entropy among noise words, of logits that are corrected for how often each word is drawn.

    With ``Q(w)`` the number of times that word ``w`` is expected among the noise words::

        z'_w = z_w - log Q(w)
        loss = -log( exp(z'_t) / (exp(z'_t) + sum_k exp(z'_k)) )

    so it is :func:`random_softmax` of the corrected logits, and its optimum is a logit that needs no correction:
    ``z_w = log p(w | context) + constant``. Here ``z_w`` is a product of vectors plus a bias that is held at
    ``log p(w)``, see :func:`tfw2v_gensim.training.plan.corrections`. Agrees with ``tf.nn.sampled_softmax_loss`` with
    those biases.

    Parameters
    ----------
    true_logits, noise_logits, collisions : tf.Tensor
        See :func:`random_softmax`; the logits are the corrected ones.

    Returns
    -------
    tf.Tensor
        float32 ``[..., J]``: the loss of each true word, in nats.

    References
    ----------
    Jean, Cho, Memisevic and Bengio, "On Using Very Large Target Vocabulary for Neural Machine Translation" (2015).

    Examples
    --------
    >>> log_counts = tf.math.log([[0.5]]), tf.math.log([[0.5, 0.25]])
    >>> loss = sampled_softmax(-log_counts[0], -log_counts[1], tf.constant([[0.0]]))  # -log(2 / (2 + 2 + 4))
    >>> print(f"{float(loss[0, 0]):.4f}")
    1.3863

    """
    return random_softmax(true_logits, noise_logits, collisions)


def nce(true_logits: tf.Tensor, noise_logits: tf.Tensor, collisions: tf.Tensor) -> tf.Tensor:
    """Noise-contrastive estimation: tell the true word from each noise word by a logistic regression.

    With ``z'_w = z_w - log Q(w)``, and ``Q(w)`` the number of times that word ``w`` is expected among the noise::

        loss = -log sigmoid(z'_t) - sum_k log(1 - sigmoid(z'_k))

    The optimum is the logarithm of a probability, without a free constant: ``z_w = log p(w | context)``. A noise
    word that is the true word itself stays: the derivation has it among the noise. Agrees with ``tf.nn.nce_loss``.

    Parameters
    ----------
    true_logits, noise_logits : tf.Tensor
        See :func:`sampled_softmax`.
    collisions : tf.Tensor
        Not used.

    Returns
    -------
    tf.Tensor
        float32 ``[..., J]``: the loss of each true word, in nats.

    References
    ----------
    Gutmann and Hyvärinen, "Noise-contrastive estimation" (2010); Mnih and Teh, "A fast and simple algorithm for
    training neural probabilistic language models" (2012).

    Examples
    --------
    >>> loss = nce(tf.constant([[0.0]]), tf.constant([[0.0, 0.0]]), collisions=None)
    >>> print(f"{float(loss[0, 0]):.4f}")  # three decisions between two: 3 log(2)
    2.0794

    """
    return tf.math.softplus(-true_logits) + tf.reduce_sum(tf.math.softplus(noise_logits), -1, keepdims=True)


def softmax(true_logits: tf.Tensor, noise_logits: tf.Tensor, collisions: tf.Tensor) -> tf.Tensor:
    """Softmax cross-entropy over the whole vocabulary: exact, and the reference for the others.

    With ``w`` running over all words of the vocabulary::

        loss = -log( exp(z_t) / sum_w exp(z_w) )

    Parameters
    ----------
    true_logits : tf.Tensor
        See :func:`random_softmax`.
    noise_logits : tf.Tensor
        float32 ``[..., V]``: logits of all words, the true one among them.
    collisions : tf.Tensor
        Not used.

    Returns
    -------
    tf.Tensor
        float32 ``[..., J]``: the loss of each true word, in nats.

    References
    ----------
    Mikolov, Chen, Corrado and Dean, "Efficient Estimation of Word Representations in Vector Space" (2013).

    Examples
    --------
    >>> loss = softmax(tf.constant([[1.0]]), tf.constant([[1.0, 1.0, 1.0, 1.0]]), None)
    >>> print(f"{float(loss[0, 0]):.4f}")  # log(4)
    1.3863

    """
    return tf.reduce_logsumexp(noise_logits, -1, keepdims=True) - true_logits
