"""When the disk is full, the former files stay."""

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
