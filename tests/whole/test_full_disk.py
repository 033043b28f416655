"""When the disk is full, the former files stay, and a text is read again for each epoch."""

import os
import re
import subprocess
import sys

import pytest

from tfw2v_gensim import Word2Vec

# a limit on the size of files: what is written beyond it fails, as on a full disk
SAVE = """
import resource, signal, sys
from tfw2v_gensim import Word2Vec

model = Word2Vec.load("model")
model.wv.vectors = model.wv.vectors + 1.0
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
saves = {
    "model": lambda: model.save("model", sep_limit=0),
    "wv": lambda: model.wv.save("wv", sep_limit=0),
    "text": lambda: model.wv.save_word2vec_format("text", fvocab="counts"),
}
for name, save in saves.items():
    try:
        save()
    except OSError as error:
        print(name, error)
"""


@pytest.mark.skipif(os.name != "posix", reason="sets a limit of the process")
def test_when_the_disk_is_full_the_former_files_stay(tmp_path):
    model = Word2Vec([list("abcdefgh")] * 3, vector_size=100, min_count=1, sample=0)
    model.save(tmp_path / "model", sep_limit=0)
    model.wv.save(tmp_path / "wv", sep_limit=0)
    model.wv.save_word2vec_format(tmp_path / "text", fvocab=tmp_path / "counts")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    ended = subprocess.run([sys.executable, "-c", SAVE], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert re.fullmatch(r"(model|wv|text) .*(File too large|No space left|requested and).*\n" * 3, ended.stdout)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert (Word2Vec.load(str(tmp_path / "model")).wv.vectors == model.wv.vectors).all()


# three words of two bytes a line: four bytes each as numbers
FILL = """
import pathlib
import sys
import tempfile

from gensim.models.word2vec import LineSentence

from tfw2v_gensim import Word2Vec

path, words = pathlib.Path("text"), int(sys.argv[1])
path.write_text("a b c\\n" * (words // 3))
tempfile.tempdir = sys.argv[2]
model = Word2Vec(LineSentence(path), vector_size=4, min_count=1, epochs=2)
print(model.corpus_total_words, [row["words"] for row in model.history])
"""


@pytest.fixture
def mebibyte(tmp_path):
    """A folder on a file system of one mebibyte."""
    folder = tmp_path / "mebibyte"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"only root may mount a file system: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mounts a file system as Linux does")
@pytest.mark.parametrize("beyond", [1024, 4 << 18], ids=["within the last buffer", "long before the end"])
def test_a_temporary_disk_that_fills_only_costs_time(mebibyte, tmp_path, beyond):
    words = ((1 << 20) + beyond) // 4 // 3 * 3
    command = [sys.executable, "-c", FILL, str(words), str(mebibyte)]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ended.stdout == f"{words} [{words}, {words}]\n", ended.stderr
    assert list(mebibyte.iterdir()) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mounts a file system as Linux does")
def test_a_temporary_disk_that_is_full_only_costs_time(mebibyte, tmp_path):
    with pytest.raises(OSError, match="No space left"):
        (mebibyte / "full").write_bytes(bytes(2 << 20))
    command = [sys.executable, "-c", FILL, "300", str(mebibyte)]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ended.stdout == "300 [300, 300]\n", ended.stderr
