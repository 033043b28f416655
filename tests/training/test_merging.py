"""Learners' changes, merged row by row, against the rule written out."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tfw2v_gensim.training import merging
from tfw2v_gensim.training.machines import Machines, Rank
from tfw2v_gensim.training.merging import Updates, agreement, merge


def updates(learners):
    """What several learners have learnt, each the words and, for each matrix, their changes."""
    size = max((len(words) for words, *_ in learners), default=0)
    of_matrices = []
    for changes in zip(*(changes for _, *changes in learners), strict=True):
        padded = [np.pad(np.array(each, np.float32), [(0, size - len(each)), (0, 0)]) for each in changes]
        of_matrices.append(np.array(padded))
    of_matrices = of_matrices or [np.zeros((1, 0, 4), np.float32)]
    words = [np.array(words, np.int32) for words, *_ in learners]
    return Updates(words, of_matrices, [(changes**2).sum(-1) for changes in of_matrices])


def merged(learnt, words=5, dimensions=4):
    weights = [np.arange(words * dimensions, dtype=np.float32).reshape(words, dimensions)]
    before = weights[0].copy()
    merge(weights, updates(learnt), Machines())
    return weights[0] - before


def learnt(words, *rows):
    return words, rows


def test_a_word_that_one_learner_met_moves_as_it_said():
    change = merged([learnt([1, 3], [1, 2, 3, 4], [4, 0, 0, 1]), learnt([2], [0, 1, 0, 0])])
    np.testing.assert_allclose(change, [[0] * 4, [1, 2, 3, 4], [0, 1, 0, 0], [4, 0, 0, 1], [0] * 4], atol=1e-5)


def test_orthogonal_changes_add_up():
    change = merged([learnt([2], [1, 0, 0, 0]), learnt([2], [0, 2, 0, 0])])
    np.testing.assert_allclose(change[2], [1, 2, 0, 0], atol=1e-5)


@pytest.mark.parametrize("learners", [2, 4, 8])
def test_equal_changes_are_taken_once(learners):
    change = merged([learnt([2], [1, 2, 0, -1])] * learners)
    np.testing.assert_allclose(change[2], [1, 2, 0, -1], atol=1e-5)


def test_changes_that_agree_in_part_lie_between_their_sum_and_their_mean():
    change = merged([learnt([2], [1, 1, 0, 0]), learnt([2], [1, 0, 1, 0])])  # squares 2 + 2, that of the sum 6
    np.testing.assert_allclose(change[2], np.array([2, 1, 1, 0]) * 4 / 6, atol=1e-5)


def test_changes_that_cancel_each_other_stay_finite():
    change = merged([learnt([2], [1, 0, 0, 0]), learnt([2], [-1, 0, 0, 0])])
    assert (change == 0).all()
    assert np.isfinite(agreement(np.zeros(1), np.zeros(1))).all()


def test_every_matrix_is_merged_for_itself():
    weights = [np.zeros((3, 2), np.float32), np.zeros((3, 2), np.float32)]
    merge(weights, updates([([1], [[1, 1]], [[5, 5]])]), Machines())
    assert weights[0].tolist() == [[0, 0], [1, 1], [0, 0]]
    assert weights[1].tolist() == [[0, 0], [5, 5], [0, 0]]


def test_among_several_machines_words_may_come_in_any_order():
    machines = Machines()
    machines.rank = Rank(0, 2)  # the other one has learnt nothing: sums are this one's
    weights = [np.zeros((3, 2), np.float32)]
    merge(weights, updates([learnt([2, 0, 1], [2, 2], [0, 1], [1, 1]), learnt([1], [1, -1])]), machines)
    np.testing.assert_allclose(weights[0], [[0, 1], [2, 0], [2, 2]], atol=1e-6)


def test_what_lies_behind_a_learners_last_word_does_not_count():
    changes, squares = np.full((2, 3, 4), np.nan, np.float32), np.full((2, 3), np.nan, np.float32)
    changes[0, 0], squares[0, 0] = [1, 2, 0, 0], 5
    weights = [np.zeros((3, 4), np.float32)]
    merge(weights, Updates([np.array([2])], [changes], [squares]), Machines())
    assert weights[0].tolist() == [[0] * 4, [0] * 4, [1, 2, 0, 0]]


def test_nothing_learnt_moves_nothing():
    assert (merged([]) == 0).all()


@pytest.mark.parametrize("dimensions", [7, 100])
@pytest.mark.parametrize("together, threads", [(3, 1), (1, 1), (40, 3), (1 << 12, 8)])
def test_how_many_words_are_merged_at_a_time_and_by_how_many_threads_changes_nothing(
    monkeypatch, dimensions, together, threads
):
    generator = np.random.default_rng(1)
    learners = []
    for count in (300, 120, 299):
        words = np.sort(generator.permutation(300)[:count]).astype(np.int32)
        learners.append((words, generator.normal(size=(count, dimensions))))
    whole, parts = np.zeros((2, 300, dimensions), np.float32)
    merge([whole], updates(learners), Machines())
    monkeypatch.setattr(merging, "WORDS_TOGETHER", together)
    with ThreadPoolExecutor(threads) as pool:
        merge([parts], updates(learners), Machines(), pool.map, threads)
    np.testing.assert_array_equal(parts, whole)
    assert whole.all()
