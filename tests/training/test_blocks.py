import collections
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfw2v_gensim.text.encoding import slabs_of
from tfw2v_gensim.training.blocks import BlockBuilder, BlockShape, distance_weights
from tfw2v_gensim.training.noise import NoiseTable

KEEP_ALL = np.uint32(2**32 - 1)


class Corpus(BlockBuilder):
    """A corpus of words that are their own row; rows from ``vocabulary`` on are unknown words."""

    def __init__(self, sentences, vocabulary=12, window=2, sample_int=None, trained_int=None):
        sample_int = np.full(vocabulary, KEEP_ALL) if sample_int is None else sample_int
        super().__init__(sample_int, sample_int if trained_int is None else trained_int, window)
        self.sentences, self.key_to_index = sentences, {w: w for w in range(vocabulary)}

    def slabs(self, words):
        return slabs_of(self.sentences, words, self.key_to_index)


def rounds_of(corpus, shape, slab_words=10**9, seed=1):
    table = NoiseTable(np.ones(len(corpus.sample_int)), 0.75)
    return list(corpus.rounds(corpus.slabs(slab_words), shape, table, np.random.default_rng(seed)))


def trained_windows(rounds, shape):
    """Every trained word with its context, as (words on the left, word, words on the right)."""
    for one_round in rounds:
        reach = (one_round.tokens.shape[2] - shape.length) // 2
        for k, r in np.ndindex(one_round.tokens.shape[:2]):
            if k >= one_round.blocks[r]:
                assert not one_round.left[k, r].any() and not one_round.right[k, r].any()
                continue
            for row, stream in np.ndindex(shape.length, shape.streams):
                left, right = one_round.left[k, r, row, stream], one_round.right[k, r, row, stream]
                if left or right:
                    column = one_round.words_of[r][one_round.tokens[k, r, :, stream]]
                    at = reach + row
                    yield tuple(column[at - left : at]), column[at], tuple(column[at + 1 : at + 1 + right])


def expected_windows(sentences, vocabulary, window):
    for sentence in sentences:
        known = [w for w in sentence if w < vocabulary]
        for i, word in enumerate(known):
            if len(known) > 1:
                yield tuple(known[max(0, i - window) : i]), word, tuple(known[i + 1 : i + 1 + window])


shapes = st.builds(
    lambda streams, length, blocks, replicas: BlockShape(
        streams, length, blocks, replicas, pools=1, rows_per_pool=1, noise=3
    ),
    *(st.integers(1, 5),) * 4,
)


texts = st.lists(st.lists(st.integers(0, 14), max_size=30), max_size=12)


@settings(max_examples=200)
@given(texts, shapes, st.integers(1, 4), st.integers(1, 60))
def test_every_word_is_trained_exactly_once_with_the_window_of_its_sentence(sentences, shape, window, slab_words):
    rounds = rounds_of(Corpus(sentences, window=window), shape, slab_words)
    trained = collections.Counter(trained_windows(rounds, shape))
    assert trained == collections.Counter(expected_windows(sentences, 12, window))


@settings(max_examples=50)
@given(texts, shapes, st.integers(1, 60))
def test_each_replica_is_told_the_words_that_it_meets_each_once_and_no_others(sentences, shape, slab_words):
    for one_round in rounds_of(Corpus(sentences), shape, slab_words):
        assert len(one_round.words_of) == shape.replicas
        for replica, words in enumerate(one_round.words_of):
            first, rest = np.split(words, [one_round.shared[replica]])
            assert words.dtype == np.int32 and set(words) <= set(range(12))
            assert (np.diff(first) > 0).all() and (np.diff(rest) > 0).all()
            others = {*itertools.chain(*(other for r, other in enumerate(one_round.words_of) if r != replica))}
            assert set(first) <= others and not set(rest) & others
            places = np.concatenate([one_round.tokens[:, replica].ravel(), one_round.noise[:, replica].ravel()])
            assert set(places) == set(range(len(words)))


def test_noise_words_map_back_to_what_was_drawn():
    shape = BlockShape(streams=4, length=8, blocks=2, replicas=3, pools=1, rows_per_pool=1, noise=3, uses=2)
    corpus, drawn = Corpus([list(range(12)) * 50]), []

    class Drawing(NoiseTable):
        def of_round(self, *args):
            words = super().of_round(*args)
            drawn.append(words.copy())
            return words

    table = Drawing(np.ones(12), 0.75)
    rounds = list(corpus.rounds(corpus.slabs(10**9), shape, table, np.random.default_rng(1)))
    for one_round, noise in zip(rounds, drawn, strict=True):
        for replica, words in enumerate(one_round.words_of):
            np.testing.assert_array_equal(words[one_round.noise[:, replica]], noise[:, replica])


@settings(max_examples=50)
@given(texts, shapes, st.integers(1, 60))
def test_counts_add_up(sentences, shape, slab_words):
    rounds = rounds_of(Corpus(sentences), shape, slab_words)
    if sentences:
        assert rounds[-1].sentences == len(sentences)
        assert rounds[-1].words == sum(map(len, sentences))
        assert rounds[-1].kept_words == sum(w < 12 for s in sentences for w in s)
    for one_round, following in itertools.pairwise(rounds):  # a round's end is where the next one begins
        assert abs(one_round.sentences - following.sentences_before[0, 0]) <= 0.5
        assert abs(one_round.words - following.words_before[0, 0]) <= 0.5
    windows = list(trained_windows(rounds, shape))
    assert sum(r.examples() for r in rounds) == len(windows)
    pairs = sum([1.0, 0.5][k] for left, _, right in windows for side in (left, right) for k in range(len(side)))
    assert sum(r.examples(np.array([1.0, 0.5], np.float32)) for r in rounds) == pairs


@pytest.mark.parametrize("window", [3, 11, 1000])
def test_a_wide_window_covers_the_whole_sentence(window):
    sentences = [list(range(12)), [3, 4], list(range(11, -1, -1))] * 2
    shape = BlockShape(streams=2, length=5, blocks=2, replicas=1, pools=1, rows_per_pool=1, noise=3)
    rounds = rounds_of(Corpus(sentences, window=window), shape)
    assert collections.Counter(trained_windows(rounds, shape)) == collections.Counter(
        expected_windows(sentences, 12, window)
    )


def test_a_sentence_longer_than_a_slab_is_kept_whole():
    sentence = list(np.random.default_rng(1).integers(0, 12, 500))
    shape = BlockShape(streams=4, length=8, blocks=2, replicas=2, pools=1, rows_per_pool=1, noise=3)
    rounds = rounds_of(Corpus([sentence]), shape, slab_words=50)
    assert len(rounds) > 1
    assert collections.Counter(trained_windows(rounds, shape)) == collections.Counter(
        expected_windows([sentence], 12, 2)
    )


@pytest.mark.parametrize("sentences", [[], [[]], [[1]], [[1], [], [2], [99]]])
def test_words_without_neighbours_are_not_trained(sentences):
    shape = BlockShape(streams=4, length=2, blocks=2, replicas=1, pools=1, rows_per_pool=1, noise=3)
    assert list(trained_windows(rounds_of(Corpus(sentences), shape), shape)) == []


def test_a_vocabulary_of_one_word():
    shape = BlockShape(streams=2, length=2, blocks=2, replicas=1, pools=1, rows_per_pool=1, noise=3)
    rounds = rounds_of(Corpus([[0, 0, 0]], vocabulary=1), shape)
    assert len(list(trained_windows(rounds, shape))) == 3
    assert all((r.noise == 0).all() for r in rounds)


@pytest.mark.parametrize("window", [1, 2, 5, 20])
def test_a_word_weighs_as_often_as_it_would_be_in_a_window_that_word2vec_draws(window):
    sizes = np.random.default_rng(1).integers(1, window, 100_000, endpoint=True)
    drawn = [(sizes >= distance).mean() for distance in range(1, window + 1)]
    np.testing.assert_allclose(distance_weights(window, shrink_windows=True), drawn, atol=0.01)
    assert distance_weights(window, shrink_windows=False).tolist() == [1.0] * window


def test_windows_are_whole():
    corpus = Corpus([[0] * 100], window=5)
    _, left, right, _ = corpus.windows(*next(corpus.slabs(1)), np.random.default_rng(1))
    assert (left[5:] == 5).all() and (right[:-5] == 5).all()
    assert left[:6].tolist() == [0, 1, 2, 3, 4, 5]


def test_words_are_trained_at_their_thinned_rates_and_counted_at_their_subsampling_rates():
    kept, thinned = ((np.array(rates) * (2**32 - 1)).astype(np.uint32) for rates in ([0.2, 0.5, 1.0], [0.1, 0.3, 1.0]))
    corpus = Corpus([[0, 1, 2] * 10_000], vocabulary=3, sample_int=kept, trained_int=thinned)
    trained, _, _, count = corpus.windows(*next(corpus.slabs(1)), np.random.default_rng(1))
    np.testing.assert_allclose(np.bincount(trained) / 10_000, [0.1, 0.3, 1.0], atol=0.02)
    assert count == pytest.approx(17_000, rel=0.02)


def test_windows_reach_over_words_that_were_dropped():
    sample_int = np.array([KEEP_ALL, 0], np.uint32)
    corpus = Corpus([[0, 1, 1, 1, 0]], vocabulary=2, window=1, sample_int=sample_int)
    trained, left, right, _ = corpus.windows(*next(corpus.slabs(1)), np.random.default_rng(1))
    assert (trained.tolist(), left.tolist(), right.tolist()) == ([0, 0], [0, 1], [1, 0])


def test_the_corpus_is_read_a_slab_at_a_time():
    read = []

    def sentences():
        for i in range(1000):
            read.append(i)
            yield [i % 12] * 10

    shape = BlockShape(streams=4, length=8, blocks=2, replicas=1, pools=1, rows_per_pool=1, noise=3)
    corpus = Corpus(sentences())
    rounds = corpus.rounds(corpus.slabs(64), shape, NoiseTable(np.ones(12), 0.75), np.random.default_rng(1))
    next(rounds)
    assert len(read) == 7
    assert max(r.tokens.size for r in rounds) < 500
