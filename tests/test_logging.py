"""The log lines that gensim's users watch, in gensim's format, from this package's loggers."""

import logging
import re

import pytest
import tensorflow as tf

from tfw2v_gensim import Word2Vec


def lines(caplog, logger="tfw2v_gensim."):
    return [record.getMessage() for record in caplog.records if record.name.startswith(logger)]


@pytest.fixture()
def logged(caplog):
    caplog.set_level(logging.INFO)
    return caplog


def test_one_line_an_epoch(lee, logged):
    model = Word2Vec(lee, vector_size=8, epochs=3)
    pattern = r"EPOCH (\d): training on (\d+) raw words \(\d+ effective words\) took \d+\.\ds, \d+ effective words/s"
    ends = [found for found in (re.fullmatch(pattern, line) for line in lines(logged)) if found]
    assert [end[1] for end in ends] == ["0", "1", "2"]
    assert {int(end[2]) for end in ends} == {model.corpus_total_words}


@pytest.mark.parametrize("unit", ["examples", "words"])
def test_progress(lee, logged, unit):
    model = Word2Vec(vector_size=8)
    model.build_vocab(lee)
    total = {"total_examples": len(lee)} if unit == "examples" else {"total_words": model.corpus_total_words}
    model.train(lee, epochs=1, report_delay=0, **total)
    pattern = rf"EPOCH 0 - PROGRESS: at (\d+\.\d\d)% {unit}, \d+ words/s, in_qsize -1, out_qsize 0"
    done = [float(found[1]) for found in (re.fullmatch(pattern, line) for line in lines(logged)) if found]
    assert len(done) > 5
    assert done == sorted(done) and done[-1] == 100.0


def test_training_is_an_event_that_names_the_loss_and_tensorflow(lee, logged):
    model = Word2Vec(lee, vector_size=8, epochs=1)
    events = [event for event in model.lifecycle_events if event["event"] == "train"]
    assert len(events) == 2
    assert all((event["loss"], event["tensorflow"]) == ("random_softmax", tf.__version__) for event in events)
    logged_events = [line for line in lines(logged) if line.startswith("Word2Vec lifecycle event ")]
    assert len(logged_events) == 2
    assert all("random_softmax" in line and tf.__version__ in line for line in logged_events)


def test_a_corpus_that_is_not_the_one_announced_is_warned_of(lee, logged):
    model = Word2Vec(vector_size=8)
    model.build_vocab(lee)
    model.train(lee, total_examples=299, epochs=1)
    assert "EPOCH 0: supplied example count (300) did not equal expected count (299)" in lines(logged)


def test_gensims_own_trainer_logs_as_gensim(lee, logged):
    model = Word2Vec(lee, vector_size=8, epochs=1, hs=1, negative=0)
    assert any(line.startswith("EPOCH 0: training on") for line in lines(logged, "gensim.models.word2vec"))
    assert not any(line.startswith("EPOCH") for line in lines(logged))
    assert all("loss" not in event for event in model.lifecycle_events)
