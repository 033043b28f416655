"""Environment variables are taken back."""

import os

import pytest

from tfw2v_gensim.process.environment import set_to


@pytest.mark.parametrize("former", [None, "former"])
def test_what_was_there_before_is_there_again_whatever_happens(monkeypatch, former):
    monkeypatch.delenv("TFW2V_TEST", raising=False)
    if former is not None:
        monkeypatch.setenv("TFW2V_TEST", former)
    with pytest.raises(OSError, match="disk"), set_to("TFW2V_TEST", "new"):
        assert os.environ["TFW2V_TEST"] == "new"
        raise OSError("disk")
    assert os.environ.get("TFW2V_TEST") == former


def test_what_others_set_meanwhile_stands(monkeypatch):
    monkeypatch.setenv("TFW2V_TEST", "former")
    with set_to("TFW2V_TEST", "new"):
        os.environ["TFW2V_TEST"] = "theirs"
    assert os.environ["TFW2V_TEST"] == "theirs"


def test_none_changes_nothing(monkeypatch):
    monkeypatch.setenv("TFW2V_TEST", "former")
    with set_to("TFW2V_TEST", None):
        assert os.environ["TFW2V_TEST"] == "former"
