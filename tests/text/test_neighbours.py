"""Different neighbours, counted in one pass, against sets of them."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfw2v_gensim.text.neighbours import DistinctNeighbours, neighbours_of_text


def different_neighbours(sentences, words):
    """For each word, how many different words stand beside it; a word may be its own neighbour."""
    beside = [set() for _ in range(words)]
    for sentence in sentences:
        for left, right in itertools.pairwise(sentence):
            beside[left].add(right)
            beside[right].add(left)
    return [len(neighbours) for neighbours in beside]


def counted(batches, words, **arguments):
    neighbours = DistinctNeighbours(**arguments)
    for sentences in batches:
        ids = np.array([word for sentence in sentences for word in sentence], np.int32)
        neighbours.add(ids, np.array([len(sentence) for sentence in sentences], np.int64))
    return neighbours.counts(words)


@settings(max_examples=50)
@given(st.lists(st.lists(st.lists(st.integers(0, 11), max_size=8), max_size=6), min_size=1, max_size=3))
def test_few_pairs_are_counted_one_by_one(batches):
    sentences = [sentence for batch in batches for sentence in batch]
    # each new pair counts for one over the share of free marks, next to nothing more than one here
    np.testing.assert_allclose(counted(batches, 12), different_neighbours(sentences, 12), atol=1e-3)


def test_pairs_that_come_again_add_nothing():
    sentence = [0, 1, 2, 3]
    assert counted([[sentence] * 50], 4).round().tolist() == [1, 2, 2, 1]


@pytest.mark.parametrize("marks", [1 << 13, 1 << 14])
def test_memory_is_bounded_and_the_count_not_biased_when_most_marks_are_taken(marks):
    generator = np.random.default_rng(1)
    ids = generator.integers(0, 200, 30_000).astype(np.int32)
    batches = [[part.tolist()] for part in np.array_split(ids, 100)]
    true = np.array(different_neighbours([sentence for batch in batches for sentence in batch], 200))
    assert true.sum() > 1.5 * marks  # more pairs than marks, or nearly
    found = counted(batches, 200, marks=marks)
    assert found.sum() == pytest.approx(true.sum(), rel=0.1)


def test_long_texts_are_cut_without_losing_a_pair():
    ids = np.arange(70_000, dtype=np.int32) % 40_000  # over the end of what is counted at once
    assert counted([[ids.tolist()]], 40_000).sum() == pytest.approx(2 * 39_999 + 2, rel=0.01)


def test_the_guess_for_texts_grows_slower_than_the_count():
    guess = neighbours_of_text(np.array([10, 100, 1000]))
    assert (np.diff(guess) > 0).all()
    assert (np.diff(guess / [10, 100, 1000]) < 0).all()
