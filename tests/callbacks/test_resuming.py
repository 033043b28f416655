"""Trainings that are cut off go on from their checkpoints, to the vectors of an unbroken run."""

import copy
import os
import pickle

import pytest
from cutting import CutAfter, CutError, assert_same, cut_off, train
from gensim.models.callbacks import CallbackAny2Vec

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.callbacks import resuming
from tfw2v_gensim.training import plan
from tfw2v_gensim.training.plan import block_shape
from tfw2v_gensim.training.replicas import Trainer

pytestmark = pytest.mark.usefixtures("a_checkpoint_after_every_round", "several_rounds")


def test_a_training_cut_off_twice_ends_as_an_unbroken_one(articles, tmp_path, mode):
    unbroken = train(articles, compute_loss=True, **mode)
    for steps in (2, 4):
        cut_off(articles, tmp_path, steps, compute_loss=True, **mode)
    assert_same(train(articles, checkpoint=tmp_path, compute_loss=True, **mode), unbroken)


def test_replicas_go_on_too(articles, tmp_path, monkeypatch):
    monkeypatch.setattr(plan, "block_shape", lambda *sizes: block_shape(*sizes)._replace(replicas=2, blocks=4))
    unbroken = train(articles)
    cut_off(articles, tmp_path, 4)
    assert_same(train(articles, checkpoint=tmp_path), unbroken)


@pytest.mark.parametrize("steps", range(1, 6))
def test_build_vocab_and_train_on_a_file_go_on_and_count_all_words(articles, tmp_path, steps):
    path = tmp_path / "corpus.txt"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in articles))

    def trained(checkpoint, callbacks=()):
        model = Word2Vec(vector_size=20, min_count=2, checkpoint=checkpoint)
        model.build_vocab(corpus_file=str(path))
        return model, model.train(
            corpus_file=str(path), total_words=model.corpus_total_words, epochs=2, callbacks=callbacks
        )

    unbroken, counts = trained(None)
    with pytest.raises(CutError):
        trained(tmp_path / "checkpoints", [CutAfter(steps)])
    model, counts_again = trained(tmp_path / "checkpoints")
    assert_same(model, unbroken)
    assert counts_again == counts
    assert model.total_train_time == pytest.approx(sum(row["seconds"] for row in model.history))


def test_what_epoch_callbacks_change_is_in_the_checkpoint_and_they_are_not_called_again(articles, tmp_path, rounds):
    class Halve(CallbackAny2Vec):
        def __init__(self):
            self.calls = []

        def on_epoch_begin(self, model):
            self.calls.append(("begin", len(model.history)))

        def on_epoch_end(self, model):
            model.wv.vectors *= 0.5
            self.calls.append(("end", len(model.history)))

    unbroken = train(articles, callbacks=[Halve(), rounds])
    in_an_epoch = [figures["epoch"] for figures in rounds.figures].count(0)
    with pytest.raises(CutError):
        train(articles, checkpoint=tmp_path, callbacks=[Halve(), CutAfter(in_an_epoch + 1)])
    halve = Halve()
    assert_same(train(articles, checkpoint=tmp_path, callbacks=[halve]), unbroken)
    assert halve.calls == [("begin", 1), ("end", 2), ("begin", 2), ("end", 3)]


def test_a_finished_training_is_not_trained_again(articles, tmp_path, monkeypatch, caplog):
    finished = train(articles, checkpoint=tmp_path, compute_loss=True)
    monkeypatch.setattr(Trainer, "train", lambda *_: pytest.fail("it was trained"))
    caplog.set_level("INFO", "tfw2v_gensim.callbacks.resuming")
    assert_same(train(articles, checkpoint=str(tmp_path), compute_loss=True), finished)
    assert "finished training" in caplog.text


def test_each_call_of_train_has_its_own_checkpoints(articles, tmp_path):
    def train_twice(checkpoint, callbacks=()):
        model = train(articles, epochs=2, checkpoint=checkpoint)
        between = model.wv.vectors.copy()
        model.build_vocab([["okapi", "zebra"] * 3], update=True)
        model.train(articles[::-1], total_examples=len(articles), epochs=2, callbacks=callbacks)
        return model, between

    unbroken, after_first = train_twice(None)
    with pytest.raises(CutError):
        train_twice(tmp_path, [CutAfter(3)])
    again, after_first_again = train_twice(tmp_path)
    assert_same(again, unbroken)
    assert (after_first == after_first_again).all()
    assert sorted(os.listdir(tmp_path)) == [f"train-{call}.{which}.npz" for call in (0, 1) for which in (0, 1)]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (dict(alpha=0.05), "alpha is 0.025 in the checkpoint, 0.05 was given"),
        (dict(epochs=4), "epochs is 3 in the checkpoint, 4 was given"),
        (dict(window=3, seed=2), "window is 5 in the checkpoint, 3 was given; seed is 1 in the checkpoint, 2 was"),
        (dict(vector_size=21), "vector_size is 20"),
        (dict(shared_softmax=False), "shared_softmax is True in the checkpoint, False was given"),
        (dict(prior=0), "prior is 2.5 in the checkpoint, 0 was given"),
        (dict(loss="nce"), "loss is 'random_softmax' in the checkpoint, 'nce' was given"),
    ],
    ids=str,
)
def test_other_arguments_are_refused_by_name(articles, tmp_path, arguments, message):
    cut_off(articles, tmp_path, 2)
    with pytest.raises(ValueError, match=message):
        train(articles, checkpoint=tmp_path, **arguments)


def test_another_corpus_is_refused(articles, tmp_path):
    cut_off(articles, tmp_path, 2)
    with pytest.raises(ValueError, match="corpus_count is 60 in the checkpoint, 59 was given"):
        train(articles[:-1], checkpoint=tmp_path)
    with pytest.raises(ValueError, match=r"word 0 of the vocabulary is 'the' \(.* in the checkpoint, 'The' \(.* given"):
        train([[word.capitalize() for word in sentence] for sentence in articles], checkpoint=tmp_path)


def test_other_initial_vectors_are_refused(articles, tmp_path):
    cut_off(articles, tmp_path, 2)
    model = Word2Vec(vector_size=20, min_count=2, checkpoint=tmp_path)
    model.build_vocab(articles)
    model.wv.vectors[0] += 1.0
    with pytest.raises(ValueError, match="vectors is not what it was"):
        model.train(articles, total_examples=model.corpus_count, total_words=model.corpus_total_words, epochs=3)


def test_what_changes_nothing_may_differ(articles, tmp_path):
    unbroken = train(articles)
    cut_off(articles, tmp_path, 2)
    again = train(articles, checkpoint=tmp_path, workers=7, batch_words=9, comment="again", progress=False)
    assert (again.wv.vectors == unbroken.wv.vectors).all()


def test_the_folder_is_not_saved_with_the_model(articles, tmp_path):
    model = train(articles, checkpoint=tmp_path / "checkpoints")
    model.save(str(tmp_path / "model"))
    assert Word2Vec.load(str(tmp_path / "model")).checkpoint is None
    assert not hasattr(model.to_gensim(), "checkpoint")


def test_a_model_is_copied_and_saved_while_a_training_leaves_checkpoints(articles, tmp_path):
    """The training that runs, its callbacks and the folder of checkpoints are no part of a model."""
    copies = {}

    class Copies(CallbackAny2Vec):
        def __init__(self):
            self.cannot_be_pickled = lambda: None

        def on_epoch_end(self, model):
            path = str(tmp_path / "model")
            model.save(path)
            copies.update(
                pickled=pickle.loads(pickle.dumps(model)), copied=copy.deepcopy(model), loaded=Word2Vec.load(path)
            )

    model = train(articles, epochs=1, checkpoint=tmp_path / "checkpoints", callbacks=[Copies()])
    for kind, of_model in copies.items():
        assert not any(isinstance(value, resuming.CheckpointedTraining) for value in vars(of_model).values()), kind
        assert (of_model.wv.vectors == model.wv.vectors).all(), kind
    assert len(copies) == 3
    assert model._caller is None


def test_after_a_training_that_failed_the_next_one_needs_no_checkpoint(articles, tmp_path):
    model = Word2Vec(vector_size=20, min_count=2, checkpoint=tmp_path)
    model.build_vocab(articles)
    totals = dict(total_examples=model.corpus_count, total_words=model.corpus_total_words)
    with pytest.raises(CutError):
        model.train(articles, epochs=1, callbacks=[CutAfter(1)], **totals)
    found = sorted(os.listdir(tmp_path))
    model.checkpoint = None
    model.train(articles, epochs=2, **totals)
    assert sorted(os.listdir(tmp_path)) == found


def test_words_of_every_kind_go_on(tmp_path):
    words = [
        "\ud800",
        "\ud83d\ude00",
        "😀",
        "a b",
        "line\nbreak",
        "\0",
        "x" * 10_000,
        7,
        "7",
        b"7",
        ("a", "tuple"),
        None,
    ]
    sentences = [words] * 40
    unbroken = train(sentences, sample=0)
    cut_off(sentences, tmp_path, 2, sample=0)
    assert_same(train(sentences, sample=0, checkpoint=tmp_path), unbroken)
