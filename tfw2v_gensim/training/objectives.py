"""What each loss of :mod:`tfw2v_gensim.training.losses` needs from the rest of the package, without TensorFlow."""

from __future__ import annotations

from typing import NamedTuple


class Objective(NamedTuple):
    """A loss's traits.

    Attributes
    ----------
    learns_noise_ratio : bool
        At its optimum the product of hidden vector and softmax weights is ``log p(w | context) - log q(w)``, with q the
        noise distribution; else it is ``log p(w | context) - log p(w)``.
    takes_every_word : bool
        In place of noise words it has the whole vocabulary.
    one_at_a_time : bool
        Its replicas may not train at once.
    """

    learns_noise_ratio: bool = False
    takes_every_word: bool = False
    one_at_a_time: bool = False


# Two of them have XLA reduce from a constant, a maximum's. Where two threads begin to run such code at once, TensorFlow
# 2.21 adds the constant to one list from both, and a process in many ends with a segmentation fault.
OBJECTIVES = {
    "random_softmax": Objective(learns_noise_ratio=True),
    "sampled_softmax": Objective(one_at_a_time=True),
    "nce": Objective(),
    "softmax": Objective(takes_every_word=True, one_at_a_time=True),
}
