"""Words are found as str.split finds them, and hashes tell them apart."""

import numpy as np
import pytest
from hard_words import ONE_TO_A_CHAIN, ONE_TO_A_KNOWN_HASH, WORDS, chained
from hypothesis import given
from hypothesis import strategies as st

from tfw2v_gensim.text.words import HashKeys, words_in_lines, words_of_lines


@given(st.lists(WORDS, min_size=1, max_size=30))
def test_equal_words_have_equal_hashes_wherever_they_stand_and_others_do_not(words):
    keys = HashKeys.drawn()
    hashes = words_in_lines("\n".join(words)).hashes(keys)
    again = words_in_lines("\n".join(reversed(words))).hashes(keys)[::-1]
    np.testing.assert_array_equal(hashes, again)
    assert len(set(hashes.tolist())) == len(set(words))
    assert hashes.all()


@pytest.mark.parametrize("pair", [
    *ONE_TO_A_KNOWN_HASH, ONE_TO_A_CHAIN, ("a", "b"), ("a", "aaaaaaaaa"), ("aaaaaaaa\0", "aaaaaaaa"),
    ("x" * 16, "x" * 17), ("aaaaaaa\x7f" + "b" * 8, "aaaaaaa?" + "b" * 8),
    ("x" * 63 + "a", "x" * 63 + "b"), ("x" * 70, "x" * 71),
], ids=str)  # fmt: skip
def test_whatever_two_words_are_they_seldom_share_the_upper_bits_of_their_hashes(pair):
    odd = np.random.default_rng(1).integers(0, 1 << 63, 4000).astype(object) * 2 + 1
    assert (pair == ONE_TO_A_CHAIN) == (sum(chained(pair[0], key) == chained(pair[1], key) for key in odd) > 200)
    words = words_in_lines("\n".join(pair))
    hashes = np.array([words.hashes(HashKeys.drawn()) for _ in range(4000)])
    assert (hashes[:, 0] != hashes[:, 1]).all()
    # 16 in 4,000 share eight bits; 31 at the most, on average, if multiplication by an odd number is all there is
    assert np.count_nonzero(hashes[:, 0] >> np.uint64(56) == hashes[:, 1] >> np.uint64(56)) < 80


def test_a_line_of_blanks_is_no_sentence():
    words, lengths = words_of_lines(b"\n \t\n\na b\n  \n")
    assert words.spelled(np.arange(2)) == ["a", "b"] and lengths.tolist() == [2]
