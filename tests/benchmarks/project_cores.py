#!/usr/bin/env python3
"""Train on this machine, say where the time goes, and project the speed to more cores than it has.

    project_cores.py CORPUS [ARGUMENT=VALUE ...] [--words 17e6] [--replicas N] [--cores 2 4 8 16]

CORPUS is text with one sentence a line; ARGUMENT=VALUE are constructor arguments. Two epochs are trained with as many
replicas as the corpus has anywhere, and the second is measured: seconds of CPU that the pieces of each round take on
their threads. What TensorFlow's own threads use counts as training, evenly by blocks.

While one thread builds the next round, the replicas of this one are given to the cores one after the other, each as
soon as one is free; then a pool of threads merges. So an epoch takes

    replicas(cores) = when the last replica of the round ends, with each on a core of its own
    round(cores)    = the most of: building the next round,
                                   replicas(cores) + merging / cores + alone,
                                   (building the next round + all replicas + merging) / cores + alone
    epoch(cores)    = building the first round + the sum over the rounds

*Alone* is what the main thread does between: rates, convergence, the bar, and of a merge what is not done in parallel;
*waiting*, how much of the time cores then have nothing to do. The formula takes cores to be as fast together as they
are here, and leaves out that they share caches, memory and Python's lock. How far it holds on the cores that are here
is shown: projected and measured speed. The whole training, counting the vocabulary on one thread included, gains less.
"""

import argparse
import heapq
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from compare import argument
from corpora import first_words, write

EPOCHS = 5


@dataclass
class Measured:
    """Seconds of CPU of one epoch.

    Attributes
    ----------
    building, merging : list of float
        Of each round: by the thread that builds, and by all threads that merge.
    replicas : list of list of float
        Of each round, of each of its replicas, in the thread that calls TensorFlow.
    blocks : list of list of int
        As many blocks did each of them train.
    alone : float
        By the main thread.
    wall, process : float
        Of the whole epoch, measured: what passed, and what all threads used.
    words, trained : int
        Words read, and those that are trained.
    """

    building: list[float] = field(default_factory=list)
    merging: list[float] = field(default_factory=list)
    replicas: list[list[float]] = field(default_factory=list)
    blocks: list[list[int]] = field(default_factory=list)
    alone: float = 0.0
    wall: float = 0.0
    process: float = 0.0
    words: int = 0
    trained: int = 0

    def seconds(self) -> dict[str, float]:
        """Sum up by kind of work."""
        training = sum(map(sum, self.replicas))
        return {"building": sum(self.building), "training": training, "merging": sum(self.merging), "alone": self.alone}

    def share_out(self) -> None:
        """Give to every replica what TensorFlow's own threads have used, by its blocks, which all cost the same."""
        a_block = (self.process - sum(self.seconds().values())) / max(sum(map(sum, self.blocks)), 1)
        for replicas, blocks in zip(self.replicas, self.blocks, strict=True):
            replicas[:] = [seconds + count * a_block for seconds, count in zip(replicas, blocks, strict=True)]


def last_end(seconds: list[float], cores: int) -> float:
    """When the last of some jobs ends, each begun as soon as a core is free."""
    ends = [0.0] * cores
    for each in seconds:
        heapq.heappush(ends, heapq.heappop(ends) + each)
    return max(ends)


def projected(measured: Measured, cores: int) -> float:
    """Seconds of an epoch on so many cores; the formula stands above."""
    alone = measured.alone / max(len(measured.replicas), 1)
    seconds = measured.building[0]
    for building, replicas, merging in zip(
        [*measured.building[1:], 0.0], measured.replicas, measured.merging, strict=False
    ):
        one_after_the_other = last_end(replicas, cores) + merging / cores + alone
        all_busy = (building + sum(replicas) + merging) / cores + alone
        seconds += max(building, one_after_the_other, all_busy)
    return seconds


def timed(function, seconds: list[float]):
    """Add what a function's thread spends in it to some list."""

    def call(*arguments, **keywords):
        began = time.thread_time()
        try:
            return function(*arguments, **keywords)
        finally:
            seconds.append(time.thread_time() - began)

    return call


def watch() -> Measured:
    """Have the package's pieces timed from now on; what is returned holds the figures of the last epoch."""
    from tfw2v_gensim import trainer
    from tfw2v_gensim.blocks import BlockBuilder
    from tfw2v_gensim.training import Epoch

    measured, lock = Measured(), threading.Lock()
    run, rounds, train_round = Epoch.run, BlockBuilder.rounds, trainer.Trainer.train
    train_replica, merge = trainer.Trainer._train_replica, trainer.merge

    def timed_run(epoch):
        measured.__dict__.update(Measured().__dict__)
        clocks = time.perf_counter, time.process_time, time.thread_time
        began = [clock() for clock in clocks]
        run(epoch)
        measured.wall, measured.process, measured.alone = (
            clock() - start for clock, start in zip(clocks, began, strict=True)
        )
        measured.words = epoch.standing.words
        measured.share_out()

    def timed_rounds(*arguments):
        of_rounds = rounds(*arguments)
        following = timed(lambda: next(of_rounds, None), building := [])
        while (one_round := following()) is not None:
            measured.building.append(building[-1])
            yield one_round

    def timed_round(self, one_round, rates):
        measured.replicas.append([])
        measured.blocks.append([])
        measured.trained += one_round.examples(sg=0)
        return train_round(self, one_round, rates)

    def timed_replica(self, replica, one_round, rates):
        learnt = timed(train_replica, seconds := [])(self, replica, one_round, rates)
        with lock:
            measured.replicas[-1] += seconds
            measured.blocks[-1].append(int(one_round.blocks[replica]))
        return learnt

    def timed_merge(weights, learnt, workers, each):
        parts = []
        merge(weights, learnt, workers, lambda function, *iterables: each(timed(function, parts), *iterables))
        measured.merging.append(sum(parts))

    Epoch.run, BlockBuilder.rounds, trainer.Trainer.train = timed_run, timed_rounds, timed_round
    trainer.Trainer._train_replica, trainer.merge = timed_replica, timed_merge
    return measured


def report(measured: Measured, replicas: int, counting: float, here: int, cores: list[int]) -> None:
    """Print where the time goes, and what follows for other numbers of cores."""
    seconds, of_replicas = measured.seconds(), sorted(each for some in measured.replicas for each in some)
    count, total = len(of_replicas), sum(measured.seconds().values())
    print(f"{measured.words:,} words an epoch, {measured.trained:,} of them trained")
    print(
        f"{len(measured.replicas)} rounds of up to {replicas} replicas; work of one in a round: "
        f"{measured.trained / count:,.0f} trained words, {of_replicas[count // 2]:.3f} s of CPU "
        f"(median; {of_replicas[0]:.3f} to {of_replicas[-1]:.3f})"
    )
    for work, spent in seconds.items():
        nanoseconds = 1e9 * spent / measured.trained
        print(f"  {work:10}{spent:8.2f} s of CPU {spent / total:6.1%}{nanoseconds:8.0f} ns a trained word")
    a_replica = seconds["training"] / replicas
    limit = "the thread that builds" if seconds["building"] > a_replica else "the replicas"
    print(f"with a core for each replica {limit} would be the limit: {seconds['building']:.2f} s of building, "
          f"{a_replica:.2f} s of training")  # fmt: skip
    print(f"the {here} cores here: {measured.words / projected(measured, here):,.0f} words/s projected, "
          f"{measured.words / measured.wall:,.0f} measured")  # fmt: skip
    two = projected(measured, 2)
    print(f"{'cores':>5}{'words/s':>14}{'over 2 cores':>14}{'waiting':>9}{f'{EPOCHS} epochs and counting, over 2':>36}")
    for number in cores:
        epoch = projected(measured, number)
        whole = (counting + EPOCHS * two) / (counting + EPOCHS * epoch)
        waiting = 1 - total / (number * epoch)
        print(f"{number:5}{measured.words / epoch:14,.0f}{two / epoch:14.2f}{waiting:9.0%}{whole:36.2f}")
    print(f"counting the vocabulary: {counting:.1f} s of one thread")


def main() -> None:
    """Train, measure and project."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("arguments", nargs="*", type=argument, metavar="ARGUMENT=VALUE")
    parser.add_argument("--words", type=float, help="read only so many words of the corpus")
    parser.add_argument("--replicas", type=int, help="instead of what the corpus' size gives")
    parser.add_argument("--cores", type=int, nargs="+", default=[2, 4, 8, 16])
    options = parser.parse_args()
    from tfw2v_gensim import Word2Vec, plan, starting

    if options.replicas:
        plan.REPLICAS = {options.replicas: 0}
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus.txt")
        write(first_words(options.corpus, options.words), corpus)
        model = Word2Vec(**dict(options.arguments))
        timed(model.build_vocab, counting := [])(corpus_file=str(corpus))
        measured = watch()
        model.train(corpus_file=str(corpus), total_words=model.corpus_total_words, epochs=2)
    report(measured, plan.plan_of(model._settings()).shape.replicas, *counting, starting.cores(), options.cores)


if __name__ == "__main__":
    sys.exit(main())
