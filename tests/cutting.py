"""Trainings that are cut off, and what they must end as."""

import pytest

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.callbacks import RoundCallback

TIMES = {"seconds", "words_per_second"}


class CutError(Exception):
    """Cuts a training off, as a power failure would."""


class CutAfter(RoundCallback):
    def __init__(self, steps, cut=None):
        self.steps = steps
        self.cut = cut

    def on_round_end(self, model, figures):
        self.steps -= 1
        if not self.steps:
            if self.cut:
                self.cut()
            else:
                raise CutError


def train(sentences, **arguments):
    return Word2Vec(sentences, **{"vector_size": 20, "min_count": 2, "epochs": 3, **arguments})


def cut_off(sentences, folder, steps, before=(), **arguments):
    with pytest.raises(CutError):
        train(sentences, checkpoint=folder, callbacks=[*before, CutAfter(steps)], **arguments)


def assert_same(model, other):
    assert model.wv.index_to_key == other.wv.index_to_key
    assert (model.wv.vectors == other.wv.vectors).all()
    assert (model.syn1neg == other.syn1neg).all()
    assert model.shared_softmax == other.shared_softmax
    histories = [
        [{name: row[name] for name in row.keys() - TIMES} for row in history]
        for history in (model.history, other.history)
    ]
    assert histories[0] == histories[1]
    for name in ("running_training_loss", "min_alpha_yet_reached", "train_count", "alpha", "min_alpha", "epochs"):
        assert getattr(model, name) == getattr(other, name)
