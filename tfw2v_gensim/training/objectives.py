"""What each loss of :mod:`tfw2v_gensim.training.losses` needs from the rest of the package, without TensorFlow."""

from __future__ import annotations

import math
from typing import NamedTuple


class Objective(NamedTuple):
    """A loss's traits.

    Attributes
    ----------
    takes_counts : bool
        It corrects its logits for how often each word is expected among the noise words.
    learns_ratio : bool
        At its optimum a logit is ``log p(w | context) - log q(w)``, with q the noise distribution; else it is
        ``log p(w | context)``.
    takes_every_word : bool
        In place of noise words it has the whole vocabulary.
    shared_in_skipgram : bool
        Whether skip-gram shares its softmax weights with the word vectors by default. CBOW always does.
    highest_rate, highest_rate_of_shared_cbow : float
        Learning rate an alpha, at the most.
    one_at_a_time : bool
        Its replicas may not train at once.
    """

    takes_counts: bool = False
    learns_ratio: bool = False
    takes_every_word: bool = False
    shared_in_skipgram: bool = True
    highest_rate: float = math.inf
    highest_rate_of_shared_cbow: float = math.inf
    one_at_a_time: bool = False


# Sampled softmax and NCE learn log(noise probability), 12 nats between frequent and rare words, before all else, and
# diverge at higher rates than these on 17 million words. Skip-gram's vectors, shared, cannot hold it: sampled softmax
# then diverges at 1, too, and separate weights do not.
#
# Two of them have XLA reduce from a constant, a maximum's. Where two threads begin to run such code at once, TensorFlow
# 2.21 adds the constant to one list from both, and a process in many ends with a segmentation fault.
OBJECTIVES = {
    "random_softmax": Objective(learns_ratio=True),
    "sampled_softmax": Objective(
        takes_counts=True,
        shared_in_skipgram=False,
        highest_rate=1.0,
        highest_rate_of_shared_cbow=2.0,
        one_at_a_time=True,
    ),
    "nce": Objective(takes_counts=True, highest_rate=1.0, highest_rate_of_shared_cbow=1.0),
    "softmax": Objective(takes_every_word=True, one_at_a_time=True),
}
