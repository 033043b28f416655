import re
import sys

from tfw2v_gensim.__main__ import main


def test_without_arguments_neighbours_and_the_speed_beside_gensims_are_shown(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["tfw2v"])
    assert main() == 0
    shown = capsys.readouterr().out
    neighbours = dict(re.findall(r"^ *(\w+): (.+)$", shown, re.MULTILINE))
    assert "palestinian" in neighbours["israel"].split(", ")
    speed = re.search(r"tfw2v_gensim ([\d,]+) words/s .* gensim ([\d,]+) words/s", shown)
    assert all(int(figure.replace(",", "")) > 0 for figure in speed.groups())
