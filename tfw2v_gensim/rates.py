"""The learning rate that an alpha on gensim's scale stands for."""

from __future__ import annotations

from tfw2v_gensim.objectives import Objective

# gensim's default alpha, 0.025, stands for a rate of 0.1 on a large corpus
USUAL_RATE = 0.1
RATE_PER_ALPHA = 4.0

# Words trained an epoch from which on a corpus is large, for shared and for separate softmax weights. Below it the rate
# falls with the root of their number, down to alpha itself: on the Lee corpus (35,000) the full rate learns the text
# by heart in 20 epochs.
LARGE_CORPUS = {True: 6e6, False: 1.6e5}

# A shared softmax that sees a small corpus a few times only takes more: twice alpha at 5 epochs, alpha itself at 20.
# 600,000 words, WordSim-353: 37 at alpha and 45 at twice alpha after 5 epochs, 49 and less than 43 after 20
RATE_OF_FEW_EPOCHS = 2.0 * 5**0.5


def rate_per_alpha(
    words_per_epoch: float, alpha: float, epochs: int, objective: Objective, shared_softmax: bool, sg: int
) -> float:
    """Return the rate that an alpha of 1 stands for.

    Parameters
    ----------
    words_per_epoch : float
        Words that an epoch trains, after subsampling.
    alpha, epochs, shared_softmax, sg
        As of :class:`tfw2v_gensim.Word2Vec`.
    objective : tfw2v_gensim.objectives.Objective

    Examples
    --------
    >>> from tfw2v_gensim.objectives import OBJECTIVES
    >>> rate_per_alpha(12e6, 0.025, 5, OBJECTIVES["random_softmax"], shared_softmax=True, sg=0)
    4.0

    """
    rate = max(1.0, RATE_PER_ALPHA * min(1.0, words_per_epoch / LARGE_CORPUS[shared_softmax]) ** 0.5)
    if shared_softmax:
        few_epochs = min(RATE_PER_ALPHA, RATE_OF_FEW_EPOCHS * epochs**-0.5)
        # not beyond the usual rate: an alpha that is high already is meant to be
        rate = max(rate, min(few_epochs, USUAL_RATE / max(alpha, 1e-9)))
    highest = objective.highest_rate_of_shared_cbow if shared_softmax and not sg else objective.highest_rate
    return min(rate, highest)
