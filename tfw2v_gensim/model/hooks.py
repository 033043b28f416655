"""What gensim's own code calls while it builds a vocabulary, trains and logs, and what it must be told."""

from __future__ import annotations

import contextlib
import functools
import logging
import math
import os
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from gensim.models import Word2Vec as GensimWord2Vec

from tfw2v_gensim import distribution
from tfw2v_gensim.callbacks.progress import Announced, ProgressBar, ProgressLog, RoundCallbacks, Standing, log_epoch_end
from tfw2v_gensim.keyedvectors import KeyedVectors, seen_as
from tfw2v_gensim.model import arguments, jobs
from tfw2v_gensim.model.vocabulary import is_usual, prepare_vocab
from tfw2v_gensim.process import starting
from tfw2v_gensim.process.cores import cores
from tfw2v_gensim.process.interruption import uninterrupted
from tfw2v_gensim.text.corpora import file_state, lines_of, state_of
from tfw2v_gensim.text.encoding import EncodedText, slabs_of
from tfw2v_gensim.text.neighbours import neighbours_of_text
from tfw2v_gensim.training import plan
from tfw2v_gensim.training.noise import cumulative_table
from tfw2v_gensim.training.weights import FORMER_MIRRORED_FACTOR, coordinate_factors, put_back, weights_of

logger = logging.getLogger(__name__)

# The text that a model's vocabulary was counted from, kept beside the model until it is trained: it is neither copied
# nor saved with it
_texts: weakref.WeakKeyDictionary[GensimWord2Vec, EncodedText] = weakref.WeakKeyDictionary()

# Models that are being made: nobody can change the list of sentences that they were given
_constructed: weakref.WeakSet[GensimWord2Vec] = weakref.WeakSet()

# gensim's name for an attribute of each word, saved with the vectors
EVIDENCE = "distinct_neighbours"


@contextlib.contextmanager
def under_construction(model: GensimWord2Vec) -> Iterator[None]:
    """For as long as a model's constructor runs, take a list of sentences for what it was when it was counted."""
    _constructed.add(model)
    try:
        yield
    finally:
        _constructed.discard(model)
        drop_text(model)


def drop_text(model: GensimWord2Vec) -> None:
    """Give up what is kept of the text that a model's vocabulary was counted from, memory and disk space."""
    text = _texts.pop(model, None)
    if text is not None:
        text.drop()


def unless_hierarchical(method: Callable) -> Callable:
    """Let gensim's own method of that name stand in where gensim's own trainer trains the model."""
    theirs = getattr(GensimWord2Vec, method.__name__)

    @functools.wraps(method)
    def chosen(self, *args, **kwargs):
        return (theirs if self.is_gensims else method)(self, *args, **kwargs)

    return chosen


class GensimHooks(GensimWord2Vec):
    """gensim's Word2Vec with the training of an epoch replaced.

    Vocabularies, ``train()``'s checks, callbacks, online updates and saving stay gensim's own code.
    """

    wv: KeyedVectors
    loss: str
    prior: float
    shared_softmax: bool
    mirrored_factor: float = FORMER_MIRRORED_FACTOR
    negative_sharing: int
    progress: bool | None
    checkpoint: str | os.PathLike | None
    history: list[dict[str, Any]]

    @property
    def is_gensims(self) -> bool:
        """Whether gensim's own trainer is to train this model: hierarchical softmax is not this package's method."""
        return bool(self.hs or not self.negative)

    @property
    def coordinate_factors(self) -> np.ndarray:
        """Factor of each coordinate in the product of hidden vector and softmax weights, float32 ``[vector_size]``.

        See :func:`tfw2v_gensim.training.weights.coordinate_factors`.
        """
        return coordinate_factors(self.vector_size, self.shared_softmax, self.mirrored_factor)

    @property
    def syn1neg(self) -> np.ndarray:
        """Softmax weights, float32 ``[V, vector_size]``: a word's logit is their product with the hidden vector.

        With a shared softmax they follow from the word vectors (``wv.vectors * coordinate_factors``), and cannot be
        written to. To set them makes the softmax separate, with these weights.
        """
        if self.shared_softmax and len(self.wv.vectors):
            weights = self.wv.vectors * self.coordinate_factors
            weights.flags.writeable = False
            return weights
        if "syn1neg" not in self.__dict__:
            raise AttributeError("syn1neg is not there before the vocabulary is built with negative > 0")
        return self.__dict__["syn1neg"]

    @syn1neg.setter
    def syn1neg(self, weights: np.ndarray) -> None:
        self.shared_softmax = False
        self.__dict__["syn1neg"] = weights

    @syn1neg.deleter
    def syn1neg(self):  # gensim's save() takes large arrays out for a moment
        self.__dict__.pop("syn1neg", None)

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

    @unless_hierarchical
    def estimate_memory(self, vocab_size: int | None = None, report: dict[str, int] | None = None) -> dict[str, int]:
        """Estimate the peak memory of a process that trains this model.

        Parameters
        ----------
        vocab_size : int, optional
            Words in the vocabulary; by default those that it has.
        report : dict, optional
            Further items to count.

        Returns
        -------
        dict of (str, int)
            Bytes: gensim's ``vocab``, ``vectors`` and ``syn1neg`` (0 where it is ``vectors``); what training adds,
            ``trained`` (a copy of the matrices), ``replicas`` (copies of the rows that each meets in a round),
            of as many as there are processors ``blocks`` (gradients), and ``tensorflow`` (code, its own and compiled);
            and ``total``. The corpus is not counted, nor are the vocabulary's words dropped by ``min_count``.

        Examples
        --------
        >>> from tfw2v_gensim import Word2Vec
        >>> report = Word2Vec(vector_size=300).estimate_memory(1_000_000)
        >>> report["vectors"], report["syn1neg"], report["total"] > 2 * report["vectors"]
        (1200000000, 0, True)

        """
        words = vocab_size or len(self.wv)
        # without a vocabulary nobody knows the corpus: take it for a large one
        kept = self._settings().trained.sum() if "sample_int" in self.wv.expandos else math.inf
        decide = {name: getattr(self, name) for name in plan.DECIDE_MEMORY}
        report = dict(report or {}) | plan.memory(words, kept, processors=cores(), **decide)
        report["total"] = sum(report.values())
        logger.info(
            "estimated required memory for %i words and %i dimensions: %i bytes",
            words, self.vector_size, report["total"],
        )  # fmt: skip
        return report

    def scan_vocab(self, corpus_iterable=None, corpus_file=None, progress_per=10000, workers=None, trim_rule=None):
        """Count the words of a corpus as gensim does."""
        if corpus_file is not None and not self.is_gensims:
            corpus_iterable, corpus_file = lines_of(corpus_file), None
        return super().scan_vocab(corpus_iterable, corpus_file, progress_per, workers, trim_rule)

    def _scan_vocab(self, sentences, progress_per, trim_rule):
        """Count the words of a corpus and their neighbours; encode on the way what stays the same for the epochs."""
        drop_text(self)  # of the vocabulary before
        if self.is_gensims or self.max_vocab_size:  # gensim prunes while it counts
            return super()._scan_vocab(sentences, progress_per, trim_rule)
        starting.start_ahead()
        text = EncodedText(sentences, state_of(sentences) if self in _constructed else file_state(sentences))
        totals = text.count(progress_per)
        self.raw_vocab = text.raw_vocab = text.counts()
        _texts[self] = text
        return totals

    def prepare_vocab(
        self, update=False, keep_raw_vocab=False, trim_rule=None, min_count=None, sample=None, dry_run=False
    ):
        """Choose the vocabulary as gensim does, and keep how many different neighbours each of its words has."""
        text = _texts.get(self)
        is_counted = text is not None and text.raw_vocab is not None and text.raw_vocab is self.raw_vocab
        if is_counted and trim_rule is None and not (update or dry_run) and is_usual(self):
            report = prepare_vocab(self, min_count or self.min_count, sample or self.sample, keep_raw_vocab)
        else:
            report = super().prepare_vocab(update, keep_raw_vocab, trim_rule, min_count, sample, dry_run)
        if is_counted and len(self.wv):
            text.raw_vocab = None
            distinct = text.distinct_neighbours(self.wv.key_to_index)
            if update and len(before := self.wv.expandos.get(EVIDENCE, ())):
                distinct[: len(before)] += before
            self.wv.expandos[EVIDENCE] = distinct
        elif not update:
            self.wv.expandos.pop(EVIDENCE, None)
        return report

    def _check_corpus_sanity(self, corpus_iterable=None, corpus_file=None, passes=1):
        """Allow what gensim's own trainer, which seeks in the file, cannot read: compressed and remote files."""
        opens = isinstance(corpus_file, (str, os.PathLike)) and (
            "://" in os.fspath(corpus_file) or os.path.isfile(corpus_file)
        )
        if self.is_gensims or corpus_iterable is not None or not opens:
            super()._check_corpus_sanity(corpus_iterable=corpus_iterable, corpus_file=corpus_file, passes=passes)

    @unless_hierarchical
    def add_lifecycle_event(self, event_name, log_level=logging.INFO, **event):
        """Record an event of the model's life as gensim does; that of training names the loss and TensorFlow."""
        if event_name != "train":
            return super().add_lifecycle_event(event_name, log_level=log_level, **event)
        from tensorflow import __version__ as tensorflow_version

        event = {**event, "loss": self.loss, "tensorflow": tensorflow_version}
        super().add_lifecycle_event(event_name, log_level=False, **event)
        if log_level:
            logger.log(log_level, "%s lifecycle event %s", type(self).__name__, {**event, "event": event_name})

    def _check_training_sanity(self, *args, **kwargs):
        arguments.check(alpha=self.alpha, min_alpha=self.min_alpha, workers=self.workers)
        arguments.check_checkpoint(self.checkpoint, self.hs, self.negative)
        super()._check_training_sanity(*args, **kwargs)
        if self.is_gensims:
            distribution.check_alone(self.hs, self.negative)
            logger.info("hs=%i, negative=%i: training is handed to gensim's own trainer", self.hs, self.negative)
            return
        plan.check_vocabulary(self.loss, len(self.wv))
        starting.start()
        settings, weights = self._settings(), weights_of(self)
        decide = {name: getattr(self, name) for name in (*arguments.DECIDE_VECTORS, "train_count")}
        distribution.workers().agree(
            distribution.alike(self.wv.index_to_key, settings.counts, settings.distinct_neighbours, decide, weights)
        )

    @unless_hierarchical
    def _train_epoch_corpusfile(
        self, corpus_file, cur_epoch=0, total_examples=None, total_words=None, callbacks=(), **kwargs
    ):
        if not total_words:
            raise ValueError("total_words must be provided alongside corpus_file argument.")
        announced = Announced(cur_epoch, self.epochs, None, total_words)
        return self._train_on(lines_of(corpus_file), announced, kwargs.get("report_delay", 1.0), callbacks, False)

    @unless_hierarchical
    def _train_epoch(
        self, data_iterable, cur_epoch=0, total_examples=None, total_words=None,
        queue_factor=2, report_delay=1.0, callbacks=(),
    ):  # fmt: skip
        announced = Announced(cur_epoch, self.epochs, total_examples, total_words)
        return self._train_on(data_iterable, announced, report_delay, callbacks, True)

    def _train_on(self, sentences, announced, report_delay, callbacks, checks_totals):
        """Train for one epoch, and put the trained weights into ``wv.vectors`` and ``syn1neg``.

        The sentences are those of all workers, and so are totals and results.

        Returns
        -------
        (int, int, int)
            Words trained (known and not subsampled), words read, and rounds of training.
        """
        from tfw2v_gensim.training.epoch import Epoch  # imports TensorFlow

        (resuming,) = callbacks if self.checkpoint is not None else (None,)  # see Word2Vec.train
        if resuming and announced.epoch < resuming.epoch:
            return resuming.counts[announced.epoch]
        standing = resuming.begins_at(announced.epoch) if resuming else Standing()
        watchers = [
            ProgressBar(self.progress, announced),
            RoundCallbacks(self, resuming.callbacks if resuming else callbacks),
            ProgressLog(announced, report_delay, standing.seconds),
            *([resuming] if resuming else []),
        ]
        workers = distribution.workers()
        with Epoch(
            self._settings(), weights_of(self), functools.partial(self._slabs, sentences, workers),
            lambda share: self._get_next_alpha(share, announced.epoch), announced, standing, watchers, workers,
            self.workers, is_first=announced.epoch == (resuming.epoch if resuming else 0),
        ) as epoch:  # fmt: skip
            try:
                epoch.run()
            except KeyboardInterrupt:
                with uninterrupted():
                    raise self._stopped(epoch, resuming) from None
            with uninterrupted():
                return self._end_epoch(epoch, resuming, checks_totals)

    def _settings(self):
        """Return what of the model its training depends on."""
        counts = self.wv.expandos["count"]
        distinct = self.wv.expandos.get(EVIDENCE, np.zeros(0))
        if len(distinct) != len(counts):  # a vocabulary from frequencies, or a model of gensim's
            distinct = neighbours_of_text(counts)
        return plan.Settings(
            counts, self.wv.expandos["sample_int"], distinct, self.corpus_total_words or 0,
            **{name: getattr(self, name) for name in plan.Settings._fields[4:-1]},
            seed=np.random.SeedSequence().entropy if self.seed is None else self.seed,
        )  # fmt: skip

    def _do_train_job(self, sentences, alpha, inits):
        """Take down what a subclass's own method passes on, see :mod:`tfw2v_gensim.model.jobs`."""
        if self.is_gensims:
            return super()._do_train_job(sentences, alpha, inits)
        return jobs.take_down(self, sentences, alpha)

    def _slabs(self, sentences, workers, words):
        """Give this worker's share of the sentences as numbers, some words at a time."""
        if jobs.are_overridden(type(self), GensimHooks):
            sentences = jobs.passed_on(self, sentences, self.alpha)
        text, rows = _texts.get(self), self.wv.key_to_index
        if text is not None and text.is_text_of(state_of(sentences), rows):
            return workers.share_slabs(text.slabs(words, rows))
        encoded = text.slabs_of if text is not None and text.knows(rows) else slabs_of
        return encoded(workers.share(sentences), words, rows)

    def _stopped(self, epoch, resuming):
        """Keep what is trained so far, and return what tells of it."""
        matrices = epoch.trainer.matrices()
        self._take(matrices)
        if resuming:
            resuming.save(matrices, epoch.standing)
        kept = f"; {self.checkpoint} has the checkpoint" if resuming else ""
        message = epoch.announced.stopped_at(epoch.standing.words) + kept
        logger.info(message)
        return KeyboardInterrupt(message)

    def _end_epoch(self, epoch, resuming, checks_totals):
        """Put an epoch's weights and figures into the model; returns its counts."""
        self._take(epoch.trained_matrices())
        standing, seconds = epoch.standing, epoch.seconds
        if self.compute_loss:
            self.running_training_loss += standing.loss
        if not standing.rounds and self.train_count == 0:
            logger.warning(
                "train() called with an empty iterator (if not intended, "
                "be sure to provide a corpus that offers restartable iteration = an iterable)."
            )
        self.total_train_time += seconds
        if standing.rounds:
            self.history.append(standing.at_end(seconds))
        log_epoch_end(epoch.announced, standing, seconds, checks_totals)
        counts = standing.kept_words, standing.words, standing.rounds
        if resuming:
            resuming.counts.append(counts)
        return counts

    def _take(self, matrices):
        """Put trained matrices into the model."""
        put_back(self, **matrices)
        self._clear_post_train()
