"""What our models save opens where neither this package nor TensorFlow can be imported."""

import json
import os
import pickle
import re
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


ODD = ["\0", "nul\0inside", "tab\t", "\r", "\u2028", "\xa0", "", "x" * 10_000, "\U0001f600"]


@pytest.mark.parametrize("binary", [False, True])
def test_odd_words_are_trained_and_read_back_from_word2vecs_formats(tmp_path, binary):
    model = Word2Vec([ODD] * 3, vector_size=4, min_count=1, sample=0)
    model.wv.save_word2vec_format(str(tmp_path / "vectors"), binary=binary)
    read = KeyedVectors.load_word2vec_format(str(tmp_path / "vectors"), binary=binary)
    assert read.index_to_key == model.wv.index_to_key and set(ODD) == set(read.index_to_key)
    assert (read.vectors == model.wv.vectors).all()


@pytest.mark.parametrize(
    ("word", "reason"),
    [("\ud800", "a lone surrogate"), ("new york", "a blank"), ("line\nbreak", "a newline"), ("\n", "a newline")],
)
@pytest.mark.parametrize("binary", [False, True])
def test_a_word_that_word2vecs_formats_cannot_hold_is_refused_by_name_and_the_former_file_stays(
    tmp_path, word, reason, binary
):
    path = tmp_path / "vectors"
    path.write_text("former")
    model = Word2Vec([["paris", word, "seven", "7", 7]] * 3, vector_size=4, min_count=1, sample=0)
    with pytest.raises(ValueError, match=re.escape(f"the word {word!r}, which has {reason}")):
        model.wv.save_word2vec_format(path, fvocab=tmp_path / "counts", binary=binary)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"vectors": "former"}
    model.wv.save(str(tmp_path / "kv"))
    model.save(str(tmp_path / "model"))
    assert Word2Vec.load(str(tmp_path / "model")).wv.index_to_key == model.wv.index_to_key
    assert KeyedVectors.load(str(tmp_path / "kv")).index_to_key == model.wv.index_to_key
    assert {word, "7", 7} <= set(model.wv.index_to_key)


def test_vectors_are_appended_and_written_to_open_files_as_gensim_does(trained, tmp_path):
    path = tmp_path / "vectors"
    trained.wv.save_word2vec_format(path)
    once = path.read_bytes()
    trained.wv.save_word2vec_format(path, append=True)
    assert path.read_bytes() == 2 * once
    with open(tmp_path / "open", "wb") as file:
        trained.wv.save(file)
    assert KeyedVectors.load(str(tmp_path / "open")).index_to_key == trained.wv.index_to_key


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
