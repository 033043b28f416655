import copy
import pickle

import gensim.models
import numpy as np
import pytest
from gensim.test.utils import common_texts

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.keyedvectors import KeyedVectors


@pytest.fixture(scope="module")
def model():
    return Word2Vec(common_texts, vector_size=8, min_count=1)


def test_all_ways_to_a_model_give_it_vectors_that_guard_their_files(model, tmp_path):
    model.save(tmp_path / "model")
    reset = Word2Vec(vector_size=8)
    reset.reset_from(model)
    loaded, taken_back = Word2Vec.load(str(tmp_path / "model")), Word2Vec.from_gensim(model.to_gensim())
    for each in (model, loaded, taken_back, copy.deepcopy(model), reset):
        assert type(each.wv) is KeyedVectors
        assert each.wv.index_to_key == model.wv.index_to_key


def test_a_copy_has_arrays_of_its_own(model):
    twin = copy.deepcopy(model.wv)
    assert (twin.vectors == model.wv.vectors).all() and not np.shares_memory(twin.vectors, model.wv.vectors)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_vectors_are_pickled_as_gensims(model, protocol):
    read = pickle.loads(pickle.dumps(model.wv, protocol))
    assert type(read) is gensim.models.KeyedVectors
    assert read.most_similar("graph") == model.wv.most_similar("graph")


def test_a_plain_gensim_model_has_plain_gensim_vectors(model):
    assert type(model.to_gensim().wv) is gensim.models.KeyedVectors
