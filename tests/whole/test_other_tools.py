"""The lines of the README's table "In other tools" run as they are printed, where the tool is installed.

What the extra ``test`` leaves out, as it is heavy: ``pip install torch sentence-transformers spacy datasets annoy``.
"""

import ast
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from gensim.test.utils import common_texts

from tfw2v_gensim import Word2Vec

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
TABLE = README.partition("## In other tools")[2].partition("\n## ")[0]
ROWS = re.findall(r"^\| (.+?) \| (.+) \|$", TABLE, re.MULTILINE)
LINES = {tool: re.findall("`(.+?)`", lines) for tool, lines in ROWS if "`" in lines}


@pytest.fixture(scope="module")
def model():
    return Word2Vec(common_texts * 5, vector_size=100, min_count=1, sample=0)


@pytest.fixture
def run(model, tmp_path, monkeypatch):
    """Run lines; return what each that is an expression gives."""
    monkeypatch.chdir(tmp_path)

    def run_lines(*lines, **names):
        names |= {"model": model, "Word2Vec": Word2Vec}
        results = []
        for line in lines:
            tree = ast.parse(line)
            if isinstance(tree.body[0], ast.Expr):
                results.append(eval(line, names))
            else:
                exec(line, names)
        return results

    return run_lines


def test_every_line_of_the_table_is_run_here():
    tools = {"Keras", "TensorFlow Serving", "TensorBoard's projector", "PyTorch", "model2vec, sentence-transformers"}
    tools |= {"spaCy", "scikit-learn", "neighbours by usearch, Annoy", "pandas, polars", "Hugging Face datasets"}
    assert set(LINES) == tools


def test_keras_and_serving(run, model):
    import keras
    import tensorflow as tf

    vector, _ = run(*LINES["Keras"], *LINES["TensorFlow Serving"], keras=keras)
    assert (vector.numpy() == model.wv[["graph"]]).all()
    loaded = tf.saved_model.load("serving")
    served = loaded.serve(tf.constant([["graph", "trees"]]))
    assert (served.numpy()[0] == model.wv[["graph", "trees"]]).all()


def test_the_projector(run, model):
    run(*LINES["TensorBoard's projector"])
    assert len(Path("projector", "vectors.tsv").read_text().splitlines()) == len(model.wv)


def test_pytorch(run, model):
    torch = pytest.importorskip("torch")
    (embedding,) = run(*LINES["PyTorch"], torch=torch)
    assert (embedding(torch.tensor([3])).numpy() == model.wv.vectors[3]).all()


def test_model2vec(run, model):
    static_model = pytest.importorskip("model2vec").StaticModel
    save, load, _ = LINES["model2vec, sentence-transformers"]
    _, opened = run(save, load, StaticModel=static_model)
    expected = model.wv[["graph", "trees"]].mean(axis=0)
    np.testing.assert_allclose(opened.encode("graph trees unheard"), expected, atol=1e-6)


def test_sentence_transformers(run, model):
    transformer = pytest.importorskip("sentence_transformers").SentenceTransformer
    save, _, load = LINES["model2vec, sentence-transformers"]
    _, opened = run(save, load, SentenceTransformer=transformer)
    words = model.wv[["graph", "trees"]]
    np.testing.assert_allclose(opened.encode("graph trees"), words.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(opened.encode("graph trees unheard"), words.sum(axis=0) / 3, atol=1e-6)  # as zeros


def test_spacy(run, model):
    spacy = pytest.importorskip("spacy")
    save, command = LINES["spaCy"]
    run(save)
    subprocess.run([sys.executable, "-m", *command.split()], check=True, env=os.environ, capture_output=True)
    np.testing.assert_allclose(spacy.load("folder").vocab["graph"].vector, model.wv["graph"], atol=1e-6)


def test_scikit_learn(run):
    pandas = pytest.importorskip("pandas")
    from tfw2v_gensim import sklearn

    expression, module = LINES["scikit-learn"]
    assert module == sklearn.__name__
    frame = pandas.DataFrame({"text": [" ".join(words) for words in common_texts] * 3})
    (found,) = run(expression, frame=frame, Word2VecVectorizer=sklearn.Word2VecVectorizer)
    assert found.shape == (27, 100) and found.any(axis=1).all()


def test_approximate_neighbours(run, model):
    usearch, annoy = LINES["neighbours by usearch, Annoy"]
    nearest = [word for word, _ in model.wv.most_similar("graph", topn=3)]
    if find_spec("usearch"):
        from usearch.index import Index

        index = Index(ndim=100)
        constructor, _, rest = usearch.partition(".add")
        assert constructor == "Index(ndim=100)"
        run(f"index.add{rest}", index=index)
        keys = index.search(model.wv.get_vector("graph", norm=True), 4).keys
        assert [model.wv.index_to_key[key] for key in keys] == ["graph", *nearest]
    if find_spec("annoy"):
        from gensim.similarities.annoy import AnnoyIndexer

        (indexer,) = run(annoy, AnnoyIndexer=AnnoyIndexer)
        found = model.wv.most_similar("graph", topn=4, indexer=indexer)
        assert [word for word, _ in found] == ["graph", *nearest]


TEXTS = [" ".join(words) for words in common_texts] * 5


@pytest.mark.parametrize("which, library", [(0, "pandas"), (1, "polars")])
def test_columns_of_data_frames(which, library, run):
    module = pytest.importorskip(library)
    names = {"frame": module.DataFrame({"text": TEXTS}), "texts": TEXTS, library: module}
    (model,) = run(LINES["pandas, polars"][which], **names)
    assert model.wv.index_to_key == Word2Vec(common_texts * 5).wv.index_to_key


def test_hugging_face_datasets(run):
    datasets = pytest.importorskip("datasets")
    dataset = datasets.Dataset.from_dict({"words": common_texts * 5})
    (model,) = run(*LINES["Hugging Face datasets"], dataset=dataset)
    assert (model.wv.vectors == Word2Vec(common_texts * 5).wv.vectors).all()
    with pytest.raises(TypeError, match="got a dict with the keys 'words': give one column"):
        Word2Vec(dataset)


def test_strings_are_told(caplog):
    Word2Vec(TEXTS)
    assert "plain <class 'str'>: each of its characters is a word, unless it is split, as by str.split" in caplog.text


@pytest.mark.parametrize("first", [dict(a=["x"], b=1), MappingProxyType(dict(a=1, b=2))], ids=["dict", "other"])
def test_rows_of_tables_are_refused(first):
    with pytest.raises(
        TypeError, match=r"list of words, got a (dict|mappingproxy) with the keys 'a', 'b': give one col"
    ):
        Word2Vec([first] * 9, min_count=1)
