"""What gensim calls while it builds a vocabulary: words are counted, chosen, and given untrained weights."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from gensim.models import Word2Vec as GensimWord2Vec

from tfw2v_gensim.keyedvectors import KeyedVectors, seen_as
from tfw2v_gensim.model.vocabulary import choose_vocabulary
from tfw2v_gensim.text.corpora import corpus_signature, files_signature, lines_of
from tfw2v_gensim.text.encoding import EncodedText
from tfw2v_gensim.training.noise import cumulative_table

logger = logging.getLogger(__name__)

# gensim's name for an attribute of each word, saved with the vectors
EVIDENCE = "distinct_neighbours"


# Attributes of a model that belong to what it is doing now: neither copied nor saved
OF_THE_MOMENT = ("_text", "_is_constructed", "_caller", "stop_training")


def unless_hierarchical(method: Callable) -> Callable:
    """Let gensim's own method of that name stand in where gensim's own trainer trains the model."""
    theirs = getattr(GensimWord2Vec, method.__name__)

    @functools.wraps(method)
    def chosen(self, *args, **kwargs):
        return (theirs if self.is_gensims else method)(self, *args, **kwargs)

    return chosen


class VocabularyHooks(GensimWord2Vec):
    """gensim's Word2Vec, whose words are counted by their bytes, and encoded on the way."""

    wv: KeyedVectors
    shared_softmax: bool
    _text: EncodedText | None = None  # what the vocabulary was counted from, until it is trained
    _is_constructed: bool = False  # while its constructor runs, nobody can change the list that it was given

    def __getstate__(self) -> dict[str, Any]:
        """Leave out of copies and files what belongs to the moment."""
        return {name: value for name, value in self.__dict__.items() if name not in OF_THE_MOMENT}

    @property
    def is_gensims(self) -> bool:
        """Whether gensim's own trainer is to train this model: hierarchical softmax is not this package's method."""
        return bool(self.hs or not self.negative)

    @contextlib.contextmanager
    def _under_construction(self) -> Iterator[None]:
        """For as long as the constructor runs, take a list of sentences for what it was when it was counted."""
        self._is_constructed = True
        try:
            yield
        finally:
            del self._is_constructed
            self._drop_text()

    def _drop_text(self) -> None:
        """Give up what is kept of the text that the vocabulary was counted from, memory and disk space."""
        text = self.__dict__.pop("_text", None)
        if text is not None:
            text.drop()

    def init_weights(self) -> None:
        """Reset all weights to an untrained state, but keep the vocabulary."""
        if not self.shared_softmax:
            return super().init_weights()
        logger.info("resetting layer weights")
        self.wv.resize_vectors(seed=self.seed)

    def make_cum_table(self, domain: int = 2**31 - 1) -> None:
        """Make the table that gensim draws noise from; its own loop takes seconds for a million words."""
        self.cum_table = cumulative_table(self.wv.expandos.get("count", np.zeros(0)) ** float(self.ns_exponent), domain)

    def update_weights(self) -> None:
        """Keep the trained weights and add untrained rows for the words that are new."""
        if not self.shared_softmax or not len(self.wv.vectors):  # which gensim refuses
            return super().update_weights()
        logger.info("updating layer weights")
        self.wv.resize_vectors(seed=self.seed)

    def reset_from(self, other_model: GensimWord2Vec) -> None:
        """Take the vocabulary of another model, and reset all weights."""
        super().reset_from(other_model)
        self.wv = seen_as(KeyedVectors, self.wv)
        self.wv.vectors_lockf = np.ones(1, np.float32)  # gensim forgets it, and cannot train such a model

    def scan_vocab(self, corpus_iterable=None, corpus_file=None, progress_per=10000, workers=None, trim_rule=None):
        """Count the words of a corpus as gensim does."""
        if corpus_file is not None and not self.is_gensims:
            corpus_iterable, corpus_file = lines_of(corpus_file), None
        return super().scan_vocab(corpus_iterable, corpus_file, progress_per, workers, trim_rule)

    def _scan_vocab(self, sentences, progress_per, trim_rule):
        """Count the words of a corpus and their neighbours; encode on the way what stays the same for the epochs."""
        self._drop_text()
        if self.is_gensims or self.max_vocab_size:  # gensim prunes while it counts
            return super()._scan_vocab(sentences, progress_per, trim_rule)
        text = EncodedText(
            sentences, corpus_signature(sentences) if self._is_constructed else files_signature(sentences)
        )
        totals = text.count(progress_per)
        self._text = text  # read to its end
        self.raw_vocab = text.raw_vocab = text.counts()
        return totals

    def prepare_vocab(
        self, update=False, keep_raw_vocab=False, trim_rule=None, min_count=None, sample=None, dry_run=False
    ):
        """Choose the vocabulary as gensim does, and keep how many different neighbours each of its words has."""
        text = self._text
        is_counted = text is not None and text.raw_vocab is not None and text.raw_vocab is self.raw_vocab
        if is_counted and trim_rule is None and not (update or dry_run) and self._can_choose():
            report = self._choose_vocabulary(min_count or self.min_count, sample or self.sample, keep_raw_vocab)
        else:
            report = super().prepare_vocab(update, keep_raw_vocab, trim_rule, min_count, sample, dry_run)
        if is_counted and len(self.wv) and not dry_run:
            text.raw_vocab = None
            distinct = text.distinct_neighbours(self.wv.key_to_index)
            if update and len(before := self.wv.expandos.get(EVIDENCE, ())):
                distinct[: len(before)] += before
            self.wv.expandos[EVIDENCE] = distinct
        elif not (update or dry_run):
            self.wv.expandos.pop(EVIDENCE, None)
        return report

    def _check_corpus_sanity(self, corpus_iterable=None, corpus_file=None, passes=1):
        """Allow what gensim's own trainer, which seeks in the file, cannot read: compressed and remote files."""
        opens = isinstance(corpus_file, (str, os.PathLike)) and (
            "://" in os.fspath(corpus_file) or os.path.isfile(corpus_file)
        )
        if self.is_gensims or corpus_iterable is not None or not opens:
            super()._check_corpus_sanity(corpus_iterable=corpus_iterable, corpus_file=corpus_file, passes=passes)

    def _can_choose(self):
        """Whether :func:`tfw2v_gensim.model.vocabulary.choose_vocabulary` can choose this model's vocabulary."""
        return self.max_final_vocab is None and not (self.null_word or self.is_gensims or len(self.wv))

    def _choose_vocabulary(self, min_count, sample, keep_raw_vocab):
        """Choose a first vocabulary, and report as gensim does."""
        logger.info("Creating a fresh vocabulary")
        self.min_count = self.effective_min_count = min_count
        self.sample = sample
        chosen = choose_vocabulary(self.raw_vocab, min_count, sample, bool(self.sorted_vocab))
        for message in chosen.messages:
            self.add_lifecycle_event("prepare_vocab", msg=message)
        if not keep_raw_vocab:
            logger.info("deleting the raw counts dictionary of %i items", len(self.raw_vocab))
            self.raw_vocab = defaultdict(int)
        downsampled = chosen.report["downsample_unique"]
        logger.info("sample=%g downsamples %i most-common words", sample, downsampled)
        self.add_lifecycle_event("prepare_vocab", msg=chosen.message_of_sampling)
        self.wv.index_to_key = chosen.words
        self.wv.key_to_index = {word: row for row, word in enumerate(chosen.words)}
        if chosen.words:
            self.wv.expandos |= {"count": chosen.counts, "sample_int": chosen.sample_int}
        self.make_cum_table()
        return chosen.report
