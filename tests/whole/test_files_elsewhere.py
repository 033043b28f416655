"""What our models save opens where neither this package nor TensorFlow can be imported."""

import json
import pickle
import subprocess
import sys

import numpy as np
import pytest

from tfw2v_gensim import Word2Vec

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
