import numpy as np
import pytest
from gensim.models import KeyedVectors

from tfw2v_gensim import exports


def test_the_projector_gets_vectors_and_counts(trained, tmp_path):
    trained.save_projector(tmp_path / "new" / "folder")
    folder = tmp_path / "new" / "folder"
    assert (np.loadtxt(folder / "vectors.tsv", delimiter="\t", dtype=np.float32) == trained.wv.vectors).all()
    header, *rows = (folder / "metadata.tsv").read_text(encoding="utf-8").splitlines()
    assert header == "word\tcount"
    assert rows == [f"{word}\t{4 - row}" for row, word in enumerate(trained.wv.index_to_key)]


def test_the_projectors_configuration_names_the_files(trained, tmp_path):
    projector = pytest.importorskip("tensorboard.plugins.projector")
    from google.protobuf import text_format

    trained.save_projector(tmp_path)
    config = projector.ProjectorConfig()
    text_format.Parse((tmp_path / "projector_config.pbtxt").read_text(), config)
    (embedding,) = config.embeddings
    assert (tmp_path / embedding.tensor_path).exists() and (tmp_path / embedding.metadata_path).exists()


def test_words_that_would_break_a_row_are_escaped(tmp_path):
    wv = KeyedVectors(2)
    words = ["tab\there", "line\nend", "naïve 日本"]
    wv.add_vectors(words, np.ones((3, 2), np.float32))
    wv.set_vecattr(words[0], "count", 5)
    exports.save_projector(wv, tmp_path)
    assert (tmp_path / "metadata.tsv").read_text(encoding="utf-8") == (
        "word\tcount\ntab\\there\t5\nline\\nend\t0\nnaïve 日本\t0\n"
    )
