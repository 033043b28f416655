import inspect

import gensim.models
import numpy as np
import pytest

from tfw2v_gensim import Word2Vec


def test_signature_is_gensims_with_our_arguments_after_it():
    theirs, ours = (
        [(p.name, p.kind, p.default) for p in inspect.signature(kind).parameters.values()]
        for kind in (gensim.models.Word2Vec, Word2Vec)
    )
    assert ours[: len(theirs)] == theirs
    assert all(kind is inspect.Parameter.KEYWORD_ONLY for _, kind, _ in ours[len(theirs) :])


def test_shared_softmax_is_one_matrix_also_after_saving(lee, tmp_path):
    model = Word2Vec(lee, vector_size=20, epochs=3)
    assert "syn1neg" not in model.__dict__
    model.save(str(tmp_path / "model"))
    loaded = Word2Vec.load(str(tmp_path / "model"))
    assert "syn1neg" not in loaded.__dict__
    assert (loaded.wv.vectors == model.wv.vectors).all()
    assert loaded.shared_softmax


def test_separate_softmax_weights_are_saved(lee, tmp_path):
    model = Word2Vec(lee, vector_size=20, epochs=3, shared_softmax=False)
    model.save(str(tmp_path / "model"), sep_limit=0)
    loaded = Word2Vec.load(str(tmp_path / "model"))
    assert not loaded.shared_softmax
    assert (loaded.syn1neg == model.syn1neg).all()


@pytest.mark.parametrize(
    ("sg", "loss", "shared"),
    [
        (0, "random_softmax", True),
        (1, "random_softmax", True),
        (0, "sampled_softmax", True),
        (1, "sampled_softmax", True),
    ],
)
def test_the_softmax_is_shared_by_default(sg, loss, shared):
    assert Word2Vec(sg=sg, loss=loss).shared_softmax == shared


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


def test_all_but_0_is_skipgram_as_in_gensim(lee):
    one, two = (Word2Vec(lee, vector_size=20, epochs=1, sg=sg) for sg in (1, 2))
    np.testing.assert_array_equal(two.wv.vectors, one.wv.vectors)
