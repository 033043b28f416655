"""The command line as users run it, in a process of its own, beside gensim's script."""

import gzip
import lzma
import os
import subprocess
import sys
import threading

import pytest
from gensim.test.utils import common_texts

from tfw2v_gensim.command_line import main

TEXT = "".join(" ".join(sentence) + "\n" for sentence in common_texts * 5)


SMALL = ["-size", "10", "-iter", "2"]


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text(TEXT)
    return path


def in_a_process(*arguments, module="tfw2v_gensim", **options):
    """Run the command line as users do."""
    return subprocess.run([sys.executable, "-m", module, *map(str, arguments)], capture_output=True, **options)


def vectors_of(*arguments, output):
    assert main([*map(str, arguments), *SMALL, "-output", str(output)]) == 0
    return output.read_bytes()


def test_hierarchical_softmax_gives_the_same_file_as_gensims_script(tmp_path, corpus):
    flags = ["-train", str(corpus), "-hs", "1", "-negative", "0", "-threads", "1", *SMALL]
    assert main([*flags, "-output", str(tmp_path / "ours")]) == 0
    in_a_process(*flags, "-output", tmp_path / "theirs", module="gensim.scripts.word2vec_standalone", check=True)
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


def test_a_text_gives_the_same_vectors_in_every_container(tmp_path, corpus):
    expected = vectors_of("-train", corpus, output=tmp_path / "plain")
    (tmp_path / "c.gz").write_bytes(gzip.compress(TEXT.encode()))
    assert vectors_of("-train", tmp_path / "c.gz", output=tmp_path / "from gz") == expected
    (tmp_path / "c.xz").write_bytes(lzma.compress(TEXT.encode()))
    assert vectors_of("-train", tmp_path / "c.xz", output=tmp_path / "from xz") == expected
    folder = tmp_path / "folder"
    folder.mkdir()
    lines = TEXT.splitlines(keepends=True)
    (folder / "1.txt").write_text("".join(lines[:20]))
    (folder / "2.gz").write_bytes(gzip.compress("".join(lines[20:]).encode()))
    assert vectors_of("-train", folder, output=tmp_path / "from folder") == expected
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(TEXT,))
    writer.start()
    assert vectors_of("-train", pipe, output=tmp_path / "from pipe") == expected
    writer.join()
    in_a_process("-train", "-", "-output", tmp_path / "from input", *SMALL, input=TEXT.encode(), check=True)
    assert (tmp_path / "from input").read_bytes() == expected


def test_standard_output_receives_the_vectors(tmp_path, corpus):
    expected = vectors_of("-train", corpus, output=tmp_path / "vectors")
    printed = in_a_process("-train", corpus, *SMALL, "-output", "/dev/stdout", check=True).stdout
    assert printed == expected


def test_gensims_log_lines_are_shown_on_demand(tmp_path, corpus):
    quiet, loud = (
        in_a_process("-train", corpus, "-output", tmp_path / "v", "-hs", 1, "--log-level", level, check=True).stderr
        for level in ("warning", "info")
    )
    assert b"collecting all words" not in quiet
    assert b"collecting all words" in loud and b"EPOCH 0: training on" in loud


def test_tensorflow_logs_at_the_level_that_is_asked_for(tmp_path, corpus, monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    quiet, loud = (
        in_a_process("-train", corpus, "-output", tmp_path / "v", "--log-level", level, check=True).stderr
        for level in ("warning", "info")
    )
    assert b"Compiled cluster" not in quiet
    assert b"Compiled cluster" in loud
