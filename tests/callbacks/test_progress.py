import io
import re
import sys

import pytest
from gensim.test.utils import common_texts

from tfw2v_gensim import Word2Vec


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown_while_training(monkeypatch, stream, **arguments):
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", stream)
        Word2Vec(common_texts, vector_size=20, min_count=1, epochs=3, **arguments)
    return stream.getvalue()


@pytest.mark.parametrize("stream, progress", [(Terminal, None), (Terminal, True), (io.StringIO, True)])
def test_the_bar_shows_speed_loss_rate_and_time_left(monkeypatch, stream, progress):
    shown = shown_while_training(monkeypatch, stream(), progress=progress)
    assert re.search(r"epoch 1/3: +0%", shown)
    assert "?" not in shown
    last = shown.rstrip().splitlines()[-1].split("\r")[-1]
    assert re.search(r"epoch 3/3: 100%.* 00:00 left, \S+ words/s, loss \d\.\d+, alpha 0\.\d+$", last)


@pytest.mark.parametrize("stream, progress", [(Terminal, False), (io.StringIO, None), (io.StringIO, False)])
def test_without_a_terminal_or_when_turned_off_nothing_is_shown(monkeypatch, stream, progress):
    assert shown_while_training(monkeypatch, stream(), progress=progress) == ""


def test_one_pass_of_an_unexpected_length_ends_at_the_whole(monkeypatch):
    stream = Terminal()
    model = Word2Vec(min_count=1)
    model.build_vocab(common_texts)
    monkeypatch.setattr(sys, "stderr", stream)
    model.train(common_texts, total_examples=2, epochs=1)
    assert "100%" in stream.getvalue() and "450%" not in stream.getvalue()
