import pytest
import tensorflow as tf
from gensim.models.callbacks import CallbackAny2Vec
from gensim.test.utils import common_texts

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.callbacks import TensorBoard

QUESTIONS = ": toy\nhuman interface computer user\ngraph trees minors survey\n"


def scalars(log_dir):
    """All scalars of a folder of event files: {tag: [(step, value), ...]}."""
    read = {}
    for events in sorted(log_dir.iterdir()):
        for record in tf.data.TFRecordDataset(str(events)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            for value in event.summary.value:
                read.setdefault(value.tag, []).append((event.step, float(tf.make_ndarray(value.tensor))))
    return read


def test_a_star_import_leaves_this_package_s_class_in_its_place():
    names = {}
    exec("from tfw2v_gensim import Word2Vec\nfrom tfw2v_gensim.callbacks import *", names)
    assert (names["Word2Vec"], names["TensorBoard"]) == (Word2Vec, TensorBoard)


def test_rounds_and_history_tell_the_same_story(lee, rounds, several_rounds):
    model = Word2Vec(lee, epochs=3, callbacks=[rounds], compute_loss=True)
    by_epoch = [[f for f in rounds.figures if f["epoch"] == epoch] for epoch in range(3)]
    assert all(len(figures) > 1 for figures in by_epoch)
    for epoch, (figures, row) in enumerate(zip(by_epoch, model.history, strict=True)):
        assert row["epoch"] == epoch
        assert [f["words"] for f in figures] == sorted(f["words"] for f in figures)
        assert figures[-1]["words"] == row["words"] == model.corpus_total_words
        assert figures[-1]["effective_words"] == row["effective_words"] < row["words"]
        assert figures[-1]["alpha"] == row["alpha"]
        assert min(f["loss"] for f in figures) <= row["loss"] <= max(f["loss"] for f in figures)
        assert row["words_per_second"] == pytest.approx(row["words"] / row["seconds"])
        assert row["seconds"] >= figures[-1]["seconds"] > 0
    assert [row["alpha"] for row in model.history] == sorted((row["alpha"] for row in model.history), reverse=True)
    assert model.history[-1]["loss"] < model.history[0]["loss"]


def test_history_goes_on_with_further_training_and_is_saved(tmp_path):
    model = Word2Vec(common_texts, vector_size=20, min_count=1, epochs=2)
    model.train(common_texts, total_examples=model.corpus_count, epochs=1)
    assert [row["epoch"] for row in model.history] == [0, 1, 0]
    model.save(str(tmp_path / "model"))
    assert Word2Vec.load(str(tmp_path / "model")).history == model.history


def test_gensims_own_callbacks_work_beside_ours(rounds):
    class Epochs(CallbackAny2Vec):
        ended = 0

        def on_epoch_end(self, model):
            self.ended += 1

    epochs = Epochs()
    Word2Vec(common_texts, vector_size=20, min_count=1, epochs=2, callbacks=[epochs, rounds])
    assert epochs.ended == 2


def test_tensorboard_gets_every_round_and_the_analogies_of_every_epoch(tmp_path, rounds):
    questions = tmp_path / "questions.txt"
    questions.write_text(QUESTIONS)
    log_dir = tmp_path / "logs"
    model = Word2Vec(
        common_texts, min_count=1, epochs=3, callbacks=[rounds, TensorBoard(log_dir, analogies=str(questions))]
    )
    written = scalars(log_dir)
    assert set(written) == {"loss", "alpha", "words_per_second", "analogies"}
    for name in ("loss", "alpha", "words_per_second"):
        expected = [(i + 1, pytest.approx(figures[name], rel=1e-6)) for i, figures in enumerate(rounds.figures)]
        assert written[name] == expected
    assert [step for step, _ in written["analogies"]] == [1, 2, 3]
    assert written["analogies"][-1][1] == model.wv.evaluate_word_analogies(str(questions))[0]


def test_tensorboard_goes_on_counting_when_training_goes_on(tmp_path):
    tensorboard = TensorBoard(tmp_path)
    model = Word2Vec(common_texts, vector_size=20, min_count=1, epochs=2, callbacks=[tensorboard])
    model.train(common_texts, total_examples=model.corpus_count, epochs=1, callbacks=[tensorboard])
    assert [step for step, _ in scalars(tmp_path)["loss"]] == [1, 2, 3]
