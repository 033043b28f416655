"""Word2Vec with gensim's interface, trained by TensorFlow. Nothing here imports TensorFlow until training starts."""

from __future__ import annotations

import copy
import itertools
import logging
import math
import os
import weakref
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from numbers import Integral, Real
from sys import maxsize
from timeit import default_timer
from typing import TYPE_CHECKING, Any

import gensim.models
import numpy as np
from gensim.models.callbacks import CallbackAny2Vec
from gensim.models.word2vec import MAX_WORDS_IN_BATCH, LineSentence

from tfw2v_gensim import distribution, exports, probabilities
from tfw2v_gensim.blocks import BlockBuilder, block_shape
from tfw2v_gensim.callbacks import StepCallback
from tfw2v_gensim.checkpoints import CheckpointedTraining, Position
from tfw2v_gensim.conversion import adopt, as_gensims
from tfw2v_gensim.encoding import EncodedText, file_state, slabs_of
from tfw2v_gensim.interruption import uninterrupted
from tfw2v_gensim.keyedvectors import KeyedVectors, save_whole, seen_as
from tfw2v_gensim.noise import EveryWord, NoiseTable, log_noise_probabilities
from tfw2v_gensim.progress import ProgressBar

if TYPE_CHECKING:
    import keras

logger = logging.getLogger(__name__)

# gensim's default alpha, 0.025, stands for a rate of 0.1 on a large corpus
RATE_PER_ALPHA = 4.0

# Sampled softmax and NCE learn log(noise probability), 12 nats between frequent and rare words, before all else, and
# diverge at higher rates than these on 17 million words. The first is sampled softmax's, for CBOW with shared weights.
# Skip-gram's vectors, shared, cannot hold it: sampled softmax then diverges at 1, too, and separate weights do not.
RATE_OF_CORRECTED_CBOW, RATE_OF_CORRECTED = 2.0, 1.0

# Words trained an epoch from which on a corpus is large, for shared and for separate softmax weights. Below it the rate
# falls with the root of their number, down to alpha itself: on the Lee corpus (35,000) the full rate learns the text
# by heart in 20 epochs.
LARGE_CORPUS = {True: 6e6, False: 1.6e5}

# A shared softmax that sees a small corpus a few times only takes more: twice alpha at 5 epochs, alpha itself at 20.
# 600,000 words, WordSim-353: 37 at alpha and 45 at twice alpha after 5 epochs, 49 and less than 43 after 20
RATE_OF_FEW_EPOCHS = 2.0 * 5**0.5

# Share of the coordinates that enter a shared softmax with a minus sign, and their factor there: see Word2Vec.signature
MIRRORED_SHARE, MIRRORED_FACTOR = 0.2, -3.0

# A loss this many times that of guessing among the candidates means that training has diverged
DIVERGED = 10.0

# Memory of a process that has compiled and run a training, in bytes, beside all that grows with the model or its blocks
TENSORFLOW_MEMORY = 800 << 20

# The full softmax holds a logit of every word for every word of a block: 1 GiB a copy at this size
LARGEST_SOFTMAX = 1 << 15


# The text that a model's vocabulary was counted from, kept beside the model: it is neither copied nor saved with it
_texts: weakref.WeakKeyDictionary[gensim.models.Word2Vec, EncodedText] = weakref.WeakKeyDictionary()

_GensimWord2Vec = gensim.models.Word2Vec  # bound here: tests of other packages put this class in its place


class Word2Vec(gensim.models.Word2Vec):
    """Word vectors with gensim's interface, trained by TensorFlow with the random softmax.

    Takes the place of :class:`gensim.models.Word2Vec`: vocabulary, vectors, files, callbacks and evaluation are
    gensim's own; only the training of an epoch is not. The hidden vector of CBOW is the mean (``cbow_mean=1``) or the
    sum of the context's vectors, that of skip-gram the centre word's vector. Its product with the softmax weights of
    the true word and of noise words, drawn with probability proportional to ``count ** ns_exponent``, gives the logits
    of a softmax cross-entropy (Su, 2017, "Tensorflow版的Word2Vec", https://kexue.fm/archives/4402).

    All arguments up to ``shrink_windows`` are gensim's, with its order, defaults and meaning. Those that differ:

    Parameters
    ----------
    sentences, corpus_file
        Sentences may be longer than gensim's 10,000 words: none is cut. The file may be compressed, and remote:
        anything that ``smart_open`` opens.
    alpha, min_alpha : float
        Learning rate at the start and at the end, on gensim's scale: 0.025 is a good start here as it is there.
    negative : int
        How much noise, on gensim's scale. A pool of noise words that many examples share holds six times as
        many, for CBOW on small corpora nine times.
    workers : int
        Changes nothing: TensorFlow uses the cores it finds, and the same seed gives the same vectors on any number.
    hs : {0, 1}
        With 1, or with ``negative=0``, gensim's own trainer does the training: hierarchical softmax has no noise.
    batch_words : int
        Not used: blocks are sized by the corpus.
    compute_loss : bool
        Let :meth:`get_latest_training_loss` return the mean loss per example, in nats, of the last epoch.
    shared_softmax : bool, optional
        Whether the softmax weights are the word vectors themselves, or a second matrix. The default, None, takes what
        measures better: shared, but for skip-gram with ``loss="sampled_softmax"``. The last fifth of a shared vector's
        coordinates enter the product with a minus sign, see :attr:`signature`.
    negative_sharing : int
        How many streams of text, far apart in the corpus, share a pool of noise words. 1 draws ``negative`` words of
        its own for every example, as the source does: much slower.
    loss : {"random_softmax", "sampled_softmax", "nce", "softmax"}
        What training minimises, see :mod:`tfw2v_gensim.losses`. The full ``"softmax"`` takes time and memory
        proportional to the vocabulary, which may hold 32,768 words at the most (``max_final_vocab``).
    progress : bool, optional
        Whether to show a progress bar on standard error. The default, None, shows it on a terminal and in a notebook.
    checkpoint : str or os.PathLike, optional
        Folder where :meth:`train` leaves checkpoints, and goes on from the last one if it was cut off. Not saved with
        the model.

    Attributes
    ----------
    history : list of dict
        Figures of every epoch that was trained here, over all calls of ``train``: ``epoch`` (from 0 in each call),
        ``loss`` (mean per example, in nats), ``words`` (words read) and ``effective_words`` (those known and not
        subsampled), ``seconds``, ``words_per_second`` (words read), and ``alpha`` at the epoch's end.

    Raises
    ------
    ValueError
        If an argument is out of its range; the message names it.
    FloatingPointError
        If training diverges because ``alpha`` is too high. The vectors are then those of the last whole epoch.
    tfw2v_gensim.distribution.WorkerLost
        If another machine's worker dies.

    Notes
    -----
    Where TensorFlow's ``TF_CONFIG`` names several workers, each trains its share of the corpus, and all end with the
    same vectors: see :mod:`tfw2v_gensim.distribution`.

    Examples
    --------
    >>> from gensim.test.utils import common_texts
    >>> model = Word2Vec(common_texts, vector_size=20, min_count=1, epochs=50)
    >>> model.wv["computer"].shape
    (20,)

    """

    def __init__(
        self,
        sentences: Iterable[Sequence[str]] | None = None,
        corpus_file: str | os.PathLike | None = None,
        vector_size: int = 100,
        alpha: float = 0.025,
        window: int = 5,
        min_count: int = 5,
        max_vocab_size: int | None = None,
        sample: float = 1e-3,
        seed: int = 1,
        workers: int = 3,
        min_alpha: float = 0.0001,
        sg: int = 0,
        hs: int = 0,
        negative: int = 5,
        ns_exponent: float = 0.75,
        cbow_mean: int = 1,
        hashfxn: Callable[[str], int] = hash,
        epochs: int = 5,
        null_word: int = 0,
        trim_rule: Callable[[str, int, int], int] | None = None,
        sorted_vocab: int = 1,
        batch_words: int = MAX_WORDS_IN_BATCH,
        compute_loss: bool = False,
        callbacks: Iterable[CallbackAny2Vec] = (),
        comment: str | None = None,
        max_final_vocab: int | None = None,
        shrink_windows: bool = True,
        *,
        shared_softmax: bool | None = None,
        negative_sharing: int = 64,
        loss: str = "random_softmax",
        progress: bool | None = None,
        checkpoint: str | os.PathLike | None = None,
    ) -> None:
        check_argument("vector_size", vector_size, Integral, 1)
        check_argument("window", window, Integral, 1)
        check_argument("workers", workers, Integral, 1)
        check_argument("negative", negative, Integral, 0)
        check_argument("negative_sharing", negative_sharing, Integral, 1)
        check_argument("epochs", epochs, Integral, 0)
        check_argument("sample", sample or 0, Real, 0)
        check_argument("ns_exponent", ns_exponent, Real)
        check_rates(alpha, min_alpha)
        for name, value in (("sg", sg), ("hs", hs), ("cbow_mean", cbow_mean)):
            if value not in (0, 1):
                raise ValueError(f"{name} must be 0 or 1, got {value!r}")
        if shared_softmax not in (None, True, False):
            raise ValueError(f"shared_softmax must be True, False or None, got {shared_softmax!r}")
        if loss not in probabilities.LOSSES:
            raise ValueError(f"loss must be one of {', '.join(map(repr, probabilities.LOSSES))}, got {loss!r}")
        self.loss = loss
        if shared_softmax is None:
            shared_softmax = not (sg and loss == "sampled_softmax")
        self.shared_softmax = not hs and negative > 0 and bool(shared_softmax)
        if progress not in (None, True, False):
            raise ValueError(f"progress must be True, False or None, got {progress!r}")
        self.negative_sharing = int(negative_sharing)
        self.progress = progress
        if not isinstance(checkpoint, (str, os.PathLike, type(None))) or checkpoint == "":
            raise ValueError(f"checkpoint must be the path of a folder, or None, got {checkpoint!r}")
        if checkpoint is not None:
            check_checkpoint(checkpoint, hs, negative)
            os.makedirs(checkpoint, exist_ok=True)  # now, and not after hours
        self.checkpoint = checkpoint
        self.history: list[dict[str, Any]] = []
        self.wv = KeyedVectors(vector_size)
        super().__init__(
            sentences=sentences, corpus_file=corpus_file, vector_size=vector_size, alpha=alpha, window=window,
            min_count=min_count, max_vocab_size=max_vocab_size, sample=sample, seed=seed, workers=workers,
            min_alpha=min_alpha, sg=sg, hs=hs, negative=negative, ns_exponent=ns_exponent, cbow_mean=cbow_mean,
            hashfxn=hashfxn, epochs=epochs, null_word=null_word, trim_rule=trim_rule, sorted_vocab=sorted_vocab,
            batch_words=batch_words, compute_loss=compute_loss, callbacks=callbacks, comment=comment,
            max_final_vocab=max_final_vocab, shrink_windows=shrink_windows,
        )  # fmt: skip

    @property
    def signature(self) -> np.ndarray:
        """Factor of each coordinate in the product of hidden vector and softmax weights, float32 ``[vector_size]``.

        All 1 with separate softmax weights. A shared softmax models a symmetric matrix of word associations as a
        product of one matrix with itself, which can only have positive eigenvalues; the true one has negative ones
        too (a word is rarely its own neighbour). The last fifth of the coordinates, with the factor -3, holds those.
        It says which words stand beside each other rather than which are alike: a factor beyond -1 keeps these
        coordinates small, so that they count less in the cosine of two words.
        """
        factors = np.ones(self.vector_size, np.float32)
        if self.shared_softmax:
            factors[self.vector_size - int(MIRRORED_SHARE * self.vector_size) :] = MIRRORED_FACTOR
        return factors

    @property
    def syn1neg(self) -> np.ndarray:
        """Softmax weights, float32 ``[V, vector_size]``. With a shared softmax, ``wv.vectors`` itself."""
        if self.shared_softmax:
            return self.wv.vectors
        try:
            return self.__dict__["syn1neg"]
        except KeyError:
            raise AttributeError("syn1neg is not there before the vocabulary is built with negative > 0") from None

    @syn1neg.setter
    def syn1neg(self, weights: np.ndarray) -> None:
        if not self.shared_softmax:
            self.__dict__["syn1neg"] = weights
        elif weights is not self.wv.vectors:
            raise AttributeError("syn1neg is wv.vectors itself where shared_softmax=True: set wv.vectors instead")

    @syn1neg.deleter
    def syn1neg(self):  # gensim's save() takes large arrays out for a moment
        self.__dict__.pop("syn1neg", None)

    def init_weights(self) -> None:
        """Reset all weights to an untrained state, but keep the vocabulary."""
        if not self.shared_softmax:
            return super().init_weights()
        logger.info("resetting layer weights")
        self.wv.resize_vectors(seed=self.seed)

    def reset_from(self, other_model: gensim.models.Word2Vec) -> None:
        """Take the vocabulary of another model, and reset all weights."""
        super().reset_from(other_model)
        self.wv = seen_as(KeyedVectors, self.wv)

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
            ``replicas`` (copies of the matrices), ``blocks`` (gradients) and ``tensorflow`` (code, its own and
            compiled); and ``total``. The corpus is not counted, nor are the vocabulary's words dropped by
            ``min_count``.

        Examples
        --------
        >>> report = Word2Vec(vector_size=300).estimate_memory(1_000_000)
        >>> report["vectors"], report["syn1neg"], report["total"] > 4 * report["vectors"]
        (1200000000, 0, True)

        """
        if self._is_gensims:
            return super().estimate_memory(vocab_size=vocab_size, report=report)
        words = vocab_size or len(self.wv)
        matrix = words * self.vector_size * np.dtype(np.float32).itemsize
        # without a vocabulary nobody knows the corpus: take it for a large one
        kept = self._words_kept() if "sample_int" in self.wv.expandos else math.inf
        shape = block_shape(kept, self.negative, self.negative_sharing, self.sg)
        row_floats = (4 * self.window if self.sg else 5) * self.vector_size
        if self.loss == "softmax":
            row_floats += 3 * words
        report = dict(report or {})
        report["vocab"] = 500 * words
        report["vectors"] = matrix
        report["syn1neg"] = 0 if self.shared_softmax else matrix
        # each replica has its own, and so has the result; twice, for what the allocator does not use again
        report["replicas"] = 2 * (shape.replicas + 1) * (report["vectors"] + report["syn1neg"])
        report["blocks"] = 4 * shape.replicas * shape.streams * shape.length * row_floats
        report["tensorflow"] = TENSORFLOW_MEMORY
        report["total"] = sum(report.values())
        logger.info(
            "estimated required memory for %i words and %i dimensions: %i bytes",
            words, self.vector_size, report["total"],
        )  # fmt: skip
        return report

    def update_weights(self) -> None:
        """Keep the trained weights and add untrained rows for the words that are new."""
        if not self.shared_softmax:
            return super().update_weights()
        logger.info("updating layer weights")
        if not len(self.wv.vectors):
            raise RuntimeError(
                "You cannot do an online vocabulary-update of a model which has no prior vocabulary. "
                "First build the vocabulary of your model with a corpus before doing an online update."
            )
        self.wv.resize_vectors(seed=self.seed)

    def to_gensim(self) -> gensim.models.Word2Vec:
        """Copy the model into a plain gensim model, for places where this package is missing.

        Returns
        -------
        gensim.models.Word2Vec
            Vocabulary, vectors, softmax weights and arguments are the same, so are queries and further training by
            gensim. Its ``predict_output_word`` shows this model's logits through gensim's plain softmax, without the
            correction for the noise distribution.

        Examples
        --------
        >>> from gensim.test.utils import common_texts
        >>> model = Word2Vec(common_texts, vector_size=20, min_count=1)
        >>> type(model.to_gensim())
        <class 'gensim.models.word2vec.Word2Vec'>

        """
        return copy.deepcopy(as_gensims(self))

    @classmethod
    def from_gensim(cls, model: gensim.models.Word2Vec, shared_softmax: bool = False, **arguments: Any) -> Word2Vec:
        """Copy a gensim model, vectors and vocabulary kept, to train on with TensorFlow.

        Parameters
        ----------
        model : gensim.models.Word2Vec
            Its arguments are kept too.
        shared_softmax : bool, optional
            False keeps its softmax weights, True gives them up for the word vectors, None shares them only if
            ``model`` comes from :meth:`to_gensim` and they are still shared.
        **arguments
            Other arguments that only this class has, such as ``negative_sharing``.

        Returns
        -------
        Word2Vec

        Raises
        ------
        TypeError
            If ``model`` is not a Word2Vec, but, for example, its vectors or one of gensim's FastText models.

        Examples
        --------
        >>> from gensim.test.utils import common_texts
        >>> model = Word2Vec.from_gensim(gensim.models.Word2Vec(common_texts, vector_size=20, min_count=1))
        >>> model.train(common_texts, total_examples=model.corpus_count, epochs=1)[1]
        29

        """
        if isinstance(model, Word2Vec):
            model = as_gensims(model)
        if type(model) is not _GensimWord2Vec:
            raise TypeError(f"model must be a gensim.models.Word2Vec, got {type(model).__name__}")
        return cls._adopting(copy.deepcopy(model), shared_softmax, **arguments)

    @classmethod
    def _adopting(cls, plain, shared_softmax, **arguments):
        """Make a model of a plain one, without running a subclass's own constructor."""
        ours = cls.__new__(cls)
        ours.__dict__.update(Word2Vec(shared_softmax=shared_softmax, **arguments).__dict__)
        adopt(ours, plain, shared_softmax)
        return ours

    def save(self, fname_or_handle: Any, *args: Any, **kwargs: Any) -> None:
        """Save the model as gensim does, in a file that opens in plain gensim, too.

        Where this package is missing, ``gensim.models.Word2Vec.load`` opens the file as its own model. With a shared
        softmax that model has vectors and vocabulary, but no ``syn1neg`` (and so ``negative=0``), as no matrix is
        stored twice: save :meth:`to_gensim` to predict words or train on with plain gensim. Arguments are those of
        :meth:`gensim.utils.SaveLoad.save`. A file on this machine appears whole or not at all: where the disk is full,
        a former one stays.
        """
        save_whole(as_gensims(self, with_shared_softmax=False), fname_or_handle, *args, **kwargs)

    @classmethod
    def load(cls, fname: Any, *args: Any, **kwargs: Any) -> Any:
        """Load a model that this class or gensim's saved. Arguments are those of :meth:`gensim.utils.SaveLoad.load`.

        The file is a pickle, as gensim's are: load only what you trust.

        Returns
        -------
        Word2Vec
            Softmax weights are shared where they were when this class saved the model, unless gensim has trained it
            since. Other models of gensim's, such as FastText, are returned as they are: as gensim does.

        Raises
        ------
        ValueError, AttributeError
            If the file is truncated or damaged, or holds something else. The message names it.
        """
        try:
            model = super().load(fname, *args, **kwargs)
        except (OSError, ImportError, MemoryError):
            raise
        except Exception as error:  # pickle raises all kinds when a file is damaged
            kind = AttributeError if isinstance(error, AttributeError) else ValueError  # gensim's, for other objects
            message = f"{fname} is not a whole file of a Word2Vec model: {type(error).__name__}: {error}"
            raise kind(message) from error
        return cls._adopting(model, None) if type(model) is _GensimWord2Vec else model

    def to_keras_embedding(
        self, trainable: bool = False, mask_zero: bool = False, oov: str | None = "mean"
    ) -> keras.layers.Embedding:
        """Build a ``keras.layers.Embedding`` of the word vectors: see :func:`tfw2v_gensim.exports.keras_embedding`."""
        return exports.keras_embedding(self.wv, trainable, mask_zero, oov)

    def to_keras_lookup(self, mask_zero: bool = False, oov: str | None = "mean") -> keras.layers.StringLookup:
        """Build the ``keras.layers.StringLookup`` from words to the ids of :meth:`to_keras_embedding`.

        Both take the same ``mask_zero`` and ``oov``: see :func:`tfw2v_gensim.exports.keras_lookup`.
        """
        return exports.keras_lookup(self.wv, mask_zero, oov)

    def save_projector(self, folder: str | os.PathLike) -> None:
        """Write what TensorBoard's embedding projector opens: see :func:`tfw2v_gensim.exports.save_projector`."""
        exports.save_projector(self.wv, folder)

    def scan_vocab(self, corpus_iterable=None, corpus_file=None, progress_per=10000, workers=None, trim_rule=None):
        """Count the words of a corpus as gensim does."""
        if corpus_file is not None and not self._is_gensims:
            corpus_iterable, corpus_file = lines_of(corpus_file), None
        return super().scan_vocab(corpus_iterable, corpus_file, progress_per, workers, trim_rule)

    def _scan_vocab(self, sentences, progress_per, trim_rule):
        """Count the words of a corpus; those of a file are encoded on the way, for the epochs to come."""
        if self._is_gensims or self.max_vocab_size or file_state(sentences) is None:
            return super()._scan_vocab(sentences, progress_per, trim_rule)
        text = _texts[self] = EncodedText(sentences)
        sentence_count = word_count = 0
        for length in text.read():
            if sentence_count % progress_per == 0:
                logger.info(
                    "PROGRESS: at sentence #%i, processed %i words, keeping %i word types",
                    sentence_count, word_count, text.word_types,
                )  # fmt: skip
            sentence_count, word_count = sentence_count + 1, word_count + length
        self.raw_vocab = text.counts()
        return word_count, sentence_count

    def _check_corpus_sanity(self, corpus_iterable=None, corpus_file=None, passes=1):
        """Allow what gensim's own trainer, which seeks in the file, cannot read: compressed and remote files."""
        opens = isinstance(corpus_file, (str, os.PathLike)) and (
            "://" in os.fspath(corpus_file) or os.path.isfile(corpus_file)
        )
        if self._is_gensims or corpus_iterable is not None or not opens:
            super()._check_corpus_sanity(corpus_iterable=corpus_iterable, corpus_file=corpus_file, passes=passes)

    def add_lifecycle_event(self, event_name, log_level=logging.INFO, **event):
        """Record an event of the model's life as gensim does; that of training names the loss and TensorFlow."""
        if event_name != "train" or self._is_gensims:
            return super().add_lifecycle_event(event_name, log_level=log_level, **event)
        from tensorflow import __version__ as tensorflow_version

        event = {**event, "loss": self.loss, "tensorflow": tensorflow_version}
        super().add_lifecycle_event(event_name, log_level=False, **event)
        if log_level:
            logger.log(log_level, "%s lifecycle event %s", type(self).__name__, {**event, "event": event_name})

    def _log_progress(
        self, job_queue, progress_queue, cur_epoch, example_count, total_examples, raw_word_count, total_words,
        trained_word_count, elapsed,
    ):  # fmt: skip
        """Log progress in gensim's format. There are no queues here."""
        if self._is_gensims:
            return super()._log_progress(
                job_queue, progress_queue, cur_epoch, example_count, total_examples, raw_word_count, total_words,
                trained_word_count, elapsed,
            )  # fmt: skip
        done, unit = (example_count / total_examples, "examples") if total_examples else (
            raw_word_count / total_words, "words"
        )  # fmt: skip
        logger.info(
            "EPOCH %i - PROGRESS: at %.2f%% %s, %.0f words/s, in_qsize -1, out_qsize 0",
            cur_epoch, 100.0 * done, unit, trained_word_count / elapsed,
        )  # fmt: skip

    def _log_epoch_end(
        self, cur_epoch, example_count, total_examples, raw_word_count, total_words, trained_word_count, elapsed,
        is_corpus_file_mode,
    ):  # fmt: skip
        """Log an epoch's end in gensim's format, and warn if the corpus was not the one that was announced."""
        if self._is_gensims:
            return super()._log_epoch_end(
                cur_epoch, example_count, total_examples, raw_word_count, total_words, trained_word_count, elapsed,
                is_corpus_file_mode,
            )  # fmt: skip
        logger.info(
            "EPOCH %i: training on %i raw words (%i effective words) took %.1fs, %.0f effective words/s",
            cur_epoch, raw_word_count, trained_word_count, elapsed, trained_word_count / elapsed,
        )  # fmt: skip
        if is_corpus_file_mode:
            return
        for what, expected, found in (
            ("example", total_examples, example_count),
            ("raw word", total_words, raw_word_count),
        ):
            if expected and expected != found:
                logger.warning(
                    "EPOCH %i: supplied %s count (%i) did not equal expected count (%i)",
                    cur_epoch,
                    what,
                    found,
                    expected,
                )

    def _check_training_sanity(self, *args, **kwargs):
        check_rates(self.alpha, self.min_alpha)
        check_checkpoint(self.checkpoint, self.hs, self.negative)
        super()._check_training_sanity(*args, **kwargs)
        if self._is_gensims:
            if distribution.Place.from_environment().workers > 1:
                raise ValueError(
                    f"hs={self.hs}, negative={self.negative}: gensim's own trainer trains on one machine only, but "
                    f"TF_CONFIG names several workers; use hs=0 and negative > 0, or unset TF_CONFIG"
                )
            logger.info("hs=%i, negative=%i: training is handed to gensim's own trainer", self.hs, self.negative)
        elif self.loss == "softmax" and len(self.wv) > LARGEST_SOFTMAX:
            raise ValueError(
                f"loss='softmax' takes a vocabulary of at most {LARGEST_SOFTMAX} words, this one has {len(self.wv)}: "
                f"set max_final_vocab or min_count, or use another loss"
            )
        if not self._is_gensims:
            distribution.workers().agree(self._agreed())

    def _agreed(self):
        """Return what all workers of a cluster must have alike, by the name that an error gives it."""
        arguments = (
            "vector_size", "alpha", "min_alpha", "window", "sample", "seed", "sg", "cbow_mean", "negative",
            "ns_exponent", "epochs", "shrink_windows", "shared_softmax", "negative_sharing", "loss", "train_count",
        )  # fmt: skip
        return {argument: getattr(self, argument) for argument in arguments} | {
            "words in its vocabulary": self.wv.index_to_key,
            "word counts": self.wv.expandos["count"],
            "word vectors": self.wv.vectors,
            "softmax weights": self.syn1neg,
            "vectors_lockf": self.wv.vectors_lockf,
        }

    def train(
        self,
        corpus_iterable: Iterable[Sequence[str]] | None = None,
        corpus_file: str | os.PathLike | None = None,
        total_examples: int | None = None,
        total_words: int | None = None,
        epochs: int | None = None,
        start_alpha: float | None = None,
        end_alpha: float | None = None,
        word_count: int = 0,
        queue_factor: int = 2,
        report_delay: float = 1.0,
        compute_loss: bool = False,
        callbacks: Iterable[CallbackAny2Vec] = (),
        **kwargs: Any,
    ) -> tuple[int, int]:
        """Train the weights on a corpus. All arguments are those of :meth:`gensim.models.Word2Vec.train`.

        With ``checkpoint`` set, every epoch's end and every ten minutes leave a checkpoint in that folder, the last
        two of each call. The same call of the same program, run again, goes on from the newest, or takes the vectors
        of a training that was finished; they are those of an unbroken run, bit for bit on the same machine, if the
        corpus gives the same sentences at every pass. Callbacks are not called again for epochs that were done.

        Returns
        -------
        (int, int)
            Words trained (known and not subsampled) and words read, in all epochs.

        Raises
        ------
        KeyboardInterrupt
            On Ctrl-C, after the step that runs. ``wv.vectors`` and ``syn1neg`` are then those trained so far, and so
            is a checkpoint.
        ValueError
            If the checkpoint is of a training with other arguments, another corpus or other initial weights, or if
            no checkpoint is whole. The message says what differs.

        Examples
        --------
        >>> import tempfile
        >>> from gensim.test.utils import common_texts
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     first, again = (Word2Vec(common_texts, min_count=1, checkpoint=folder) for _ in range(2))
        >>> bool((again.wv.vectors == first.wv.vectors).all())  # taken from the checkpoint
        True

        """
        if self.checkpoint is not None:
            callbacks = [
                CheckpointedTraining(self.checkpoint, callbacks, total_examples=total_examples, total_words=total_words)
            ]
        return super().train(
            corpus_iterable=corpus_iterable, corpus_file=corpus_file, total_examples=total_examples,
            total_words=total_words, epochs=epochs, start_alpha=start_alpha, end_alpha=end_alpha,
            word_count=word_count, queue_factor=queue_factor, report_delay=report_delay, compute_loss=compute_loss,
            callbacks=callbacks, **kwargs,
        )  # fmt: skip

    @property
    def _is_gensims(self):
        """Whether gensim's own trainer is to train this model: hierarchical softmax is not this package's method."""
        return bool(self.hs or not self.negative)

    def _train_epoch_corpusfile(
        self, corpus_file, cur_epoch=0, total_examples=None, total_words=None, callbacks=(), **kwargs
    ):
        if self._is_gensims:
            return super()._train_epoch_corpusfile(
                corpus_file, cur_epoch=cur_epoch, total_examples=total_examples, total_words=total_words,
                callbacks=callbacks, **kwargs,
            )  # fmt: skip
        if not total_words:
            raise ValueError("total_words must be provided alongside corpus_file argument.")
        return self._train_on(
            lines_of(corpus_file), cur_epoch, None, total_words, kwargs.get("report_delay", 1.0), callbacks, True
        )

    def _train_epoch(
        self, data_iterable, cur_epoch=0, total_examples=None, total_words=None,
        queue_factor=2, report_delay=1.0, callbacks=(),
    ):  # fmt: skip
        if self._is_gensims:
            return super()._train_epoch(
                data_iterable, cur_epoch=cur_epoch, total_examples=total_examples, total_words=total_words,
                queue_factor=queue_factor, report_delay=report_delay, callbacks=callbacks,
            )  # fmt: skip
        return self._train_on(data_iterable, cur_epoch, total_examples, total_words, report_delay, callbacks, False)

    def _train_on(
        self, sentences, cur_epoch, total_examples, total_words, report_delay, callbacks, is_corpus_file_mode
    ):
        """Train for one epoch, and put the trained weights into ``wv.vectors`` and ``syn1neg``.

        The sentences are those of all workers, and so are totals and results.

        Returns
        -------
        (int, int, int)
            Words trained (known and not subsampled), words read, and rounds of training.
        """
        from tfw2v_gensim import losses  # imports TensorFlow
        from tfw2v_gensim.trainer import Trainer

        training = next((callback for callback in callbacks if isinstance(callback, CheckpointedTraining)), None)
        if training and cur_epoch < training.epoch:
            return training.counts[cur_epoch]
        position = training.position if training and cur_epoch == training.epoch else Position()
        started = default_timer() - position.seconds
        next_report = position.seconds + report_delay
        workers = distribution.workers()
        shape, rounds, rate_per_alpha = self._rounds(sentences, cur_epoch, workers)
        for skipped in itertools.islice(rounds, position.rounds):  # those before a checkpoint are only drawn
            workers.skip(skipped)
        weights = self.wv.vectors, None if self.shared_softmax else self.syn1neg
        step_callbacks = [callback for callback in callbacks if isinstance(callback, StepCallback)]
        with (
            ProgressBar(self.progress, cur_epoch, self.epochs) as bar,
            ThreadPoolExecutor(1, "blocks") as builder,
            Trainer(
                *weights,
                self.wv.vectors_lockf,
                self.signature,
                self.sg,
                self.cbow_mean,
                shape.replicas,
                getattr(losses, self.loss),
                self._log_counts(shape.noise),
                workers,
            ) as trainer,
        ):
            try:
                upcoming = builder.submit(next, rounds, None)
                while (current := workers.next_round(upcoming.result())) is not None:
                    upcoming = builder.submit(next, rounds, None)  # built while the current one is trained
                    done = (
                        current.sentences_before / total_examples
                        if total_examples
                        else current.words_before / total_words
                    ) * workers.place.workers
                    alphas = [[self._get_next_alpha(progress, cur_epoch) for progress in row] for row in done]
                    with uninterrupted():
                        loss = trainer.train(current, rate_per_alpha * np.array(alphas, np.float32))
                        loss, examples, read, read_words, kept_words = workers.totals(
                            loss, current.examples(self.sg), current.sentences, current.words, current.kept_words
                        )
                        self._check_convergence(loss / max(examples, 1), shape.noise, cur_epoch)
                        elapsed = default_timer() - started
                        figures = {
                            "epoch": cur_epoch,
                            "loss": loss / max(examples, 1),
                            "words": read_words,
                            "effective_words": kept_words,
                            "seconds": elapsed,
                            "words_per_second": read_words / elapsed,
                            "alpha": alphas[-1][-1],
                        }
                        position = Position(
                            position.rounds + 1, position.examples + examples, position.loss + loss,
                            read, read_words, kept_words, elapsed, figures,
                        )  # fmt: skip
                    bar.update(read / total_examples if total_examples else read_words / total_words, figures)
                    for callback in step_callbacks:
                        callback.on_step_end(self, figures)
                    if elapsed >= next_report:
                        next_report = elapsed + report_delay
                        self._log_progress(
                            None, None, cur_epoch, read, total_examples, read_words, total_words,
                            position.kept_words, elapsed,
                        )  # fmt: skip
                    if training and training.is_due():
                        training.save(self, *trainer.weights(), position)
            except KeyboardInterrupt:
                with uninterrupted():
                    vectors, softmax = trainer.weights()
                    self._take_weights(vectors, softmax)
                    if training:
                        training.save(self, vectors, softmax, position)
                message = (
                    f"training stopped in epoch {cur_epoch + 1} of {self.epochs}, {position.words:,} of its words "
                    f"trained{f'; {self.checkpoint} has the checkpoint' if training else ''}"
                )
                logger.info(message)
                raise KeyboardInterrupt(message) from None
            with uninterrupted():
                return self._end_epoch(
                    trainer.weights(), position, shape.noise, training, started, cur_epoch, total_examples,
                    total_words, is_corpus_file_mode,
                )  # fmt: skip

    def _end_epoch(
        self, weights, position, noise, training, started, cur_epoch, total_examples, total_words, is_corpus_file_mode
    ):
        """Put an epoch's weights and figures into the model; returns its counts."""
        loss = position.loss / max(position.examples, 1)
        self._check_convergence(loss, noise, cur_epoch, *weights)
        self._take_weights(*weights)
        if self.compute_loss:
            self.running_training_loss = loss
        if not position.rounds and self.train_count == 0:
            logger.warning(
                "train() called with an empty iterator (if not intended, "
                "be sure to provide a corpus that offers restartable iteration = an iterable)."
            )
        elapsed = default_timer() - started
        self.total_train_time += elapsed
        if position.rounds:
            figures = {"loss": loss, "seconds": elapsed, "words_per_second": position.words / elapsed}
            self.history.append(position.figures | figures)
        self._log_epoch_end(
            cur_epoch, position.sentences, total_examples, position.words, total_words, position.kept_words, elapsed,
            is_corpus_file_mode,
        )  # fmt: skip
        counts = position.kept_words, position.words, position.rounds
        if training:
            training.counts.append(counts)
        return counts

    def _take_weights(self, vectors, softmax):
        """Put trained weights into the model."""
        self.wv.vectors = vectors
        if softmax is not None:
            self.syn1neg = softmax
        self._clear_post_train()

    def _rounds(self, sentences, cur_epoch, workers):
        """Shape and iterator of the epoch's blocks, and the rate that an alpha of 1 stands for on such a corpus.

        Every random draw comes from the seed, the epoch's place, and which worker this is.
        """
        which = [workers.place.worker] if workers.place.worker else []
        generator = np.random.default_rng([self.seed, self.train_count, cur_epoch, *which])
        counts, sample_int = self.wv.expandos["count"], self.wv.expandos["sample_int"]
        kept = self._words_kept()
        learners, devices = workers.learners, len(workers.devices) or 1
        shape = block_shape(kept, self.negative, self.negative_sharing, self.sg, learners, devices)
        if self.loss == "softmax":
            shape = shape._replace(pools=1, rows_per_pool=shape.length, noise=len(self.wv))
            noise = EveryWord()
        else:
            noise = NoiseTable(counts, self.ns_exponent)
        per_round = 0.95 * shape.streams * shape.length * shape.blocks * shape.replicas
        slab_words = math.ceil(per_round * max(1.0, (self.corpus_total_words or 0) / max(kept, 1.0)))
        text, rows = _texts.get(self), self.wv.key_to_index
        if text is not None and text.is_text_of(sentences, rows):
            slabs = workers.share_slabs(text.slabs(slab_words, rows))
        else:
            slabs = slabs_of(workers.share(sentences), slab_words, rows)
        builder = BlockBuilder(sample_int, self.window, self.shrink_windows)
        return shape, builder.rounds(slabs, shape, noise, generator), self._rate_per_alpha(kept)

    def _rate_per_alpha(self, kept):
        """Return the rate that an alpha of 1 stands for on a corpus that trains so many words an epoch."""
        from tfw2v_gensim.trainer import USUAL_RATE  # imports TensorFlow

        rate = max(1.0, RATE_PER_ALPHA * min(1.0, kept / LARGE_CORPUS[self.shared_softmax]) ** 0.5)
        if self.shared_softmax:
            few_epochs = min(RATE_PER_ALPHA, RATE_OF_FEW_EPOCHS * self.epochs**-0.5)
            # not beyond the usual rate: an alpha that is high already is meant to be
            rate = max(rate, min(few_epochs, USUAL_RATE / max(self.alpha, 1e-9)))
        if self.loss in probabilities.CORRECTED_LOSSES:
            is_shared_cbow = self.shared_softmax and not self.sg
            most = RATE_OF_CORRECTED_CBOW if self.loss == "sampled_softmax" and is_shared_cbow else RATE_OF_CORRECTED
            rate = min(rate, most)
        return rate

    def _log_counts(self, candidates):
        """Logarithm of how often each word is expected among the noise words, for the losses that take it.

        Plus log(V), which makes the model's logits ``log p + log(V)``: NCE needs logits that are normalised, and
        so those of untrained weights, all near 0, are. Without it, NCE diverges. A softmax takes the constant away.
        """
        if self.loss not in probabilities.CORRECTED_LOSSES:
            return None
        log_noise = log_noise_probabilities(self.wv.expandos["count"], self.ns_exponent)
        return (log_noise + math.log(candidates) + math.log(len(self.wv))).astype(np.float32)

    def _words_kept(self):
        """Words that an epoch over the vocabulary's corpus trains: those that subsampling keeps, on average."""
        return float(np.dot(self.wv.expandos["count"], self.wv.expandos["sample_int"] / 2.0**32))

    def _check_convergence(self, mean_loss, candidates, cur_epoch, *matrices):
        """Stop a training that diverges; the vectors stay those of the last whole epoch."""
        finite = all(matrix is None or np.isfinite(matrix).all() for matrix in matrices)
        if not finite or not mean_loss < DIVERGED * math.log(1 + candidates):
            raise FloatingPointError(
                f"training diverged in epoch {cur_epoch} (mean loss {mean_loss:.3g} nats): alpha={self.alpha:g} is too "
                f"high, use a smaller alpha. The vectors are those from before this epoch."
            )

    def predict_output_word(
        self, context_words_list: Iterable[str | int], topn: int = 10
    ) -> list[tuple[str, float]] | None:
        """Probabilities of the word in the middle of a context.

        The probabilities of all words sum to 1: see :func:`tfw2v_gensim.probabilities.logit_offsets` for how each
        loss's logits become probabilities. Skip-gram gives the probability of a word next to each of the context's
        words; they are combined as in naive Bayes (:func:`tfw2v_gensim.probabilities.combine`).

        Parameters
        ----------
        context_words_list : list of (str or int)
            Context words, or their rows in ``wv``. Words that are not in the vocabulary are ignored.
        topn : int
            How many of the most probable words to return.

        Returns
        -------
        list of (str, float) or None
            Words and their probabilities, the most probable first; None if all context words are unknown.

        Examples
        --------
        >>> from gensim.test.utils import common_texts
        >>> model = Word2Vec(common_texts, vector_size=20, min_count=1)
        >>> predicted = model.predict_output_word(["computer", "system"], topn=len(model.wv))
        >>> print(f"{sum(probability for word, probability in predicted):.4f}")
        1.0000

        """
        if self._is_gensims:
            return super().predict_output_word(context_words_list, topn=topn)
        if self.cum_table is None:
            raise RuntimeError("the vocabulary must be built before output words can be predicted")
        rows = [self.wv.get_index(word) for word in context_words_list if word in self.wv]
        if not rows:
            logger.warning("All the input context words are out-of-vocabulary for the current model.")
            return None
        hidden = self.wv.vectors[rows]
        if self.sg:
            counts = self.wv.expandos["count"]
            predicted = probabilities.combine(self._log_probabilities(hidden), np.log(counts / counts.sum()))
        else:
            hidden = hidden.mean(axis=0) if self.cbow_mean else hidden.sum(axis=0)
            predicted = self._log_probabilities(hidden[None])[0]
        best = gensim.matutils.argsort(predicted, topn=topn, reverse=True)
        return [(self.wv.index_to_key[row], float(np.exp(predicted[row]))) for row in best]

    def score(
        self,
        sentences: Iterable[Sequence[str]],
        total_sentences: int = int(1e6),
        chunksize: int = 100,
        queue_factor: int = 2,
        report_delay: float = 1,
    ) -> np.ndarray:
        """Log-probability of each sentence, as the model sees it.

        CBOW: the sum over the words of ``log p(word | its whole window)``. Skip-gram: the sum over all pairs of words
        in a window of ``log p(word | centre word)``. Unknown words are left out first, as in training; a sentence
        of fewer than two known words has nothing to predict, and scores 0.

        Parameters
        ----------
        sentences : iterable of list of str
        total_sentences : int
            Score this many sentences at the most.
        chunksize, queue_factor, report_delay
            For gensim's own trainer (``hs=1``) only.

        Returns
        -------
        numpy.ndarray
            float64 ``[number of sentences]`` (gensim's own, for ``hs=1``: float32).

        Raises
        ------
        RuntimeError
            If there is no vocabulary yet.

        Examples
        --------
        >>> from gensim.test.utils import common_texts
        >>> model = Word2Vec(common_texts, vector_size=20, min_count=1)
        >>> model.score([["human", "computer"], ["human"]]).shape
        (2,)

        """
        if self._is_gensims:
            return super().score(sentences, total_sentences, chunksize, queue_factor, report_delay)
        if not self.wv.key_to_index:
            raise RuntimeError("you must first build vocabulary before scoring new data")
        sentences = iter(sentences)
        scores = [self._sentence_score(sentence)[0] for sentence in itertools.islice(sentences, total_sentences)]
        if next(sentences, None) is not None:
            logger.warning("scored %i sentences (set higher total_sentences if you want more)", total_sentences)
        return np.array(scores, np.float64)

    def perplexity(self, sentences: Iterable[Sequence[str]]) -> float:
        """``exp`` of the mean negative log-probability of a prediction: the lower, the better the model knows the text.

        The predictions are those of :meth:`score`: one for each word with CBOW, one for each pair of words with
        skip-gram, so the two architectures do not compare. Nor do two vocabularies: unknown words are left out.

        Parameters
        ----------
        sentences : iterable of list of str

        Returns
        -------
        float
            Between 1 and infinity; a model that knows nothing has about the vocabulary's size.

        Raises
        ------
        ValueError
            If no sentence has two known words.

        Examples
        --------
        >>> from gensim.test.utils import common_texts
        >>> model = Word2Vec(common_texts, vector_size=20, min_count=1)
        >>> 1 < model.perplexity(common_texts) < 100
        True

        """
        if self._is_gensims:
            # gensim scores a lone word too, given nothing; here that is no prediction
            sentences = [sentence for sentence in sentences if len(self._known(sentence)) > 1]
            total = float(self.score(sentences, len(sentences)).sum(dtype=np.float64))
            predictions = sum(len(words) for sentence in sentences for *_, words in self._examples(sentence))
        else:
            scores = [self._sentence_score(sentence) for sentence in sentences]
            total, predictions = sum(score for score, _ in scores), sum(count for _, count in scores)
        if not predictions:
            raise ValueError("sentences must hold a sentence of at least two known words: there is nothing to predict")
        return math.exp(-total / predictions)

    def keywords(self, words: Iterable[str], topn: int = 10) -> list[tuple[str, float]]:
        """Words of a text that best predict the rest of it.

        A word's score is the sum over all other words of the text of ``log p(other word | word)``, as skip-gram
        gives it: a keyword is a word from which the text could be guessed. With CBOW it is the probability of the
        other word in a context that holds nothing but the word.

        Parameters
        ----------
        words : list of str
            The text. Words that are not in the vocabulary are ignored.
        topn : int
            How many words to return.

        Returns
        -------
        list of (str, float)
            Distinct words of the text and their scores, the best first.

        Raises
        ------
        RuntimeError
            If the model is gensim's own (``hs=1`` or ``negative=0``).

        References
        ----------
        Su Jianlin, "【不可思议的Word2Vec】 3.提取关键词" (2017), https://kexue.fm/archives/4316. There the sum also
        has the term of the word with itself.

        Examples
        --------
        >>> from gensim.test.utils import common_texts
        >>> model = Word2Vec(common_texts, vector_size=20, min_count=1, sg=1)
        >>> len(model.keywords(["graph", "minors", "survey", "graph"], topn=2))
        2

        """
        if self._is_gensims:
            raise RuntimeError("keywords needs a model trained with noise: hs=0 and negative > 0")
        rows = self._known(words)
        distinct = np.unique(rows)
        scores = np.zeros(len(distinct))
        for part in probabilities.parts(len(distinct), len(self.wv)):
            predicted = self._log_probabilities(self.wv.vectors[distinct[part]])
            own = predicted[np.arange(len(predicted)), distinct[part]]
            scores[part] = predicted[:, rows].sum(axis=1) - own
        best = np.argsort(-scores, kind="stable")[:topn]
        return [(self.wv.index_to_key[distinct[i]], float(scores[i])) for i in best]

    def _known(self, words):
        """Rows of the words that are in the vocabulary, int64."""
        return np.array([self.wv.key_to_index[word] for word in words if word in self.wv.key_to_index], np.int64)

    def _log_probabilities(self, hidden):
        """Log-probability of every word, float64 ``[m, V]``, given hidden vectors, float32 ``[m, D]``."""
        offsets = probabilities.logit_offsets(
            self.loss, self.wv.expandos["count"], self.ns_exponent, self.wv.expandos["sample_int"]
        )
        return probabilities.log_probabilities(hidden * self.signature, self.syn1neg, offsets)

    def _examples(self, sentence):
        return probabilities.examples(self._known(sentence), self.wv.vectors, self.window, self.sg, self.cbow_mean)

    def _sentence_score(self, sentence):
        """Sum of a sentence's log-probabilities, and their number."""
        total, predictions = 0.0, 0
        for hidden, at, words in self._examples(sentence):
            total += float(self._log_probabilities(hidden)[at, words].sum())
            predictions += len(words)
        return total, predictions


def lines_of(corpus_file: str | os.PathLike) -> LineSentence:
    """Sentences of a file, one a line; none is cut, as gensim's would be after 10,000 words."""
    return LineSentence(corpus_file, max_sentence_length=maxsize)


def check_argument(name: str, value: Any, kind: Any, lowest: float | None = None) -> None:
    """Raise a ValueError that names the argument unless it is a finite number of this kind, at least ``lowest``."""
    is_number = isinstance(value, kind) and math.isfinite(value)
    if not is_number or (lowest is not None and value < lowest):
        number = "an integer" if kind is Integral else "a finite number"
        at_least = "" if lowest is None else f" of at least {lowest}"
        raise ValueError(f"{name} must be {number}{at_least}, got {value!r}")


def check_rates(alpha: float, min_alpha: float) -> None:
    """Raise a ValueError unless both learning rates are finite and not negative."""
    check_argument("alpha", alpha, Real, 0)
    check_argument("min_alpha", min_alpha, Real, 0)


def check_checkpoint(checkpoint: str | os.PathLike | None, hs: int, negative: int) -> None:
    """Raise a ValueError if there are to be checkpoints of gensim's own trainer, which writes none."""
    if checkpoint is not None and (hs or not negative):
        raise ValueError(f"checkpoint must be None with hs=1 and with negative=0, got {checkpoint!r}")
