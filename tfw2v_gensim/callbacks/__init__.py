"""Callbacks that watch a training: gensim's protocol, two calls more after every round, and a signal to stop.

A callback that sets ``model.stop_training = True`` ends the training after the epoch that runs, as in Keras:
:class:`EarlyStopping` does. One that has ``state_dict()`` and ``load_state_dict(state)``, with a dict of arrays, has it
kept in checkpoints, as in PyTorch.
"""

from __future__ import annotations

import os
from typing import Any

from gensim.models import Word2Vec
from gensim.models.callbacks import CallbackAny2Vec

from tfw2v_gensim.callbacks.held_out import HeldOutLoss
from tfw2v_gensim.callbacks.stopping import EarlyStopping
from tfw2v_gensim.training.position import Matrices

__all__ = [
    "EarlyStopping",
    "HeldOutLoss",
    "RoundCallback",
    "TensorBoard",
]  # not gensim's Word2Vec, in the place of this package's


class RoundCallback(CallbackAny2Vec):
    """A gensim callback that is also called within the epochs.

    Examples
    --------
    >>> from gensim.test.utils import common_texts
    >>> from tfw2v_gensim import Word2Vec
    >>> class StopWatch(RoundCallback):
    ...     def on_round_end(self, model, figures):
    ...         print(figures["epoch"], figures["words"])
    >>> model = Word2Vec(common_texts, min_count=1, epochs=2, callbacks=[StopWatch()])
    0 29
    1 29

    """

    def on_round_end(self, model: Word2Vec, figures: dict[str, Any]) -> None:
        """Look at a round, the blocks between two merges of replicas: some hundred thousand words of a large corpus.

        Parameters
        ----------
        model : tfw2v_gensim.Word2Vec
            Its vectors are still those from before the epoch.
        figures : dict
            As in ``model.history``, with the loss of this round alone and everything else of the epoch up to here.
            What a callback adds stays for the epoch, is kept in checkpoints, and comes into ``model.history``.
        """

    def on_round_matrices(self, model: Word2Vec, figures: dict[str, Any], matrices: Matrices) -> None:
        """Look at the weights after a round; called before :meth:`on_round_end`.

        Parameters
        ----------
        model, figures
            As of :meth:`on_round_end`.
        matrices : callable
            Returns the weights by gensim's names, ``{"vectors": float32 [V, D]}``, and ``"syn1neg"`` where the softmax
            has weights of its own. To gather them takes time, so call it only when they are wanted.
        """


class TensorBoard(RoundCallback):
    """Write the course of a training for TensorBoard: loss, alpha and words/s of every round.

    Parameters
    ----------
    log_dir : str or os.PathLike
        Folder for the event files.
    analogies : str or os.PathLike, optional
        File of analogy questions, as :meth:`gensim.models.KeyedVectors.evaluate_word_analogies` takes it. The share
        of right answers is then written after every epoch.

    Examples
    --------
    >>> import os, tempfile
    >>> from gensim.test.utils import common_texts
    >>> from tfw2v_gensim import Word2Vec
    >>> with tempfile.TemporaryDirectory() as log_dir:
    ...     model = Word2Vec(common_texts, min_count=1, callbacks=[TensorBoard(log_dir)])
    ...     print(os.listdir(log_dir)[0].startswith("events"))
    True

    """

    def __init__(self, log_dir: str | os.PathLike, analogies: str | os.PathLike | None = None) -> None:
        self.log_dir = str(log_dir)
        self.analogies = analogies
        self.rounds = 0
        self.writer: Any = None  # a tf.summary.SummaryWriter while a training is on

    def on_train_begin(self, model: Word2Vec) -> None:
        """Open an event file."""
        import tensorflow as tf

        self.writer = tf.summary.create_file_writer(self.log_dir)

    def on_round_end(self, model: Word2Vec, figures: dict[str, Any]) -> None:
        """Write the figures of a round."""
        self.rounds += 1
        self._write({name: figures[name] for name in ("loss", "alpha", "words_per_second")})

    def on_epoch_end(self, model: Word2Vec) -> None:
        """Write the analogy score, where it was asked for."""
        if self.analogies is not None:
            score, _ = model.wv.evaluate_word_analogies(self.analogies)
            self._write({"analogies": score})

    def on_train_end(self, model: Word2Vec) -> None:
        """Close the event file."""
        self.writer.close()
        self.writer = None

    def _write(self, scalars: dict[str, float]) -> None:
        import tensorflow as tf

        # what tf.summary.scalar writes; that function itself needs the tensorboard package where the training runs
        kind = tf.compat.v1.SummaryMetadata(plugin_data={"plugin_name": "scalars"}, data_class="DATA_CLASS_SCALAR")
        with self.writer.as_default(step=self.rounds):
            for name, value in scalars.items():
                tf.summary.write(name, tf.constant(value, tf.float32), metadata=kind)
