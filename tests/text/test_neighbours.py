"""Different neighbours, counted in one pass, against sets of them."""

import itertools
import tracemalloc

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


def pairs_of(ids, words):
    """Unordered pairs of neighbours in a text of one sentence, each once."""
    least, most = np.minimum(ids[1:], ids[:-1]), np.maximum(ids[1:], ids[:-1])
    return np.divmod(np.unique(least.astype(np.int64) * words + most), words)


@pytest.mark.parametrize("pairs_a_mark", [0.5, 2, 6, 10, 37])
def test_counts_are_not_biased_up_to_ten_billion_pairs(pairs_a_mark):
    """That is 37 a mark: here with a 65,536th of the marks, and as many pairs less."""
    marks, words, total, true = 1 << 12, 1500, 0.0, 0
    for seed in range(2):
        ids = np.random.default_rng(seed).integers(0, words, int(marks * pairs_a_mark) + 1).astype(np.int32)
        left, right = pairs_of(ids, words)
        true += len(left) + np.count_nonzero(left != right)
        neighbours = DistinctNeighbours(marks // 16, marks)
        for _ in range(2):  # and what comes again adds nothing
            neighbours.add(ids, np.array([len(ids)]))
        total += neighbours.counts(words).sum()
        assert neighbours.marks == marks and neighbours.taken < 0.99 * marks
    assert total == pytest.approx(true, rel=0.1)


def test_a_text_has_the_same_counts_however_it_comes():
    sentences = np.random.default_rng(1).integers(0, 300, (1000, 20)).tolist()
    in_parts = [sentences[start : start + 30] for start in range(0, 1000, 30)]
    whole, parts = (counted(batches, 300, marks=1 << 10, most_marks=1 << 13) for batches in ([sentences], in_parts))
    np.testing.assert_array_equal(parts, whole)


def test_marks_take_no_more_than_64_mebibytes():
    tracemalloc.start()
    try:
        neighbours = DistinctNeighbours()
        neighbours.taken = neighbours.marks // 2
        neighbours.counts(0)  # they grow
        assert neighbours.marks == neighbours.most_marks and neighbours.taken == neighbours.marks // 2
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_long_texts_are_cut_without_losing_a_pair():
    ids = np.arange(70_000, dtype=np.int32) % 40_000  # over the end of what is counted at once
    assert counted([[ids.tolist()]], 40_000).sum() == pytest.approx(2 * 39_999 + 2, rel=0.01)


def test_the_guess_for_texts_grows_slower_than_the_count():
    guess = neighbours_of_text(np.array([10, 100, 1000]))
    assert (np.diff(guess) > 0).all()
    assert (np.diff(guess / [10, 100, 1000]) < 0).all()
