"""The command line as users run it, in a process of its own."""

import subprocess
import sys

import pytest
from gensim.test.utils import common_texts

from tfw2v_gensim.command_line import main

TEXT = "".join(" ".join(sentence) + "\n" for sentence in common_texts * 5)


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    path = tmp_path / "corpus.txt"
    path.write_text(TEXT)
    return path


def in_a_process(*arguments, module="tfw2v_gensim", **options):
    """Run a program, and return what it left on standard output and on standard error."""
    command = [sys.executable, "-m", module, *map(str, arguments), "-size", "20", "-iter", "2"]
    ended = subprocess.run(command, capture_output=True, check=True, **options)
    return ended.stdout, ended.stderr


def in_this_process(*arguments, output):
    assert main([*map(str, arguments), "-size", "20", "-iter", "2", "-output", str(output)]) == 0
    return output.read_bytes()


def test_a_text_on_standard_input_gives_vectors_on_standard_output_and_nothing_is_logged(tmp_path, corpus):
    printed, logged = in_a_process("-train", "-", "-output", "/dev/stdout", input=TEXT.encode())
    assert printed == in_this_process("-train", corpus, output=tmp_path / "vectors")
    assert b"collecting all words" not in logged and b"Compiled cluster" not in logged


def test_gensims_log_lines_and_tensorflows_are_shown_on_demand(tmp_path, corpus):
    for level, has_tensorflows in (("info", False), ("debug", True)):
        _, logged = in_a_process("-train", corpus, "-output", tmp_path / "vectors", "--log-level", level)
        assert b"collecting all words" in logged and b"EPOCH 0: training on" in logged
        assert (b"cpu_feature_guard" in logged) == has_tensorflows


def test_hierarchical_softmax_gives_the_same_file_as_gensims_script(tmp_path, corpus):
    flags = ["-train", corpus, "-hs", "1", "-negative", "0", "-threads", "1"]
    in_a_process(*flags, "-output", tmp_path / "theirs", module="gensim.scripts.word2vec_standalone")
    assert in_this_process(*flags, output=tmp_path / "ours") == (tmp_path / "theirs").read_bytes()
