"""The table of what each loss needs says what the losses are."""

import inspect

from tfw2v_gensim.training import losses
from tfw2v_gensim.training.objectives import OBJECTIVES


def test_every_loss_is_there_and_takes_counts_where_the_table_says_so():
    functions = {name: f for name, f in vars(losses).items() if inspect.isfunction(f) and not name.startswith("_")}
    assert set(OBJECTIVES) == set(functions)
    takes_counts = {name: len(inspect.signature(f).parameters) == 5 for name, f in functions.items()}
    assert takes_counts == {name: objective.takes_counts for name, objective in OBJECTIVES.items()}
