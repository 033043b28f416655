"""A vocabulary chosen as gensim's ``prepare_vocab`` does, but all words at a time: its loops take 4 s for a million."""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import Any

import numpy as np

from tfw2v_gensim.training.subsampling import kept_shares

logger = logging.getLogger(__name__)


def word_order(counts: np.ndarray) -> np.ndarray:
    """Return the order of words by falling count; of equally frequent ones the last comes first, as in gensim.

    Examples
    --------
    >>> word_order(np.array([1, 7, 1])).tolist()
    [1, 2, 0]

    """
    return np.lexsort((-np.arange(len(counts)), -counts))


def can_choose(model: Any) -> bool:
    """Whether :func:`prepare_vocab` can choose this model's vocabulary."""
    return model.max_final_vocab is None and not (model.null_word or model.is_gensims or len(model.wv))


def prepare_vocab(model: Any, min_count: int, sample: float, keep_raw_vocab: bool) -> dict[str, int]:
    """Choose a model's first vocabulary from ``raw_vocab``, and report as gensim does.

    Parameters
    ----------
    model : gensim.models.Word2Vec
        Whose ``raw_vocab`` has integers from 1 on.
    min_count, sample, keep_raw_vocab
        As of gensim's ``prepare_vocab``.
    """
    logger.info("Creating a fresh vocabulary")
    model.min_count = model.effective_min_count = min_count
    model.sample = sample
    all_words, all_counts = list(model.raw_vocab), np.fromiter(model.raw_vocab.values(), np.int64, len(model.raw_vocab))
    of_vocabulary = np.flatnonzero(all_counts >= min_count)
    counts = all_counts[of_vocabulary]
    words, total, all_total = len(counts), int(counts.sum()), int(all_counts.sum())
    dropped = len(all_words) - words
    note(
        model,
        f"effective_min_count={min_count} retains {words} unique words "
        f"({words * 100 / max(len(all_words), 1):.2f}% of original {len(all_words)}, drops {dropped})",
    )
    note(
        model,
        f"effective_min_count={min_count} leaves {total} word corpus "
        f"({total * 100 / max(all_total, 1):.2f}% of original {all_total}, drops {all_total - total})",
    )
    shares = kept_shares(counts, sample)
    downsampled = int(np.count_nonzero(shares < 1.0))
    # one after the other, as gensim adds them: to the last digit
    left = sum((shares * counts).tolist()) if downsampled else total
    if not keep_raw_vocab:
        logger.info("deleting the raw counts dictionary of %i items", len(all_words))
        model.raw_vocab = defaultdict(int)
    logger.info("sample=%g downsamples %i most-common words", sample, downsampled)
    note(
        model,
        f"downsampling leaves estimated {left} word corpus ({left * 100.0 / max(total, 1):.1f}%% of prior {total})",
    )
    order = word_order(counts) if model.sorted_vocab else np.arange(words)
    wv = model.wv
    wv.index_to_key = [all_words[number] for number in of_vocabulary[order].tolist()]
    wv.key_to_index = {word: row for row, word in enumerate(wv.index_to_key)}
    if words:
        wv.expandos["count"], wv.expandos["sample_int"] = counts[order], (shares * (2**32 - 1)).astype(np.uint32)[order]
    model.make_cum_table()
    return {
        "drop_unique": dropped, "retain_total": total, "downsample_unique": downsampled,
        "downsample_total": int(left), "num_retained_words": words,
    }  # fmt: skip


def note(model: Any, message: str) -> None:
    """Record an event of the model's life."""
    model.add_lifecycle_event("prepare_vocab", msg=message)
