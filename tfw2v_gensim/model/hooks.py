"""What gensim's own code calls while it builds a vocabulary, trains and logs, and what it must be told."""

from __future__ import annotations

import functools
import logging
import math
import os
from typing import Any

import numpy as np

from tfw2v_gensim import distribution
from tfw2v_gensim.callbacks.progress import ProgressBar, ProgressLog, RoundNotifier, log_epoch_end
from tfw2v_gensim.callbacks.stopping import UntilStopped
from tfw2v_gensim.keyedvectors import KeyedVectors
from tfw2v_gensim.model import arguments, jobs
from tfw2v_gensim.model.counting import EVIDENCE, VocabularyHooks, unless_hierarchical
from tfw2v_gensim.process import starting
from tfw2v_gensim.process.cores import cores
from tfw2v_gensim.process.interruption import uninterrupted
from tfw2v_gensim.text.corpora import corpus_signature, lines_of
from tfw2v_gensim.text.encoding import slabs_of
from tfw2v_gensim.text.neighbours import neighbours_of_text
from tfw2v_gensim.training import plan
from tfw2v_gensim.training.memory import DECIDE_MEMORY, memory
from tfw2v_gensim.training.objectives import OBJECTIVES
from tfw2v_gensim.training.position import EpochInfo
from tfw2v_gensim.training.weights import LEGACY_MIRRORED, Mirrored, assign, coordinate_factors, weights_of

logger = logging.getLogger(__name__)


def start_from_frequencies(model: Any) -> None:
    """Have a model's training take word frequencies as given; warn if its vectors have learnt them."""
    if not (model.starts_from_frequencies or OBJECTIVES[model.loss].learns_noise_ratio):
        logger.warning(
            "loss=%r: an earlier version trained this model, whose vectors had to learn how frequent each word is; "
            "from here on that is given, and it takes some epochs to unlearn it", model.loss,
        )  # fmt: skip
    model.starts_from_frequencies = True


class GensimHooks(VocabularyHooks):
    """gensim's Word2Vec with the training of an epoch replaced.

    Vocabularies, ``train()``'s checks, callbacks, online updates and saving stay gensim's own code.
    """

    wv: KeyedVectors
    loss: str
    prior: float
    shared_softmax: bool
    mirrored_share: float = LEGACY_MIRRORED.share
    mirrored_factor: float = LEGACY_MIRRORED.factor
    starts_from_frequencies: bool = False  # of models that an earlier version saved
    negative_sharing: int
    progress: bool | None
    checkpoint: str | os.PathLike | None
    history: list[dict[str, Any]]
    stop_training: bool = False  # a callback's word that no further epoch is to be trained, in Keras's name for it
    _caller: UntilStopped | None = None  # the call of train that runs

    @property
    def coordinate_factors(self) -> np.ndarray:
        """Factor of each coordinate in the product of hidden vector and softmax weights, float32 ``[vector_size]``.

        See :func:`tfw2v_gensim.training.weights.coordinate_factors`.
        """
        mirrored = Mirrored(self.mirrored_share, self.mirrored_factor)
        return coordinate_factors(self.vector_size, self.shared_softmax, mirrored)

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
        decide = {name: getattr(self, name) for name in DECIDE_MEMORY}
        report = dict(report or {}) | memory(words, kept, processors=cores(), **decide)
        report["total"] = sum(report.values())
        logger.info(
            "estimated required memory for %i words and %i dimensions: %i bytes",
            words, self.vector_size, report["total"],
        )  # fmt: skip
        return report

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
        start_from_frequencies(self)
        starting.start()
        settings, weights = self._settings(), weights_of(self)
        decide = {name: getattr(self, name) for name in (*arguments.DECIDE_VECTORS, "train_count")}
        distribution.machines().agree(distribution.must_agree(self.wv.index_to_key, settings, decide, weights))

    @unless_hierarchical
    def _train_epoch_corpusfile(
        self, corpus_file, cur_epoch=0, total_examples=None, total_words=None, callbacks=(), **kwargs
    ):
        if not total_words:
            raise ValueError("total_words must be provided alongside corpus_file argument.")
        epoch_info = EpochInfo(cur_epoch, self.epochs, None, total_words)
        return self._train_on(lines_of(corpus_file), epoch_info, kwargs.get("report_delay", 1.0), callbacks, False)

    @unless_hierarchical
    def _train_epoch(
        self, data_iterable, cur_epoch=0, total_examples=None, total_words=None,
        queue_factor=2, report_delay=1.0, callbacks=(),
    ):  # fmt: skip
        epoch_info = EpochInfo(cur_epoch, self.epochs, total_examples, total_words)
        return self._train_on(data_iterable, epoch_info, report_delay, callbacks, True)

    def _train_on(self, sentences, epoch_info, report_delay, callbacks, checks_totals):
        """Train for one epoch, and put the trained weights into ``wv.vectors`` and ``syn1neg``.

        The sentences are those of all machines, and so are totals and results.

        Returns
        -------
        (int, int, int)
            Words trained (known and not subsampled), words read, and rounds of training.
        """
        from tfw2v_gensim.training.epoch import Epoch  # imports TensorFlow

        caller = self._caller or UntilStopped(callbacks)
        if (skipped := caller.skipped(self, epoch_info.epoch)) is not None:
            return skipped
        position = caller.begins_at(epoch_info.epoch)
        watchers = [
            RoundNotifier(self, caller.callbacks),  # first, for what they measure is shown
            ProgressBar(self.progress, epoch_info),
            ProgressLog(epoch_info, report_delay, position.seconds),
            caller,
        ]
        machines = distribution.machines()
        with Epoch(
            self._settings(), weights_of(self), functools.partial(self._slabs, sentences, machines),
            lambda share: self._get_next_alpha(share, epoch_info.epoch), epoch_info, position, watchers, machines,
            self.workers, is_first=epoch_info.epoch == caller.epoch,
        ) as epoch:  # fmt: skip
            try:
                epoch.run()
            except KeyboardInterrupt:
                with uninterrupted():
                    raise self._stopped(epoch, caller) from None
            with uninterrupted():
                return self._end_epoch(epoch, caller, checks_totals)

    def _settings(self):
        """Return what of the model its training depends on."""
        counts = self.wv.expandos["count"]
        distinct = self.wv.expandos.get(EVIDENCE, np.zeros(0))
        is_counted = len(distinct) == len(counts)  # not a vocabulary from frequencies, nor a model of gensim's
        are_dummies = is_counted and not distinct.any()  # each a sentence: nobody knows what a subclass will train
        prior = 0.0 if are_dummies else self.prior
        if are_dummies or not is_counted:
            distinct = neighbours_of_text(counts)
        return plan.Settings(
            counts, self.wv.expandos["sample_int"], distinct, self.corpus_total_words or 0,
            **{name: getattr(self, name) for name in plan.SETTINGS_OF_MODEL} | {"prior": prior},
            seed=np.random.SeedSequence().entropy if self.seed is None else self.seed,
        )  # fmt: skip

    def _do_train_job(self, sentences, alpha, inits):
        """Take down what a subclass's own method passes on, see :mod:`tfw2v_gensim.model.jobs`."""
        if self.is_gensims:
            return super()._do_train_job(sentences, alpha, inits)
        return jobs.record_job(self, sentences, alpha)

    def _slabs(self, sentences, machines, words):
        """Give this machine's share of the sentences as numbers, some words at a time."""
        if jobs.are_overridden(type(self), GensimHooks):
            sentences = jobs.passed_on(self, sentences, self.alpha)
        text, rows = self._text, self.wv.key_to_index
        if text is not None and text.matches(corpus_signature(sentences), rows):
            return machines.share_slabs(text.slabs(words, rows))
        encoded = text.slabs_of if text is not None and text.covers_vocabulary(rows) else slabs_of
        return encoded(machines.share(sentences), words, rows)

    def _stopped(self, epoch, caller):
        """Keep what is trained so far, and return what tells of it."""
        matrices = epoch.trainer.matrices()
        assign(self, **matrices)
        caller.save(matrices, epoch.position)
        kept = f"; {self.checkpoint} has the checkpoint" if self.checkpoint is not None else ""
        message = epoch.epoch_info.stopped_at(epoch.position.words) + kept
        logger.info(message)
        return KeyboardInterrupt(message)

    def _end_epoch(self, epoch, caller, checks_totals):
        """Put an epoch's weights and figures into the model; returns its counts."""
        assign(self, **epoch.trained_matrices())
        position, seconds = epoch.position, epoch.seconds
        if self.compute_loss:
            self.running_training_loss += position.loss
        if not position.rounds and self.train_count == 0:
            logger.warning(
                "train() called with an empty iterator (if not intended, "
                "be sure to provide a corpus that offers restartable iteration = an iterable)."
            )
        self.total_train_time += seconds
        if position.rounds:
            self.history.append(position.at_end(seconds))
        log_epoch_end(epoch.epoch_info, position, seconds, checks_totals)
        caller.counts.append((position.kept_words, position.words, position.rounds))
        return caller.counts[-1]
