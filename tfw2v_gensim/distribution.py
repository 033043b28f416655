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
import json
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from tfw2v_gensim.training.blocks import Round
from tfw2v_gensim.training.machines import Machines, Rank
from tfw2v_gensim.training.plan import Settings
from tfw2v_gensim.training.weights import Weights

EXAMPLE = '{"cluster": {"worker": ["HOST:PORT", "HOST:PORT"]}, "task": {"type": "worker", "index": 0}}'


class WorkerLost(RuntimeError):  # noqa: N818 - named after what happened
    """Another worker of the cluster died, or can no longer be reached."""


class Place(Rank):
    """Which worker of how many this process is, as ``TF_CONFIG`` says.

    Attributes
    ----------
    worker : int
        From 0; worker 0 is the one that saves.
    workers : int
        1 where there is no cluster.
    """

    __slots__ = ()

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


class Cluster(Machines):
    """The machines of a cluster, seen from one of them. All must call the same methods in the same order.

    Parameters
    ----------
    rank : Rank
    strategy : tf.distribute.Strategy
    """

    def __init__(self, rank: Rank, strategy: Any) -> None:
        import tensorflow as tf

        self.rank, self.strategy, self.tensorflow = rank, strategy, tf
        self.devices = strategy.extended.worker_devices
        self.last: Round | None = None

        def add(tensors):
            context = tf.distribute.get_replica_context()
            # a copy, which lies on the replica's device: of a captured value all_reduce would not know where it is
            return context.all_reduce(tf.distribute.ReduceOp.SUM, [tf.identity(tensor) for tensor in tensors])

        self.reduce = tf.function(lambda tensors: strategy.run(add, (tensors,)), autograph=False)

    def all_reduce(self, tensors: Sequence[Sequence[Any]]) -> Sequence[Any]:
        """Sum the tensors of all devices, place by place; given are the lists of this worker's devices."""
        by_device = self.strategy.experimental_distribute_values_from_function(
            lambda context: tensors[context.replica_id_in_sync_group % len(tensors)]
        )
        try:
            return self.strategy.experimental_local_results(self.reduce(by_device))[0]
        except self.tensorflow.errors.OpError as error:
            reason = str(error.message).split("Collective ops is aborted by: ")[-1].splitlines()[0]
            raise WorkerLost(
                f"worker {self.rank.worker} of {self.rank.workers} (from 0) has lost another worker, which died or "
                f"cannot be reached ({reason}). Start all workers again: training goes on from its checkpoint, if one "
                f"was kept"
            ) from error

    def sum_scalars(self, *values: float) -> Sequence[float]:
        """Sum each value over the workers; integers stay integers."""
        (sums,) = self.sum_arrays(np.array(values, np.float64))
        return [type(value)(total) for value, total in zip(values, sums, strict=True)]

    def agree(self, arguments: dict[str, Any]) -> None:
        """Raise a ValueError, in all workers, that names what one of them has otherwise than worker 0."""
        self.last = None
        hashes = np.zeros((self.rank.workers, len(arguments)))
        hashes[self.rank.worker] = [fingerprint(value) for value in arguments.values()]
        hashes = np.reshape(self.sum_scalars(*hashes.ravel()), hashes.shape)
        for worker, other in np.argwhere(hashes != hashes[0])[:1]:
            raise ValueError(
                f"worker {worker} has other {list(arguments)[other]} than worker 0 (of {self.rank.workers}): all "
                f"workers must be given the same corpus and the same arguments"
            )

    def next_round(self, current: Round | None) -> Round | None:
        """As of :class:`Machines`; a worker whose share is used up takes part in the others' merges with no blocks."""
        last = current or self.last
        going, begun = self.sum_scalars(int(current is not None), int(last is not None))
        if going and begun < self.rank.workers:
            raise ValueError(
                f"the corpus is too small for {self.rank.workers} workers: only {begun} have a share of it"
            )
        self.last = last if going else None
        if current is None and self.last:
            nothing = {name: np.zeros_like(getattr(self.last, name)) for name in ("left", "right", "blocks")}
            return self.last._replace(**nothing)
        return current

    def skip(self, skipped: Round) -> None:
        """As of :class:`Machines`."""
        self.last = skipped

    def broadcast(self, text: str, matrices: Sequence[np.ndarray]) -> tuple[str, Sequence[np.ndarray]]:
        """As of :class:`Machines`."""
        given = np.frombuffer(text.encode(), np.uint8) if self.rank.worker == 0 else np.zeros(0, np.uint8)
        letters = np.zeros(int(self.sum_scalars(len(given))[0]))
        letters[: len(given)] = given
        text = np.array(self.sum_scalars(*letters)).astype(np.uint8).tobytes().decode()
        return text, self.sum_arrays(
            *(matrix if self.rank.worker == 0 else np.zeros_like(matrix) for matrix in matrices)
        )

    def sum_arrays(self, *arrays: np.ndarray) -> Sequence[np.ndarray]:
        """As of :class:`Machines`."""
        nothing = [np.zeros_like(array) for array in arrays]
        return [tensor.numpy() for tensor in self.all_reduce([arrays, *[nothing] * (len(self.devices) - 1)])]


def check_alone(hs: int, negative: int) -> None:
    """Raise a ValueError if several workers are to train what gensim's own trainer does, which knows no others."""
    if Place.from_environment().workers > 1:
        raise ValueError(
            f"hs={hs}, negative={negative}: gensim's own trainer trains on one machine only, but TF_CONFIG names "
            f"several workers; use hs=0 and negative > 0, or unset TF_CONFIG"
        )


def must_agree(words: Sequence[str], settings: Settings, arguments: dict[str, Any], weights: Weights) -> dict[str, Any]:
    """Return what must be equal on all machines, by the names that an error gives it: what decides comes first."""
    return {
        "words in its vocabulary": words,
        "word counts": settings.counts,
        "counts of different neighbours": settings.distinct_neighbours,
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
def machines_of(rank: Rank) -> Machines:
    """Connect this process to the other machines, and to its GPUs: TensorFlow does so once in the life of a process."""
    import tensorflow as tf

    if rank.workers > 1:
        try:
            return Cluster(rank, tf.distribute.MultiWorkerMirroredStrategy())
        except RuntimeError as error:
            raise RuntimeError(
                f"TF_CONFIG names {rank.workers} workers, but TensorFlow was in use before they could be connected: "
                f"train before anything else in this process computes with TensorFlow"
            ) from error
    return Machines([device.name for device in tf.config.list_logical_devices("GPU")])


def machines() -> Machines:
    """Return the machines that train together, as ``TF_CONFIG`` names them."""
    return machines_of(Place.from_environment())
