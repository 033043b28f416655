"""The table of what each loss needs says what the losses are."""

import inspect

from tfw2v_gensim.training import losses
from tfw2v_gensim.training.objectives import OBJECTIVES


def test_every_loss_is_there():
    functions = {name: f for name, f in vars(losses).items() if inspect.isfunction(f) and not name.startswith("_")}
    assert set(OBJECTIVES) == set(functions)
