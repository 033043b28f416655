"""A vocabulary chosen as gensim's ``prepare_vocab`` does, but all words at a time: its loops take 4 s for a million."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from tfw2v_gensim.training.subsampling import kept_shares


def word_order(counts: np.ndarray) -> np.ndarray:
    """Return the order of words by falling count; of equally frequent ones the last comes first, as in gensim.

    Examples
    --------
    >>> word_order(np.array([1, 7, 1])).tolist()
    [1, 2, 0]

    """
    return np.lexsort((-np.arange(len(counts)), -counts))


class Chosen(NamedTuple):
    """A vocabulary, and what gensim says of it.

    Attributes
    ----------
    words : list
        By rows.
    counts : numpy.ndarray
        int64 ``[V]``
    sample_int : numpy.ndarray
        uint32 ``[V]``: a word is kept with probability ``sample_int / 2**32``.
    report : dict of (str, int)
        What gensim's ``prepare_vocab`` returns.
    messages, message_of_sampling
        Events of the model's life, in gensim's words.
    """

    words: list[Any]
    counts: np.ndarray
    sample_int: np.ndarray
    report: dict[str, int]
    messages: list[str]
    message_of_sampling: str


def choose_vocabulary(raw_vocab: Mapping[Any, int], min_count: int, sample: float, is_sorted: bool) -> Chosen:
    """Choose the words of a first vocabulary.

    Parameters
    ----------
    raw_vocab : dict
        How often each word occurs, integers from 1 on.
    min_count, sample
        As of gensim's ``prepare_vocab``.
    is_sorted : bool
        Whether rows go by falling count, or by first occurrence.

    Examples
    --------
    >>> chosen = choose_vocabulary({"a": 1, "b": 3, "c": 5}, min_count=2, sample=0, is_sorted=True)
    >>> chosen.words, chosen.counts.tolist(), chosen.report["drop_unique"]
    (['c', 'b'], [5, 3], 1)

    """
    all_words, all_counts = list(raw_vocab), np.fromiter(raw_vocab.values(), np.int64, len(raw_vocab))
    of_vocabulary = np.flatnonzero(all_counts >= min_count)
    counts = all_counts[of_vocabulary]
    words, total, all_total = len(counts), int(counts.sum()), int(all_counts.sum())
    dropped = len(all_words) - words
    shares = kept_shares(counts, sample)
    downsampled = int(np.count_nonzero(shares < 1.0))
    # one after the other, as gensim adds them: to the last digit
    left = sum((shares * counts).tolist()) if downsampled else total
    order = word_order(counts) if is_sorted else np.arange(words)
    return Chosen(
        words=[all_words[number] for number in of_vocabulary[order].tolist()],
        counts=counts[order],
        sample_int=(shares * (2**32 - 1)).astype(np.uint32)[order],
        report={
            "drop_unique": dropped, "retain_total": total, "downsample_unique": downsampled,
            "downsample_total": int(left), "num_retained_words": words,
        },
        messages=[
            f"effective_min_count={min_count} retains {words} unique words "
            f"({words * 100 / max(len(all_words), 1):.2f}% of original {len(all_words)}, drops {dropped})",
            f"effective_min_count={min_count} leaves {total} word corpus "
            f"({total * 100 / max(all_total, 1):.2f}% of original {all_total}, drops {all_total - total})",
        ],
        message_of_sampling=(
            f"downsampling leaves estimated {left} word corpus ({left * 100.0 / max(total, 1):.1f}%% of prior {total})"
        ),
    )  # fmt: skip
