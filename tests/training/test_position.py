"""Where a training is."""

import json

import numpy as np
import pytest

from tfw2v_gensim.training.position import EpochInfo, Position


def test_the_share_that_is_done_is_counted_in_sentences_where_their_number_is_known_else_in_words():
    assert EpochInfo(epoch=0, epochs=5, total_examples=10, total_words=400).share(5, 100) == 0.5
    assert EpochInfo(epoch=0, epochs=5, total_examples=None, total_words=400).share(5, 100) == 0.25
    blocks = EpochInfo(0, 5, 10, None).share(np.array([0.0, 2.5]), np.array([0.0, 1.0]))
    assert blocks.tolist() == [0.0, 0.25]


def test_rounds_add_up_to_an_epoch_whose_loss_is_the_mean_of_all_its_examples():
    first = Position().after(2, 30.0, 10, sentences=4, words=40, kept_words=30, seconds=2.0, alpha=0.02)
    second = first.after(2, 10.0, 30, sentences=8, words=90, kept_words=70, seconds=3.0, alpha=0.01)
    assert (second.rounds, second.examples, second.mean_loss) == (2, 40, 1.0)
    assert second.figures == {
        "epoch": 2, "loss": pytest.approx(1 / 3), "words": 90, "effective_words": 70, "seconds": 3.0,
        "words_per_second": 30.0, "alpha": 0.01,
    }  # fmt: skip
    assert second.at_end(4.5) == second.figures | {"loss": 1.0, "seconds": 4.5, "words_per_second": 20.0}


def test_a_position_goes_through_json_as_checkpoints_keep_it():
    position = Position().after(0, 5.0, 2, sentences=5, words=50, kept_words=40, seconds=1.0, alpha=0.02)
    assert Position(**json.loads(json.dumps(position._asdict()))) == position


def test_a_round_without_examples_has_no_loss():
    nothing = Position().after(0, 0.0, 0, sentences=3, words=3, kept_words=0, seconds=1.0, alpha=0.02)
    assert nothing.figures["loss"] == nothing.mean_loss == 0.0
