import copy
import pickle

import gensim.models
import numpy as np
import pytest
from gensim.models import FastText
from gensim.test.utils import common_texts

from tfw2v_gensim import Word2Vec


def train(cls=Word2Vec, **arguments):
    return cls(common_texts, **{"vector_size": 20, "min_count": 1, "sample": 0, **arguments})


def assert_same(model, other):
    assert model.wv.index_to_key == other.wv.index_to_key
    assert (model.wv.vectors == other.wv.vectors).all()
    assert (model.wv.expandos["count"] == other.wv.expandos["count"]).all()
    assert (model.sg, model.window, model.vector_size) == (other.sg, other.window, other.vector_size)


def test_a_gensim_model_has_our_vectors_and_our_logits(mode):
    ours = train(**mode)
    theirs = ours.to_gensim()
    assert type(theirs) is gensim.models.Word2Vec
    assert_same(ours, theirs)
    hidden = ours.wv.vectors[:3]
    np.testing.assert_array_equal(hidden @ theirs.syn1neg.T, hidden @ ours.syn1neg.T)
    assert theirs.predict_output_word(["computer"])


def test_gensims_predictions_are_ours_where_noise_is_uniform():
    """With uniform noise there is no noise distribution to correct for: both are a plain softmax."""
    ours = train(ns_exponent=0.0, epochs=50, shared_softmax=True)
    theirs = dict(ours.to_gensim().predict_output_word(["graph", "minors"], topn=12))
    for word, probability in ours.predict_output_word(["graph", "minors"], topn=12):
        assert theirs[word] == pytest.approx(probability, rel=1e-4)


def test_training_the_gensim_model_leaves_ours_alone(mode):
    ours = train(**mode)
    vectors, softmax = ours.wv.vectors.copy(), ours.syn1neg.copy()
    theirs = ours.to_gensim()
    theirs.build_vocab([["a", "new", "word"]], update=True)
    theirs.train(common_texts, total_examples=theirs.corpus_count, epochs=5)
    assert (theirs.wv.vectors[:12] != vectors).any()
    assert (ours.wv.vectors == vectors).all() and (ours.syn1neg == softmax).all()
    assert len(ours.wv) == 12


@pytest.mark.parametrize("sg", [0, 1])
def test_training_goes_on_from_a_gensim_model(sg):
    theirs = train(gensim.models.Word2Vec, sg=sg, workers=1)
    vectors, softmax = theirs.wv.vectors.copy(), theirs.syn1neg.copy()
    ours = Word2Vec.from_gensim(theirs, negative_sharing=4)
    assert type(ours) is Word2Vec
    assert (ours.shared_softmax, ours.negative_sharing) == (False, 4)
    assert_same(ours, theirs)
    assert (ours.syn1neg == softmax).all()
    ours.train(common_texts, total_examples=9, epochs=2)
    assert (ours.wv.vectors != vectors).any() and (ours.syn1neg != softmax).any()
    assert (theirs.wv.vectors == vectors).all() and (theirs.syn1neg == softmax).all()


def test_a_gensim_models_softmax_can_be_given_up_for_a_shared_one():
    ours = Word2Vec.from_gensim(train(gensim.models.Word2Vec), shared_softmax=True)
    assert ours.shared_softmax
    np.testing.assert_array_equal(ours.syn1neg, ours.wv.vectors * ours.coordinate_factors)


def test_hierarchical_softmax_stays_gensims():
    theirs = train(gensim.models.Word2Vec, hs=1, negative=0, workers=1)
    ours = Word2Vec.from_gensim(theirs, shared_softmax=True)
    assert not ours.shared_softmax
    assert (ours.score(common_texts) == theirs.score(common_texts)).all()
    assert (ours.to_gensim().syn1 == theirs.syn1).all()


@pytest.mark.parametrize("other", [FastText(vector_size=4), gensim.models.KeyedVectors(4), None])
def test_only_a_word2vec_model_is_taken(other):
    with pytest.raises(TypeError, match=f"must be a gensim.models.Word2Vec, got {type(other).__name__}"):
        Word2Vec.from_gensim(other)


def test_our_own_arguments_are_checked():
    with pytest.raises(ValueError, match="negative_sharing"):
        Word2Vec.from_gensim(train(gensim.models.Word2Vec), negative_sharing=0)


@pytest.mark.parametrize("arguments", [{}, {"sep_limit": 0}])
def test_saved_models_load_as_they_were(tmp_path, mode, arguments):
    model = train(negative_sharing=4, **mode)
    model.save(str(tmp_path / "model"), **arguments)
    loaded = Word2Vec.load(str(tmp_path / "model"), mmap="r" if arguments else None)
    assert type(loaded) is Word2Vec
    assert_same(model, loaded)
    assert (loaded.shared_softmax, loaded.negative_sharing) == (mode["shared_softmax"], 4)
    assert (loaded.syn1neg == model.syn1neg).all()
    model.train(common_texts, total_examples=9, epochs=2)
    loaded.train(common_texts, total_examples=9, epochs=2)
    assert_same(model, loaded)


@pytest.mark.parametrize("kept, former", [(["mirrored_factor"], -1.75), ([], -3.0)], ids=["the factor", "nothing"])
def test_models_of_before_they_kept_their_mirrored_coordinates_have_the_logits_that_they_had(tmp_path, kept, former):
    model = train(shared_softmax=True)
    model.mirrored_factor = -1.75
    for name in {"mirrored_share", "mirrored_factor"}.difference(kept):
        del model.__dict__[name]
    model.save(str(tmp_path / "model"))
    former = np.where(np.arange(20) < 16, 1.0, former)
    for loaded in (Word2Vec.load(str(tmp_path / "model")), pickle.loads(pickle.dumps(model)), model):
        np.testing.assert_array_equal(loaded.coordinate_factors, former)
        loaded.train(common_texts, total_examples=9, epochs=1)
        np.testing.assert_array_equal(loaded.coordinate_factors, former)


@pytest.mark.parametrize("sg", [0, 1])
def test_a_shared_softmax_taken_up_later_has_the_factors_of_a_new_model(sg):
    ours = Word2Vec.from_gensim(train(gensim.models.Word2Vec, sg=sg), shared_softmax=True)
    np.testing.assert_array_equal(ours.coordinate_factors, train(sg=sg, shared_softmax=True).coordinate_factors)


def test_saved_models_load_in_gensim(tmp_path, mode):
    model = train(**mode)
    model.save(str(tmp_path / "model"))
    loaded = gensim.models.Word2Vec.load(str(tmp_path / "model"))
    assert type(loaded) is gensim.models.Word2Vec
    assert loaded.wv.most_similar("graph") == model.wv.most_similar("graph")
    if mode["shared_softmax"]:  # stored once: there are no softmax weights to train in plain gensim
        with pytest.raises(ValueError, match="must set either 'hs' or 'negative'"):
            loaded.train(common_texts, total_examples=9, epochs=2)
    else:
        assert_same(model, loaded)
        loaded.train(common_texts, total_examples=9, epochs=2)


def test_models_that_gensim_saved_load_as_ours(tmp_path):
    theirs = train(gensim.models.Word2Vec)
    theirs.save(str(tmp_path / "model"))
    loaded = Word2Vec.load(str(tmp_path / "model"))
    assert type(loaded) is Word2Vec and not loaded.shared_softmax
    assert_same(theirs, loaded)
    assert (loaded.syn1neg == theirs.syn1neg).all()


def test_a_shared_softmax_that_gensim_trained_apart_stays_apart(tmp_path):
    path = str(tmp_path / "model")
    train(shared_softmax=True).to_gensim().save(path)
    assert Word2Vec.load(path).shared_softmax
    theirs = gensim.models.Word2Vec.load(path)
    theirs.train(common_texts, total_examples=9, epochs=2)
    theirs.save(path)
    loaded = Word2Vec.load(path)
    assert not loaded.shared_softmax
    assert (loaded.syn1neg == theirs.syn1neg).all()


def test_a_model_without_a_vocabulary_is_saved_too(tmp_path):
    Word2Vec(vector_size=7, min_count=1).save(str(tmp_path / "model"))
    loaded = Word2Vec.load(str(tmp_path / "model"))
    loaded.build_vocab(common_texts)
    assert loaded.wv.vectors.shape == (12, 7)


class Named(Word2Vec):
    def __init__(self, name, **arguments):
        self.name = name
        super().__init__(**arguments)


def test_a_subclass_loads_as_itself(tmp_path):
    Named("walks", sentences=common_texts, min_count=1).save(str(tmp_path / "model"))
    loaded = Named.load(str(tmp_path / "model"))
    assert type(loaded) is Named and loaded.name == "walks"


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_copies_are_equal_and_apart(duplicate, mode):
    model = train(**mode)
    other = duplicate(model)
    assert type(other) is Word2Vec
    assert_same(model, other)
    assert other.shared_softmax == mode["shared_softmax"] and (other.syn1neg == model.syn1neg).all()
    other.train(common_texts, total_examples=9, epochs=1)
    assert (model.wv.vectors != other.wv.vectors).any()
