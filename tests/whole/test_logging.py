"""The log lines that gensim's users watch, in gensim's format, from this package's loggers."""

import logging
import re

import pytest

from tfw2v_gensim import Word2Vec


def lines(caplog, logger="tfw2v_gensim."):
    return [record.getMessage() for record in caplog.records if record.name.startswith(logger)]


@pytest.fixture()
def logged(caplog):
    caplog.set_level(logging.INFO)
    return caplog


def test_one_line_an_epoch(lee, logged):
    model = Word2Vec(lee, vector_size=20, epochs=3)
    pattern = r"EPOCH (\d): training on (\d+) raw words \(\d+ effective words\) took \d+\.\ds, \d+ effective words/s"
    ends = [found for found in (re.fullmatch(pattern, line) for line in lines(logged)) if found]
    assert [end[1] for end in ends] == ["0", "1", "2"]
    assert {int(end[2]) for end in ends} == {model.corpus_total_words}


@pytest.mark.parametrize("unit", ["examples", "words"])
def test_progress(lee, logged, unit, several_rounds):
    model = Word2Vec(vector_size=20)
    model.build_vocab(lee)
    total = {"total_examples": len(lee)} if unit == "examples" else {"total_words": model.corpus_total_words}
    model.train(lee, epochs=1, report_delay=0, **total)
    pattern = rf"EPOCH 0 - PROGRESS: at (\d+\.\d\d)% {unit}, \d+ words/s, in_qsize -1, out_qsize 0"
    done = [float(found[1]) for found in (re.fullmatch(pattern, line) for line in lines(logged)) if found]
    assert len(done) > 5
    assert done == sorted(done) and done[-1] == 100.0


def test_a_corpus_that_is_not_the_one_announced_is_warned_of(lee, logged):
    model = Word2Vec(vector_size=20)
    model.build_vocab(lee)
    model.train(lee, total_examples=299, epochs=1)
    assert "EPOCH 0: supplied example count (300) did not equal expected count (299)" in lines(logged)
