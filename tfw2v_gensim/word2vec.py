"""Word2Vec with gensim's interface, trained by TensorFlow. Nothing here imports TensorFlow until training starts."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gensim.models import Word2Vec as GensimWord2Vec
from gensim.models.callbacks import CallbackAny2Vec
from gensim.models.word2vec import MAX_WORDS_IN_BATCH

from tfw2v_gensim.callbacks.resuming import CheckpointedTraining
from tfw2v_gensim.callbacks.stopping import UntilStopped
from tfw2v_gensim.exports import Exports
from tfw2v_gensim.keyedvectors import KeyedVectors, save_whole, whole_file
from tfw2v_gensim.model import arguments
from tfw2v_gensim.model.conversion import adopt, as_gensims
from tfw2v_gensim.model.predictions import Predictions
from tfw2v_gensim.training.weights import Mirrored


class Word2Vec(Predictions, Exports):
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
        Learning rate at the start and at the end, on gensim's scale: 0.025 is a good start here as it is there. Rates
        above 0.04 are taken for 0.04, which a warning says and :attr:`history` shows.
    negative : int
        How much noise, on gensim's scale: a pool of noise words that many examples share holds five times as many.
    seed : int or None
        None draws afresh for every training.
    workers : int
        Replicas of the model that train at once, at the most, as many as the process may use cores; a step's own
        threads are TensorFlow's. The same seed gives the same vectors on any number. Less than 1, with which gensim
        trains nothing, is an error.
    hs : {0, 1}
        With 1, or with ``negative=0``, gensim's own trainer does the training: hierarchical softmax has no noise.
    batch_words : int
        Not used: blocks are sized by the corpus.
    compute_loss : bool
        Let :meth:`get_latest_training_loss` return, as in gensim, the sum of the losses of all examples of this call
        of ``train``, in nats; the mean of an example in each epoch is in :attr:`history`.
    shrink_windows : bool
        Whether the words of a window weigh less with their distance ``k`` from the centre, ``(window + 1 - k) /
        window``: as often as gensim's draw of the window's size has them in. Nothing is drawn here, every window is
        whole. In skip-gram, windows narrow over the epochs of a text, from 1.2 ``window`` to 0.3 ``window`` (see
        :func:`tfw2v_gensim.training.plan.window_width`). False gives all words the same weight, throughout.
    shared_softmax : bool, optional
        Whether the softmax weights are the word vectors themselves (the default, None, takes what measures better:
        True), or a second matrix. The last of a shared vector's coordinates enter the product with a minus sign,
        see :attr:`coordinate_factors`.
    negative_sharing : int
        How many streams of text, far apart in the corpus, share a pool of noise words at the most; eight are trained
        side by side. 1 draws ``negative`` words of its own for every example, as the source does: much slower.
    loss : {"random_softmax", "sampled_softmax", "nce", "softmax"}
        What training minimises, see :mod:`tfw2v_gensim.training.losses`. The full ``"softmax"`` takes time and memory
        proportional to the vocabulary, which may hold 32,768 words at the most (``max_final_vocab``).
    prior : float
        Strength of a Gaussian prior on the vectors, which keeps them from learning a small corpus by heart: see
        :func:`tfw2v_gensim.training.rates.pull`. 0 turns it off. The default serves text, walks over graphs and
        sessions alike.
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
        subsampled), ``seconds``, ``words_per_second`` (words read), and ``alpha`` at the epoch's end; callbacks may add
        others, such as ``held_out_loss``.
    mirrored_share, mirrored_factor : float
        Share and factor of the mirrored coordinates of a shared vector, see :attr:`coordinate_factors`; kept with the
        model, for to change them would change what the vectors say.

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
        prior: float = 2.5,
        progress: bool | None = None,
        checkpoint: str | os.PathLike | None = None,
    ) -> None:
        arguments.check(
            vector_size=vector_size, window=window, min_count=min_count, workers=workers, negative=negative,
            negative_sharing=negative_sharing, epochs=epochs, sample=sample or 0, ns_exponent=ns_exponent,
            alpha=alpha, min_alpha=min_alpha, sg=sg, hs=hs, cbow_mean=cbow_mean, shared_softmax=shared_softmax,
            loss=loss, prior=prior, progress=progress, checkpoint=checkpoint,
        )  # fmt: skip
        vector_size, window, negative, epochs = int(vector_size), int(window), int(negative), int(epochs)
        if checkpoint is not None:
            arguments.check_checkpoint(checkpoint, hs, negative)
            os.makedirs(checkpoint, exist_ok=True)  # now, and not after hours
        self.shared_softmax = not hs and negative > 0 and shared_softmax in (True, None)
        self.mirrored_share, self.mirrored_factor = Mirrored.of(sg)
        self.starts_from_frequencies = True
        self.loss = loss
        self.prior = arguments.plain(prior)
        self.negative_sharing = int(negative_sharing)
        self.progress = None if progress is None else bool(progress)
        self.checkpoint = checkpoint
        self.history = []
        self.wv = KeyedVectors(vector_size)
        with self._under_construction():
            super().__init__(
                sentences=sentences, corpus_file=corpus_file, vector_size=vector_size, alpha=alpha, window=window,
                min_count=min_count, max_vocab_size=max_vocab_size, sample=sample, seed=seed, workers=workers,
                min_alpha=min_alpha, sg=sg, hs=hs, negative=negative, ns_exponent=ns_exponent, cbow_mean=cbow_mean,
                hashfxn=hashfxn, epochs=epochs, null_word=null_word, trim_rule=trim_rule, sorted_vocab=sorted_vocab,
                batch_words=batch_words, compute_loss=compute_loss, callbacks=callbacks, comment=comment,
                max_final_vocab=max_final_vocab, shrink_windows=shrink_windows,
            )  # fmt: skip

    def to_gensim(self) -> GensimWord2Vec:
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
    def from_gensim(cls, model: GensimWord2Vec, shared_softmax: bool = False, **arguments: Any) -> Word2Vec:
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
        >>> import gensim.models
        >>> from gensim.test.utils import common_texts
        >>> model = Word2Vec.from_gensim(gensim.models.Word2Vec(common_texts, vector_size=20, min_count=1))
        >>> model.train(common_texts, total_examples=model.corpus_count, epochs=1)[1]
        29

        """
        if isinstance(model, Word2Vec):
            model = as_gensims(model)
        if type(model) is not GensimWord2Vec:
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
        with whole_file(fname):
            model = super().load(fname, *args, **kwargs)
        return cls._adopting(model, None) if type(model) is GensimWord2Vec else model

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
        of a training that was finished; they are those of an unbroken run, bit for bit on the same processor, if the
        corpus gives the same sentences at every pass. Callbacks are not called again for epochs that were done.

        A callback ends the training after the epoch that runs by ``model.stop_training = True``: see
        :class:`tfw2v_gensim.callbacks.EarlyStopping`.

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
            self._caller = CheckpointedTraining(
                self.checkpoint, callbacks, arguments.DECIDE_VECTORS,
                total_examples=total_examples, total_words=total_words,
            )  # fmt: skip
        elif not self.is_gensims:
            self._caller = UntilStopped(callbacks)
        try:
            return super().train(
                corpus_iterable=corpus_iterable, corpus_file=corpus_file, total_examples=total_examples,
                total_words=total_words, epochs=epochs, start_alpha=start_alpha, end_alpha=end_alpha,
                word_count=word_count, queue_factor=queue_factor, report_delay=report_delay,
                compute_loss=compute_loss, callbacks=callbacks if self._caller is None else [self._caller], **kwargs,
            )  # fmt: skip
        finally:
            self.__dict__.pop("_caller", None)
            self.__dict__.pop("stop_training", None)
            self._drop_text()
