#!/usr/bin/env python3
"""Train on one worker and on several, on loopback, and compare; estimate what several machines would do.

    compare_workers.py CORPUS [ARGUMENT=VALUE ...] [--workers 1 2 4] [--seeds 1 2 3] [--epochs 5] [--corpus-file]

CORPUS is text with one sentence a line; ARGUMENT=VALUE are constructor arguments. The workers of a training are
processes of this machine and share its cores, so that several are no faster than one here; what is compared is what
they learn. Quality is measured as compare.py does. Figures are means over the seeds: on a small corpus, a single
one moves by more than what is to be compared.

The bytes that a worker sends in a merge are 2 (N - 1) / N times those that are summed, the matrices and one number for
each of their rows: a ring all-reduce sends each part of them around once to be summed and once to be known. The
estimate takes the rate of one worker, the best of its runs, and N machines with links of 10 Gbit/s:

    seconds a merge = words a merge / (N x rate of one) + 2 (N - 1) / N x bytes summed / (1.25e9 bytes/s)
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time

from compare import argument
from scores import english
from trainers import trained

FIGURES = {
    "analogies": "analogies, %",
    "WordSim-353": "WordSim-353",
    "wall_seconds": "whole wall time, s",
    "training_seconds": "training, s",
    "words_per_second": "raw words/s, all workers",
    "merges": "merges",
    "sent_a_merge": "bytes that each sends a merge",
    "sent_per_word": "bytes sent per trained word",
}
LINK = 1.25e9


def train(corpus, corpus_file, arguments):
    """Train as one of the workers that TF_CONFIG names; return the figures."""
    started = time.perf_counter()
    from tfw2v_gensim import Word2Vec, distribution
    from tfw2v_gensim.process import starting

    starting.start()  # as a training does before it imports the trainer
    from tfw2v_gensim.training import replicas

    class Counted:
        """The machines, as a merge sees them: counts merges, and the bytes that are summed in them."""

        merges = bytes = 0

        def __init__(self, machines):
            self.rank, self.machines = machines.rank, machines

        def sum_arrays(self, *arrays):
            Counted.bytes += sum(array.nbytes for array in arrays)
            return self.machines.sum_arrays(*arrays)

    def counted_merge(weights, updates, machines, *threads):
        Counted.merges += 1
        merge(weights, updates, Counted(machines), *threads)

    place = distribution.Place.from_environment()
    merge, replicas.merge = replicas.merge, counted_merge
    model, times = trained(Word2Vec, corpus, corpus_file, arguments)
    wall = time.perf_counter() - started
    if place.worker:
        return None
    sent = 2 * (place.workers - 1) / place.workers * Counted.bytes
    training_seconds = times["trained"] - times["training"]
    words, words_trained = (sum(row[figure] for row in model.history) for figure in ("words", "effective_words"))
    return {
        "wall_seconds": wall,
        "training_seconds": training_seconds,
        "words_per_second": words / training_seconds,
        "merges": Counted.merges,
        "bytes_summed": Counted.bytes / max(Counted.merges, 1),
        "sent_a_merge": sent / max(Counted.merges, 1),
        "words": words,
        "sent_per_word": sent / (words_trained / place.workers),
        **english(model.wv),
    }


def in_fresh_processes(count, request):
    """Run :func:`train` in so many new Python processes, connected by loopback; return worker 0's figures."""
    sockets = [socket.create_server(("localhost", 0)) for _ in range(count)]
    addresses = [f"localhost:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    running = []
    for worker in range(count):
        config = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": worker}}
        environment = {**os.environ, "TF_CONFIG": json.dumps(config)}
        command = [sys.executable, __file__, "--train", json.dumps(request)]
        running.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE))
    outputs = [process.communicate()[0] for process in running]
    if any(process.returncode for process in running):
        raise SystemExit("a worker failed")
    return json.loads(outputs[0].splitlines()[-1])


def estimate(machines, words_a_merge, rate, bytes_summed):
    """Raw words/s of so many machines, and the share of the time that they compute."""
    computing = words_a_merge / (machines * rate)
    sending = 2 * (machines - 1) / machines * bytes_summed / LINK
    return words_a_merge / (computing + sending), computing / (computing + sending)


def compare(options):
    """Print the figures of each number of workers, and the estimates."""
    arguments = {"epochs": options.epochs, **dict(options.arguments)}
    figures, rate = {}, 0.0
    for count in options.workers:
        runs = []
        for seed in options.seeds:
            request = [options.corpus, options.corpus_file, {**arguments, "seed": seed}]
            runs.append(in_fresh_processes(count, request))
            summary = ", ".join(f"{figure} {runs[-1][figure]:,.1f}" for figure in FIGURES)
            print(f"  {count} workers, seed {seed}: {summary}", file=sys.stderr, flush=True)
        figures[count] = {figure: statistics.mean(run[figure] for run in runs) for figure in runs[0]}
        rate = max(run["words_per_second"] for run in runs) if count == 1 else rate
    print(f"{'workers':32}" + "".join(f"{count:14}" for count in figures))
    for figure, label in FIGURES.items():
        print(f"{label:32}" + "".join(f"{each[figure]:14,.1f}" for each in figures.values()))
    many = figures[max(figures)]
    if not rate or not many["merges"]:
        return
    size = many["bytes_summed"]
    print(f"estimated for {size / 1e6:.1f} MB summed, links of 10 Gbit/s, and {rate:,.0f} words/s of one worker:")
    for times in (1, 10, 100):
        words = times * many["words"] / many["merges"]
        for machines in (8, 64):
            together, share = estimate(machines, words, rate, size)
            print(f"{words:13,.0f} words a merge, {machines} machines: {together:,.0f} words/s, {share:.0%} computing")
        even = words * LINK / (2 * size * rate)
        print(f"{words:13,.0f} words a merge: from {even:,.0f} machines on, sending takes longer than computing")


def main():
    """Read the command line."""
    if sys.argv[1:2] == ["--train"]:
        print(json.dumps(train(*json.loads(sys.argv[2]))))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("arguments", nargs="*", type=argument, metavar="ARGUMENT=VALUE")
    parser.add_argument("--corpus-file", action="store_true", help="pass corpus_file instead of sentences")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--epochs", type=int, default=5)
    compare(parser.parse_args())


if __name__ == "__main__":
    main()
