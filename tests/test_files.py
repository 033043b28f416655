"""What our models save opens where neither this package nor TensorFlow can be imported."""

import json
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from gensim.models import KeyedVectors

from tfw2v_gensim import Word2Vec

SENTENCES = [["straße", "日本語", "naïve", "emoji😀"], ["日本語", "straße", "naïve"], ["日本語", "straße"], ["日本語"]]

LOAD = """
import json, pickle, sys
sys.modules["tfw2v_gensim"] = sys.modules["tensorflow"] = None  # importing them fails
from gensim.models import KeyedVectors, Word2Vec

def read(name):
    if name.startswith("model"):
        return Word2Vec.load(name, mmap="r" if name == "model.apart" else None).wv
    if name.endswith(".kv"):
        return KeyedVectors.load(name, mmap="r" if name == "apart.kv" else None)
    if name.endswith(".pickle"):
        return pickle.load(open(name, "rb"))
    vocabulary = "counts.txt" if name == "with-counts.txt" else None
    return KeyedVectors.load_word2vec_format(name, fvocab=vocabulary, binary=".bin" in name)

def content(wv):
    counts = [int(wv.get_vecattr(word, "count")) for word in wv.index_to_key]
    return {"words": wv.index_to_key, "counts": counts, "vectors": wv.vectors.tolist(), "type": type(wv).__name__}

print(json.dumps({name: content(read(name)) for name in sys.argv[1:]}))
"""

ENDINGS = ["", ".gz", ".bz2", ".xz"]
WORD2VEC_FILES = [f"vectors.{kind}{ending}" for kind in ("txt", "bin") for ending in ENDINGS]
WITH_COUNTS = ["whole.kv", "apart.kv", "wv.pickle", "with-counts.txt", "model.whole", "model.apart", "model.shared"]


@pytest.fixture(scope="module")
def trained():
    return Word2Vec(SENTENCES, vector_size=8, min_count=1, sample=0, shared_softmax=False)


@pytest.fixture(scope="module")
def opened(trained, tmp_path_factory):
    """What a process without this package reads from each file."""
    folder = tmp_path_factory.mktemp("files")
    wv = trained.wv
    for name in WORD2VEC_FILES:
        wv.save_word2vec_format(str(folder / name), binary=".bin" in name)
    wv.save_word2vec_format(str(folder / "with-counts.txt"), fvocab=str(folder / "counts.txt"))
    wv.save(str(folder / "whole.kv"))
    wv.save(str(folder / "apart.kv"), sep_limit=0)
    (folder / "wv.pickle").write_bytes(pickle.dumps(wv))
    trained.save(str(folder / "model.whole"))
    trained.save(str(folder / "model.apart"), sep_limit=0)
    shared = Word2Vec.from_gensim(trained, shared_softmax=True)
    shared.save(str(folder / "model.shared"))
    read = subprocess.run(
        [sys.executable, "-c", LOAD, *WORD2VEC_FILES, *WITH_COUNTS], cwd=folder, check=True, capture_output=True
    )
    return json.loads(read.stdout)


@pytest.mark.parametrize("name", WORD2VEC_FILES + WITH_COUNTS)
def test_words_order_and_vectors_survive(trained, opened, name):
    assert opened[name]["type"] == "KeyedVectors"
    assert opened[name]["words"] == trained.wv.index_to_key
    assert (np.array(opened[name]["vectors"], np.float32) == trained.wv.vectors).all()


@pytest.mark.parametrize("name", WITH_COUNTS)
def test_counts_survive(opened, name):
    assert dict(zip(opened[name]["words"], opened[name]["counts"], strict=True)) == {
        "日本語": 4, "straße": 3, "naïve": 2, "emoji😀": 1
    }  # fmt: skip


def test_words_with_spaces_are_written_as_gensim_writes_them(tmp_path):
    """Its own formats keep them; word2vec's cannot, and gensim refuses the file rather than misread it."""
    model = Word2Vec([["new york", "paris"], ["paris", "new york"]], vector_size=4, min_count=1)
    model.wv.save(str(tmp_path / "kv"))
    assert set(KeyedVectors.load(str(tmp_path / "kv")).index_to_key) == {"new york", "paris"}
    model.wv.save_word2vec_format(str(tmp_path / "txt"))
    assert "new york " in (tmp_path / "txt").read_text()
    with pytest.raises(ValueError, match="could not convert string to float"):
        KeyedVectors.load_word2vec_format(str(tmp_path / "txt"))


ODD = ["\0", "nul\0inside", "tab\t", "\r", "\u2028", "\xa0", "", "x" * 10_000, "\U0001f600"]


@pytest.mark.parametrize("binary", [False, True])
def test_odd_words_are_trained_and_read_back_from_word2vecs_formats(tmp_path, binary):
    model = Word2Vec([ODD] * 3, vector_size=4, min_count=1, sample=0)
    model.wv.save_word2vec_format(str(tmp_path / "vectors"), binary=binary)
    read = KeyedVectors.load_word2vec_format(str(tmp_path / "vectors"), binary=binary)
    assert read.index_to_key == model.wv.index_to_key and set(ODD) == set(read.index_to_key)
    assert (read.vectors == model.wv.vectors).all()


def test_words_that_word2vecs_formats_cannot_hold_are_kept_by_the_model(tmp_path):
    words = ["\ud800", "new york", "line\nbreak", "\n", " ", 7, "7"]
    model = Word2Vec([words] * 3, vector_size=4, min_count=1, sample=0)
    model.save(str(tmp_path / "model"))
    assert Word2Vec.load(str(tmp_path / "model")).wv.index_to_key == model.wv.index_to_key
    assert set(model.wv.index_to_key) == set(words)
    with pytest.raises(UnicodeEncodeError):
        model.wv.save_word2vec_format(str(tmp_path / "vectors.txt"))


@pytest.mark.parametrize("binary", [False, True])
def test_a_truncated_vector_file_is_refused(trained, tmp_path, binary):
    path = tmp_path / "vectors"
    trained.wv.save_word2vec_format(str(path), binary=binary)
    whole = path.read_bytes()
    for length in (0, 1, 3, 10, len(whole) // 2, len(whole) - 20):
        path.write_bytes(whole[:length])
        with pytest.raises((EOFError, ValueError)):
            KeyedVectors.load_word2vec_format(str(path), binary=binary)


def test_a_damaged_model_file_is_refused_by_name(trained, tmp_path):
    path = tmp_path / "model"
    trained.save(str(path), sep_limit=0)
    whole = path.read_bytes()
    for content in [whole[: len(whole) * k // 5] for k in range(5)] + [b"some text\n", b"\x80\x04N."]:
        path.write_bytes(content)
        with pytest.raises((ValueError, AttributeError), match=f"^{path} is not a whole file of a Word2Vec model: "):
            Word2Vec.load(str(path))
    path.write_bytes(whole)
    apart = tmp_path / "model.wv.vectors.npy"
    apart.write_bytes(apart.read_bytes()[:-1])
    with pytest.raises(ValueError, match=f"^{path} is not a whole file of a Word2Vec model: "):
        Word2Vec.load(str(path))
    with pytest.raises(FileNotFoundError, match="missing"):
        Word2Vec.load(str(tmp_path / "missing"))


# a limit on the size of files: what is written beyond it fails, as on a full disk
SAVE = """
import resource, signal, sys
from tfw2v_gensim import Word2Vec

model = Word2Vec.load("model")
model.wv.vectors = model.wv.vectors + 1.0
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    model.save("model", sep_limit=0)
except OSError as error:
    print(error)
"""


@pytest.mark.skipif(os.name != "posix", reason="sets a limit of the process")
def test_when_the_disk_is_full_the_former_model_stays(tmp_path):
    model = Word2Vec([list("abcdefgh")] * 3, vector_size=100, min_count=1, sample=0)
    model.save(tmp_path / "model", sep_limit=0)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    ended = subprocess.run([sys.executable, "-c", SAVE], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "File too large" in ended.stdout or "requested and" in ended.stdout
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert (Word2Vec.load(str(tmp_path / "model")).wv.vectors == model.wv.vectors).all()
