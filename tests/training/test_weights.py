"""What of a model is trained, read from it and put back."""

import numpy as np
import pytest

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.training.weights import (
    Mirrored,
    assign,
    close_up,
    coordinate_factors,
    in_whole_registers,
    weights_of,
    whole_registers,
)


@pytest.fixture(params=[True, False], ids=["shared", "separate"])
def model(request):
    model = Word2Vec(vector_size=10, min_count=1, shared_softmax=request.param)
    model.build_vocab([["a", "b", "c"]])
    return model


def test_the_weights_are_the_models_own_and_a_shared_matrix_is_there_once(model):
    weights = weights_of(model)
    assert weights.vectors is model.wv.vectors
    assert weights.softmax is (None if model.shared_softmax else model.syn1neg)
    assert set(weights.matrices) == ({"vectors"} if model.shared_softmax else {"vectors", "syn1neg"})
    np.testing.assert_array_equal(weights.factors, model.coordinate_factors)


def test_matrices_that_are_put_back_are_the_models_and_norms_are_counted_anew(model):
    model.wv.fill_norms()
    shared = model.shared_softmax
    expected = {name: matrix + 3 for name, matrix in weights_of(model).matrices.items()}
    assign(model, **expected)
    assert model.shared_softmax == shared
    assert all(matrix is expected[name] for name, matrix in weights_of(model).matrices.items())
    np.testing.assert_allclose(np.linalg.norm(model.wv.get_vector("a", norm=True)), 1.0, rtol=1e-5)


@pytest.mark.parametrize("vector_size", [1, 4, 5, 100])
def test_only_a_shared_softmax_has_mirrored_coordinates_and_they_are_the_last(vector_size):
    assert (coordinate_factors(vector_size, shared_softmax=False, mirrored=Mirrored(0.2, -2.0)) == 1).all()
    factors = coordinate_factors(vector_size, shared_softmax=True, mirrored=Mirrored(0.2, -2.0))
    mirrored = factors < 0
    assert (np.diff(mirrored.astype(int)) >= 0).all() and not mirrored[0]
    assert (factors[~mirrored] == 1).all() and (factors[mirrored] == -2).all() and mirrored.any() == (vector_size >= 5)


@pytest.mark.parametrize("rows, dimensions", [(1, 1), (5000, 100), (9000, 3), (20, 8)])
def test_rows_are_filled_up_to_whole_registers_and_closed_up_again(rows, dimensions):
    matrix = np.random.default_rng(1).normal(size=(rows, dimensions)).astype(np.float32)
    filled = in_whole_registers(matrix)
    assert filled.shape == (rows, whole_registers(dimensions)) and filled.shape[1] % 8 == 0
    closed = close_up(filled, dimensions)
    np.testing.assert_array_equal(closed, matrix)
    assert closed.flags["C_CONTIGUOUS"] and np.shares_memory(closed, filled)
