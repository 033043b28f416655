"""Subclasses that override ``_do_train_job``: what gensim's trainer would get from them is what is trained.

gensim hands a subclass one job after another, some ``batch_words`` words of whole sentences, and the subclass hands
``super()._do_train_job`` the sentences that are to be trained: walks in the place of nodes, for example. Here it is
handed the same jobs, and the base method only takes down what comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any

Sentence = Sequence[str]

# What the job that is being done has passed on so far, and the alpha that it was given
_job: ContextVar[tuple[list[Sentence], float] | None] = ContextVar("job", default=None)


def jobs_of(sentences: Iterable[Sentence], batch_words: int) -> Iterator[list[Sentence]]:
    """Cut a corpus into jobs as gensim does: whole sentences, of ``batch_words`` words at the most if there are two.

    Examples
    --------
    >>> list(jobs_of([["a"], ["b", "c"], ["d"], ["e"] * 9], 3))
    [[['a'], ['b', 'c']], [['d']], [['e', 'e', 'e', 'e', 'e', 'e', 'e', 'e', 'e']]]

    """
    job: list[Sentence] = []
    words = 0
    for sentence in sentences:
        if job and words + len(sentence) > batch_words:
            yield job
            job, words = [], 0
        job.append(sentence)
        words += len(sentence)
    if job:
        yield job


def are_overridden(kind: type, base: type) -> bool:
    """Whether a class has its own way with jobs."""
    return any(getattr(kind, name) is not getattr(base, name) for name in ("_do_train_job", "_get_thread_working_mem"))


def passed_on(model: Any, sentences: Iterable[Sentence], alpha: float) -> Iterator[Sentence]:
    """Yield the sentences that a model's ``_do_train_job`` makes of those of a corpus.

    Parameters
    ----------
    model : gensim.models.Word2Vec
        Its ``_do_train_job`` must end in :func:`record_job`.
    sentences : iterable of list of str
    alpha : float
        What the jobs are told. The rate of training is not theirs to change.

    Raises
    ------
    NotImplementedError
        If no job passes any sentence on, or one asks for another alpha.
    """
    memory = model._get_thread_working_mem()
    idle = None
    for job in jobs_of(sentences, model.batch_words):
        taken: list[Sentence] = []
        token = _job.set((taken, alpha))
        try:
            model._do_train_job(job, alpha, memory)
        finally:
            _job.reset(token)
        idle = not taken if idle is None else idle and not taken
        yield from taken
    if idle:
        raise NotImplementedError(
            f"{type(model).__name__}._do_train_job trains by itself: it must pass its sentences on to "
            f"super()._do_train_job, or be trained by gensim.models.Word2Vec"
        )


def record_job(model: Any, sentences: Iterable[Sentence], alpha: float) -> tuple[int, int]:
    """Do what the base ``_do_train_job`` does: take down the sentences of the job that is being done.

    Returns
    -------
    (int, int)
        Words known, and words: gensim's counts, but for what it subsamples.
    """
    job = _job.get()
    if job is None:
        raise RuntimeError("_do_train_job does nothing of its own here: call train()")
    taken, told = job
    if alpha != told:
        raise NotImplementedError(
            f"{type(model).__name__}._do_train_job passes on alpha={alpha!r}, and was given {told!r}: a job's rate "
            f"cannot be changed here; set alpha and min_alpha, or train with gensim.models.Word2Vec"
        )
    new = [list(sentence) for sentence in sentences]
    taken += new
    known = sum(word in model.wv.key_to_index for sentence in new for word in sentence)
    return known, sum(map(len, new))
