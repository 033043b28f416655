"""Trainings that a callback ends early: what gensim and its callbacks see, whose weights stay, and resumed."""

import numpy as np
import pytest
from cutting import assert_same, cut_off, train
from gensim.models.callbacks import CallbackAny2Vec

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.callbacks import EarlyStopping, HeldOutLoss
from tfw2v_gensim.training.replicas import Trainer


class Scripted(CallbackAny2Vec):
    """Puts figures into the history: one an epoch."""

    def __init__(self, *values):
        self.values = values

    def on_epoch_end(self, model):
        row = model.history[-1]
        row["scripted"] = self.values[row["epoch"]]


class Seen(CallbackAny2Vec):
    """Takes down every call, and the vectors after each epoch."""

    def __init__(self):
        self.calls, self.vectors = [], []

    def on_train_begin(self, model):
        self.calls.append("train begin")

    def on_epoch_begin(self, model):
        self.calls.append("begin")

    def on_epoch_end(self, model):
        self.calls.append("end")
        self.vectors.append(model.wv.vectors.copy())

    def on_train_end(self, model):
        self.calls.append("train end")


def stopping(**arguments):
    return EarlyStopping(monitor="scripted", **arguments)


@pytest.fixture(params=[None, "checkpoints"], ids=["", "with checkpoints"])
def checkpoint(request, tmp_path):
    return request.param and tmp_path / request.param


def test_gensim_and_its_callbacks_see_a_whole_training_of_fewer_epochs(articles, checkpoint):
    seen, stop = Seen(), stopping(patience=2)
    model = Word2Vec(vector_size=20, min_count=2, checkpoint=checkpoint)
    model.build_vocab(articles)
    callbacks = [seen, Scripted(3.0, 2.0, 2.5, 2.0, 1.0, 1.0, 1.0, 1.0), stop]
    counts = model.train(articles, total_examples=len(articles), epochs=8, callbacks=callbacks)
    assert seen.calls == ["train begin", *["begin", "end"] * 4, "train end"]
    assert counts == tuple(sum(row[name] for row in model.history) for name in ("effective_words", "words"))
    assert len(model.history) == 4 and model.train_count == 1 and model.epochs == 8
    assert model.total_train_time == pytest.approx(sum(row["seconds"] for row in model.history))
    assert (stop.best, stop.best_epoch, stop.stopped_epoch) == (2.0, 1, 3)
    assert model.lifecycle_events[-1]["event"] == "train"


def test_the_best_weights_stay_or_those_of_the_last_epoch(articles, checkpoint, mode):
    for restore_best, kept in ((True, 1), (False, 3)):
        seen = Seen()
        callbacks = [seen, Scripted(3.0, 2.0, 2.5, 2.0, 1.0), stopping(restore_best=restore_best)]
        folder = checkpoint and checkpoint / str(restore_best)
        model = train(articles, epochs=5, checkpoint=folder, callbacks=callbacks, **mode)
        assert (model.wv.vectors == seen.vectors[kept]).all()
        assert (seen.vectors[1] != seen.vectors[3]).any()
    assert ("syn1neg" in model.__dict__) != mode["shared_softmax"]


def test_a_training_to_its_end_has_the_best_weights_too(articles):
    seen, stop = Seen(), stopping(patience=5)
    model = train(articles, callbacks=[seen, Scripted(3.0, 1.0, 2.0), stop])
    assert (model.wv.vectors == seen.vectors[1]).all() and stop.stopped_epoch is None


def test_it_changes_nothing_of_what_is_trained(articles):
    model = train(articles, epochs=4, callbacks=[Scripted(3.0, 2.0, 1.0, 0.0), stopping()])
    assert (model.wv.vectors == train(articles, epochs=4).wv.vectors).all()


def test_less_than_min_delta_is_no_improvement(articles):
    stop = stopping(patience=1, min_delta=0.5)
    train(articles, epochs=4, callbacks=[Scripted(3.0, 2.0, 1.6, 0.0), stop])
    assert (stop.best_epoch, stop.stopped_epoch) == (1, 2)


def test_a_held_out_loss_that_does_not_fall_ends_the_training(lee):
    stop = EarlyStopping(min_delta=0.5)
    model = train(lee[:60], epochs=20, callbacks=[HeldOutLoss(lee[60:80]), stop])
    losses = [row["held_out_loss"] for row in model.history]
    assert stop.stopped_epoch == len(losses) - 1 < 19
    assert stop.best == losses[stop.best_epoch] and min(losses) > stop.best - 0.5


def test_the_next_call_trains_again(articles):
    model = train(articles, callbacks=[Scripted(1.0, 1.0, 1.0), stopping(patience=1)])
    assert len(model.history) == 2
    model.train(articles, total_examples=len(articles), epochs=3)
    assert len(model.history) == 5
    assert "stop_training" not in model.__dict__


def test_any_callback_may_give_the_signal_and_all_hear_of_that_epoch(articles, checkpoint):
    class Stop(CallbackAny2Vec):
        def on_epoch_end(self, model):
            model.stop_training = len(model.history) == 2

    seen = Seen()
    model = train(articles, checkpoint=checkpoint, callbacks=[Stop(), seen])
    assert len(model.history) == 2
    assert seen.calls == ["train begin", "begin", "end", "begin", "end", "train end"]


def test_a_figure_that_is_not_there_is_named(articles):
    message = r"monitor must be a figure of the model's history, one of \['alpha', .*, got 'held_out_loss': a HeldOut"
    with pytest.raises(ValueError, match=message):
        train(articles, callbacks=[EarlyStopping(), HeldOutLoss(articles)])


@pytest.mark.usefixtures("a_checkpoint_after_every_round", "several_rounds")
@pytest.mark.parametrize("rounds", [2, 9, 13])
def test_a_training_that_is_cut_off_stops_where_an_unbroken_one_does(articles, tmp_path, rounds):
    """Cut in the first epoch, in the one after the best, and in the one that is the last."""

    def callbacks():
        return [Scripted(3.0, 2.0, 2.5, 2.0, 1.0, 1.0), stopping(patience=5), stopping()]

    unbroken = train(articles, epochs=6, callbacks=callbacks())
    assert len(unbroken.history) == 4
    cut_off(articles, tmp_path, rounds, before=callbacks(), epochs=6)
    again = callbacks()
    model = train(articles, epochs=6, checkpoint=tmp_path, callbacks=again)
    assert_same(model, unbroken)
    assert (again[2].best, again[2].best_epoch, again[2].stopped_epoch) == (2.0, 1, 3)


def test_a_training_that_was_stopped_is_not_trained_again(articles, tmp_path, monkeypatch, caplog):
    arguments = dict(epochs=6, checkpoint=tmp_path)
    values = 3.0, 2.0, 2.5, 2.0, 1.0, 1.0
    stopped = train(articles, callbacks=[Scripted(*values), stopping()], **arguments)
    monkeypatch.setattr(Trainer, "train", lambda *_: pytest.fail("it was trained"))
    caplog.set_level("INFO", "tfw2v_gensim.callbacks.resuming")
    assert_same(train(articles, callbacks=[Scripted(*values), stopping()], **arguments), stopped)
    assert "finished training" in caplog.text


def test_a_checkpoint_without_the_callback_s_state_is_gone_on_from(articles, tmp_path):
    train(articles, epochs=2, checkpoint=tmp_path)
    model = train(articles, epochs=2, checkpoint=tmp_path, callbacks=[stopping()])
    assert np.isfinite(model.wv.vectors).all() and len(model.history) == 2
