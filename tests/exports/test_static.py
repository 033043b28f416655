"""Folders without pickle: read back, opened by other libraries, and refused where they are damaged."""

import json
import pickle

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tfw2v_gensim import KeyedVectors
from tfw2v_gensim.exports import static


@pytest.fixture
def folder(trained, tmp_path):
    trained.wv.save_static(tmp_path / "a" / "folder")
    return tmp_path / "a" / "folder"


def vectors_of(words):
    vectors = KeyedVectors(3)
    vectors.add_vectors(words, np.arange(3.0 * len(words), dtype=np.float32).reshape(-1, 3))
    return vectors


def test_vectors_words_and_counts_come_back(trained, folder):
    vectors = KeyedVectors.load_static(folder)
    assert type(vectors) is KeyedVectors
    assert vectors.index_to_key == trained.wv.index_to_key
    assert vectors.vectors.dtype == np.float32 and (vectors.vectors == trained.wv.vectors).all()
    assert [vectors.get_vecattr(word, "count") for word in vectors.index_to_key] == [4, 3, 2, 1]
    assert vectors.most_similar("naïve") == trained.wv.most_similar("naïve")


def test_the_folder_holds_arrays_and_text_only(folder):
    assert {path.name for path in folder.iterdir()} == {
        "model.safetensors", "tokenizer.json", "config.json", "modules.json", "README.md",
    }  # fmt: skip
    for path in folder.glob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))
    assert "4 words, 20 dimensions" in (folder / "README.md").read_text(encoding="utf-8")


def test_nothing_is_unpickled(folder, monkeypatch):
    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, lambda *_, **__: pytest.fail("it was unpickled"))
    KeyedVectors.load_static(folder)


def test_model2vec_gives_a_text_the_mean_of_its_words(trained, folder):
    model2vec = pytest.importorskip("model2vec")
    model = model2vec.StaticModel.from_pretrained(folder)
    long = " ".join(["straße"] + ["naïve"] * 1000)  # more words than model2vec reads by default
    texts = ["naïve straße", "  emoji😀\n日本語\tnaïve ", "naïve unknown Straße", "unknown", "", long]
    known = [text.split() for text in ("naïve straße", "emoji😀 日本語 naïve", "naïve", "", "", long)]
    expected = [trained.wv[words].mean(axis=0) if words else np.zeros(20) for words in known]
    np.testing.assert_allclose(model.encode(texts), expected, atol=1e-6)


def test_sif_makes_frequent_words_count_less(trained, tmp_path):
    trained.wv.save_static(tmp_path, weighting="sif")
    vectors = KeyedVectors.load_static(tmp_path)
    factors = 1e-3 / (1e-3 + np.array([4, 3, 2, 1]) / 10)
    np.testing.assert_allclose(vectors.vectors, trained.wv.vectors * factors[:, None], rtol=1e-6)
    assert json.loads((tmp_path / "config.json").read_text())["sif_coefficient"] == 1e-3
    assert "a = 0.001" in (tmp_path / "README.md").read_text()


def test_sif_needs_counts_and_other_weightings_are_refused(tmp_path):
    with pytest.raises(ValueError, match="weighting must be None where words have no counts, got 'sif'"):
        vectors_of(["a"]).save_static(tmp_path / "new", weighting="sif")
    with pytest.raises(ValueError, match="weighting must be None or 'sif', got 'idf'"):
        vectors_of(["a"]).save_static(tmp_path / "new", weighting="idf")
    assert not (tmp_path / "new").exists()


def test_without_counts_there_are_none(tmp_path):
    vectors_of(["a", "b"]).save_static(tmp_path)
    assert "count" not in KeyedVectors.load_static(tmp_path).expandos


def test_a_vocabulary_may_have_the_unknown_words_name(tmp_path):
    vectors_of(["[UNK]", "a"]).save_static(tmp_path)
    vectors = KeyedVectors.load_static(tmp_path)
    assert vectors.index_to_key == ["[UNK]", "a"] and vectors["[UNK]"].tolist() == [0, 1, 2]
    model = json.loads((tmp_path / "tokenizer.json").read_text())["model"]
    assert not load_file(tmp_path / "model.safetensors")["embeddings"][model["vocab"][model["unk_token"]]].any()


def test_words_with_white_space_come_back_with_a_warning(tmp_path, caplog):
    vectors_of(["new york", "a\nb", "c"]).save_static(tmp_path)
    assert KeyedVectors.load_static(tmp_path).index_to_key == ["new york", "a\nb", "c"]
    assert "2 words have white space, the first is 'new york'" in caplog.text


@pytest.mark.parametrize("words, message", [(["\udc80"], r"cannot hold the word '\\udc80'"), ([7, "7"], "the same")])
def test_words_that_text_cannot_hold_are_refused(tmp_path, words, message):
    with pytest.raises(ValueError, match=message):
        vectors_of(words).save_static(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def retensor(folder, **tensors):
    path = folder / "model.safetensors"
    save_file(load_file(path) | tensors, path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:-1]),
        lambda folder: (folder / "model.safetensors").write_bytes(pickle.dumps({"embeddings": 1})),
        lambda folder: (folder / "tokenizer.json").write_text('{"model": '),
        lambda folder: (folder / "tokenizer.json").write_text('{"model": []}'),
        lambda folder: change(folder / "tokenizer.json", "WordLevel", "WordPiece"),
        lambda folder: change(folder / "tokenizer.json", '"日本語":0', '"日本語":9'),
        lambda folder: change(folder / "tokenizer.json", '"日本語":0', '"日本語":1'),
        lambda folder: change(folder / "tokenizer.json", '"日本語":0,', ""),
        lambda folder: retensor(folder, embeddings=np.zeros(5, np.float32)),
        lambda folder: retensor(folder, embeddings=np.zeros((5, 2), np.int8)),
        lambda folder: retensor(folder, counts=np.zeros(3, np.int64)),
    ],
)
def test_a_damaged_folder_is_refused_by_name(folder, damage):
    damage(folder)
    with pytest.raises(ValueError, match=f"{folder} is not a whole folder of word vectors"):
        KeyedVectors.load_static(folder)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(FileNotFoundError):
        KeyedVectors.load_static(tmp_path / "missing")


def test_a_former_folder_stays_when_writing_fails(trained, folder, monkeypatch):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.setattr(static, "_write_json", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        trained.wv.save_static(folder, weighting="sif")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
