"""The table of what each loss needs says what the losses are."""

import inspect

import pytest

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.training import losses
from tfw2v_gensim.training.noise import EveryWord, NoiseTable
from tfw2v_gensim.training.objectives import OBJECTIVES
from tfw2v_gensim.training.plan import plan_of

WORDS = 500


def test_every_loss_is_in_the_table_and_is_one():
    functions = {name: f for name, f in vars(losses).items() if inspect.isfunction(f) and not name.startswith("_")}
    assert set(OBJECTIVES) == set(functions)


@pytest.mark.parametrize("loss", OBJECTIVES)
def test_noise_is_drawn_but_for_a_loss_that_takes_every_word(loss):
    model = Word2Vec(vector_size=8, loss=loss)
    model.build_vocab_from_freq({str(word): 10 for word in range(WORDS)})
    plan = plan_of(model._settings())
    if OBJECTIVES[loss].takes_every_word:
        assert isinstance(plan.noise, EveryWord) and plan.shape.noise == WORDS
    else:
        assert isinstance(plan.noise, NoiseTable) and plan.shape.noise < WORDS / 4


def test_the_full_softmax_alone_takes_every_word():
    assert [loss for loss, objective in OBJECTIVES.items() if objective.takes_every_word] == ["softmax"]
