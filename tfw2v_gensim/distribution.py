"""More than one machine: the workers of TF_CONFIG's cluster train one model, each on its share of the corpus.

Start the same script on every machine, with TensorFlow's usual ``TF_CONFIG``; there is nothing else to set::

    from tfw2v_gensim import Word2Vec
    from tfw2v_gensim.distribution import Place

    model = Word2Vec(corpus_file="corpus.txt")
    if Place.from_environment().worker == 0:  # all workers have the same vectors
        model.save("corpus.model")

For two machines named ``first`` and ``second``, on ``first`` (and with ``"index": 1`` on ``second``)::

    export TF_CONFIG='{"cluster": {"worker": ["first:12345", "second:12345"]}, "task": {"type": "worker", "index": 0}}'
    python train.py

The command ``tfw2v`` does the same, and worker 0 alone writes its output.

*Start.* No worker starts before all are there. TensorFlow must not have been used in the process before. Every
machine needs the whole corpus: each counts the vocabulary for itself, and before training starts the workers make
sure that words, counts, weights and arguments are the same. One that has others is named in a ValueError, in all of
them.

*Shares.* In an epoch each worker trains its share: of a text file its parts of the encoded text or its range of
bytes, of any other iterable every N-th sentence (which is read on every machine, in the same order).

*Merges.* At least 20 times an epoch ``tf.distribute.MultiWorkerMirroredStrategy`` adds up what the workers have
learnt. Where their changes of a row differ, as for rare words, which they meet in different sentences, the sum is
taken; where they agree, the mean (:func:`tfw2v_gensim.training.merging.merge`). A merge sends 2 (N - 1) / N times the
matrices from each worker. All end with the same vectors, which one seed makes anew with the same number of workers.

*Loss of a worker.* A worker that dies ends the others with :class:`WorkerLost`: at once where the connection breaks,
after 7 to 17 s where TensorFlow's heartbeat must find out. With ``checkpoint``, worker 0 saves, and all go on from
its last checkpoint when they are started again.

*GPUs.* Those that TensorFlow finds are used: the replicas of one machine are shared out among them, and merged as on
one processor.

What several workers learn, and how fast many machines would be: ``tests/benchmarks/README.md`` of the source.
TensorFlow is imported when a training starts.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from tfw2v_gensim.text.corpora import share_of
from tfw2v_gensim.training.blocks import Round
from tfw2v_gensim.training.weights import Weights

EXAMPLE = '{"cluster": {"worker": ["HOST:PORT", "HOST:PORT"]}, "task": {"type": "worker", "index": 0}}'


class WorkerLost(RuntimeError):  # noqa: N818 - named after what happened
    """Another worker of the cluster died, or can no longer be reached."""


class Place(NamedTuple):
    """Which worker of how many this process is.

    Attributes
    ----------
    worker : int
        From 0; worker 0 is the one that saves.
    workers : int
        1 where there is no cluster.
    """

    worker: int = 0
    workers: int = 1

    @classmethod
    def from_environment(cls) -> Place:
        """Read TensorFlow's usual ``TF_CONFIG``; without a cluster in it, this is worker 0 of 1.

        A ``chief``, if there is one, is worker 0.

        Examples
        --------
        >>> cluster = {"worker": ["10.0.0.1:12345", "10.0.0.2:12345"]}
        >>> os.environ["TF_CONFIG"] = json.dumps({"cluster": cluster, "task": {"type": "worker", "index": 1}})
        >>> Place.from_environment()
        Place(worker=1, workers=2)
        >>> del os.environ["TF_CONFIG"]
        >>> Place.from_environment()
        Place(worker=0, workers=1)

        """
        text = os.environ.get("TF_CONFIG") or "{}"
        try:
            config = json.loads(text)
            chiefs, others = (len(config.get("cluster", {}).get(job, ())) for job in ("chief", "worker"))
            if chiefs + others < 2:
                return cls()
            job, index = config["task"]["type"], int(config["task"]["index"])
            worker = {"chief": index, "worker": chiefs + index}[job]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ValueError(
                f"TF_CONFIG must be JSON like {EXAMPLE}, with a task of type worker or chief, got {text!r}"
            ) from None
        if not 0 <= worker < chiefs + others:
            raise ValueError(f"TF_CONFIG names {chiefs + others} workers, and as this task's index {index}")
        return cls(worker, chiefs + others)


class Workers:
    """The workers that train together, as one of them sees them: here it is the only one, with one device.

    Attributes
    ----------
    place : Place
    devices : list of str
        Names of this worker's own; empty for TensorFlow's choice.
    """

    place = Place()

    def __init__(self, devices: Sequence[str] = ()) -> None:
        self.devices = devices

    def share(self, sentences: Any) -> Iterable[Sequence[str]]:
        """Return the sentences that this worker trains."""
        return share_of(sentences, *self.place)

    def share_slabs(self, slabs: Iterable[Any]) -> Iterator[Any]:
        """Return those slabs of the whole text that this worker trains."""
        return itertools.islice(slabs, self.place.worker, None, self.place.workers)

    def agree(self, arguments: dict[str, Any]) -> None:
        """Make sure that all workers have the same arguments."""

    def next_round(self, current: Round | None) -> Round | None:
        """Return what this worker trains until the next merge, given what is left of its share; None at the end."""
        return current

    def skip(self, skipped: Round) -> None:
        """Pass over a round of this worker's share, which was trained before a checkpoint."""

    def totals(self, *values: float) -> Sequence[float]:
        """Sum each value over the workers."""
        return values

    def from_first(self, text: str, matrices: Sequence[np.ndarray]) -> tuple[str, Sequence[np.ndarray]]:
        """Return the text and the matrices that worker 0 gives; those of the others only have the right shapes."""
        return text, matrices

    def summed(self, *arrays: np.ndarray) -> Sequence[np.ndarray]:
        """Sum each array over the workers."""
        return arrays


class Cluster(Workers):
    """All devices that train together, seen from one worker. All workers must call the same methods in the same order.

    Parameters
    ----------
    place : Place
    strategy : tf.distribute.Strategy
    """

    def __init__(self, place: Place, strategy: Any) -> None:
        import tensorflow as tf

        self.place, self.strategy, self.tensorflow = place, strategy, tf
        self.devices = strategy.extended.worker_devices
        self.last: Round | None = None

        def add(tensors):
            context = tf.distribute.get_replica_context()
            # a copy, which lies on the replica's device: of a captured value all_reduce would not know where it is
            return context.all_reduce(tf.distribute.ReduceOp.SUM, [tf.identity(tensor) for tensor in tensors])

        self.reduce = tf.function(lambda tensors: strategy.run(add, (tensors,)), autograph=False)

    def sums(self, tensors: Sequence[Sequence[Any]]) -> Sequence[Any]:
        """Sum the tensors of all devices, place by place; given are the lists of this worker's devices."""
        by_device = self.strategy.experimental_distribute_values_from_function(
            lambda context: tensors[context.replica_id_in_sync_group % len(tensors)]
        )
        try:
            return self.strategy.experimental_local_results(self.reduce(by_device))[0]
        except self.tensorflow.errors.OpError as error:
            reason = str(error.message).split("Collective ops is aborted by: ")[-1].splitlines()[0]
            raise WorkerLost(
                f"worker {self.place.worker} of {self.place.workers} (from 0) has lost another worker, which died or "
                f"cannot be reached ({reason}). Start all workers again: training goes on from its checkpoint, if one "
                f"was kept"
            ) from error

    def totals(self, *values: float) -> Sequence[float]:
        """Sum each value over the workers; integers stay integers."""
        (sums,) = self.summed(np.array(values, np.float64))
        return [type(value)(total) for value, total in zip(values, sums, strict=True)]

    def agree(self, arguments: dict[str, Any]) -> None:
        """Raise a ValueError, in all workers, that names what one of them has otherwise than worker 0."""
        self.last = None
        hashes = np.zeros((self.place.workers, len(arguments)))
        hashes[self.place.worker] = [fingerprint(value) for value in arguments.values()]
        hashes = np.reshape(self.totals(*hashes.ravel()), hashes.shape)
        for worker, other in np.argwhere(hashes != hashes[0])[:1]:
            raise ValueError(
                f"worker {worker} has other {list(arguments)[other]} than worker 0 (of {self.place.workers}): all "
                f"workers must be given the same corpus and the same arguments"
            )

    def next_round(self, current: Round | None) -> Round | None:
        """As of :class:`Workers`; a worker whose share is used up takes part in the others' merges with no blocks."""
        last = current or self.last
        going, begun = self.totals(int(current is not None), int(last is not None))
        if going and begun < self.place.workers:
            raise ValueError(
                f"the corpus is too small for {self.place.workers} workers: only {begun} have a share of it"
            )
        self.last = last if going else None
        if current is None and self.last:
            nothing = {name: np.zeros_like(getattr(self.last, name)) for name in ("left", "right", "blocks")}
            return self.last._replace(**nothing)
        return current

    def skip(self, skipped: Round) -> None:
        """As of :class:`Workers`."""
        self.last = skipped

    def from_first(self, text: str, matrices: Sequence[np.ndarray]) -> tuple[str, Sequence[np.ndarray]]:
        """As of :class:`Workers`."""
        given = np.frombuffer(text.encode(), np.uint8) if self.place.worker == 0 else np.zeros(0, np.uint8)
        letters = np.zeros(int(self.totals(len(given))[0]))
        letters[: len(given)] = given
        text = np.array(self.totals(*letters)).astype(np.uint8).tobytes().decode()
        return text, self.summed(*(matrix if self.place.worker == 0 else np.zeros_like(matrix) for matrix in matrices))

    def summed(self, *arrays: np.ndarray) -> Sequence[np.ndarray]:
        """As of :class:`Workers`."""
        nothing = [np.zeros_like(array) for array in arrays]
        return [tensor.numpy() for tensor in self.sums([arrays, *[nothing] * (len(self.devices) - 1)])]


def check_alone(hs: int, negative: int) -> None:
    """Raise a ValueError if several workers are to train what gensim's own trainer does, which knows no others."""
    if Place.from_environment().workers > 1:
        raise ValueError(
            f"hs={hs}, negative={negative}: gensim's own trainer trains on one machine only, but TF_CONFIG names "
            f"several workers; use hs=0 and negative > 0, or unset TF_CONFIG"
        )


def alike(
    words: Sequence[str], counts: np.ndarray, distinct_neighbours: np.ndarray, arguments: dict[str, Any],
    weights: Weights,
) -> dict[str, Any]:  # fmt: skip
    """Return what all workers must begin with, by the names that an error gives it: what decides comes first."""
    return {
        "words in its vocabulary": words,
        "word counts": counts,
        "counts of different neighbours": distinct_neighbours,
        **arguments,
        "word vectors": weights.vectors,
        "softmax weights": weights.softmax,
        "vectors_lockf": weights.lock,
    }


def fingerprint(value: Any) -> float:
    """Return 48 bits that tell values apart: what can be summed in a float64 without loss."""
    if isinstance(value, np.ndarray):
        content = np.ascontiguousarray(value).tobytes()
    else:
        content = repr(value).encode("utf8", "surrogatepass")
    return float(int.from_bytes(hashlib.blake2b(content, digest_size=6).digest(), "big"))


@functools.cache
def workers_of(place: Place) -> Workers:
    """Connect this process to the other workers, and to its GPUs: TensorFlow does so once in the life of a process."""
    import tensorflow as tf

    if place.workers > 1:
        try:
            return Cluster(place, tf.distribute.MultiWorkerMirroredStrategy())
        except RuntimeError as error:
            raise RuntimeError(
                f"TF_CONFIG names {place.workers} workers, but TensorFlow was in use before they could be connected: "
                f"train before anything else in this process computes with TensorFlow"
            ) from error
    return Workers([device.name for device in tf.config.list_logical_devices("GPU")])


def workers() -> Workers:
    """Return the workers that train together, as ``TF_CONFIG`` names them."""
    return workers_of(Place.from_environment())
