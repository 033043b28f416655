"""``tfw2v``: the command line, and without arguments a demonstration."""

import re
import sys

import pytest

from tfw2v_gensim import __main__ as program


@pytest.mark.slow
def test_without_arguments_neighbours_and_the_speed_beside_gensims_are_shown(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["tfw2v"])
    assert program.main() == 0
    first, *lines, last = capsys.readouterr().out.splitlines()
    articles, words = (
        int(figure.replace(",", "")) for figure in re.findall(r"([\d,]+) (?:news articles|words)", first)
    )
    assert articles == 300 and 50_000 < words < 60_000
    neighbours = {word: others.split(", ") for word, others in re.findall(r"^ *(\w+): (.+)$", "\n".join(lines), re.M)}
    assert tuple(neighbours) == program.WORDS and len(lines) == len(program.WORDS)
    for word, others in neighbours.items():
        assert len(set(others) - {word}) == 6
    assert "palestinian" in neighbours["israel"]
    speed = re.fullmatch(
        r"speed: tfw2v_gensim ([\d,]+) words/s \(([\d.]+) s, .* included; ([\d,]+) words/s after the first epoch\), "
        r"gensim ([\d,]+) words/s \(([\d.]+) s\)",
        last,
    )
    ours, our_seconds, later, theirs, their_seconds = (float(figure.replace(",", "")) for figure in speed.groups())
    for rate, seconds in ((ours, our_seconds), (theirs, their_seconds)):  # both are said to a tenth of a second
        assert (seconds - 0.06) * rate < program.EPOCHS * words < (seconds + 0.06) * rate
    assert later > 0


@pytest.mark.parametrize("status", [0, 2])
def test_with_arguments_it_is_the_command_line_and_ends_with_its_status(monkeypatch, status):
    monkeypatch.setattr(sys, "argv", ["tfw2v", "-train", "corpus.txt"])
    monkeypatch.setattr(program, "demonstrate", lambda: pytest.fail("it was a demonstration"))
    monkeypatch.setattr(program.command_line, "main", lambda: status)
    assert program.main() == status
