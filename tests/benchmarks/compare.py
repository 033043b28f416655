#!/usr/bin/env python3
"""Train gensim and tfw2v_gensim in turn on many kinds of data, and compare time, memory and quality.

    compare.py CORPUS                           # everything: hours
    compare.py CORPUS --quick                   # what takes gensim less than a minute
    compare.py CORPUS --only 'text-2m*' blocks  # see --list
    compare.py CORPUS --only text-2m --set alpha=0.05 negative=10
    compare.py CORPUS --peers FOLDER            # word2vec.c, fastText and pWord2Vec, too; fetched and built there
    compare.py --table --draw FOLDER            # nothing measured, from the results that are there

CORPUS is English text with one sentence a line, plain or compressed; without it, texts are left out. Every training has
a process of its own, and two workers. Times are those of the whole constructor; what passes from the start of a process
to its first trained words is told apart. Quality is measured on the test sets that gensim ships, or by what generated
data say themselves: see workloads.py. Each result is written to --results at once, with the last commit that changed
the package; what the file already holds for that commit and processor is not measured again, so the benchmark can be
stopped and called again. Run it on a quiet machine.
"""

import argparse
import datetime
import fnmatch
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import peers
import results
import trainers
from corpora import write
from tqdm import tqdm
from workloads import Workload, workloads

QUICK = 60  # seconds


def measured_here(asked) -> dict:
    """Train and score in this process, as :func:`request` asks."""
    trainer, corpus, arguments = asked["trainer"], asked["corpus"], asked["arguments"]
    if trainer in trainers.COMMANDS:
        figures, vectors = trainers.train_command(trainer, asked["binary"], corpus, arguments)
    else:
        arguments = {**arguments, "seed": asked["seed"]}
        figures, vectors = trainers.train_class(trainer, corpus, asked["corpus_file"], arguments, asked["started"])
    workload = workloads(*asked["sources"])[asked["workload"]]  # now: it imports gensim
    return {**figures, "vocabulary": len(vectors), "scores": workload.score(vectors)}


def in_fresh_process(asked, program=__file__) -> dict:
    """Have a program measure in a new Python process; what it writes to standard error is shown where it fails."""
    command = [sys.executable, program, "--measure", json.dumps({**asked, "started": time.time()})]
    path = os.pathsep.join(filter(None, (str(results.ROOT), os.environ.get("PYTHONPATH"))))  # not what is installed
    finished = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path})
    if finished.returncode:
        raise RuntimeError(finished.stderr)
    return json.loads(finished.stdout.splitlines()[-1])


def chosen(options) -> list[Workload]:
    """Return the workloads that were asked for, with the arguments that were set."""
    known = workloads(*options.sources)
    for pattern in options.only or ():
        if not fnmatch.filter(known, pattern):
            raise SystemExit(f"--only {pattern}: no such workload; there are {', '.join(known)}")
    names = [name for name in known if any(fnmatch.fnmatch(name, pattern) for pattern in options.only or "*")]
    found = [known[name] for name in names if not options.quick or known[name].seconds <= QUICK]
    label = "".join(f" {name}={value}" for name, value in options.set)
    return [replace(each, name=each.name + label, arguments=each.arguments | dict(options.set)) for each in found]


def runs_of(workload, binaries, seeds):
    """All runs of a workload, in the order in which they are made: trainers take turns."""
    able = [each for each in ("gensim", "tfw2v_gensim", *binaries) if trainers.takes(each, workload.arguments)]
    return [(seed, trainer) for seed in range(1, seeds + 1) for trainer in able]


def measure(options) -> bool:
    """Make the runs that the results do not hold yet; return whether all went well."""
    here = {"commit": results.commit(), "processor": results.processor(), "corpus_file": options.corpus_file}
    known, todo, well = results.load(options.results), [], True
    for workload in chosen(options):
        setting = results.setting({**here, "source": workload.source})
        of_setting = [each for each in known if (each["workload"], results.setting(each)) == (workload.name, setting)]
        done = {(each["seed"], each["trainer"]) for each in of_setting}
        runs = [run for run in runs_of(workload, options.binaries, options.seeds) if run not in done]
        if results.too_long(of_setting):
            runs = [(seed, trainer) for seed, trainer in runs if seed == 1]
        todo.append((workload, of_setting, runs))
    count = sum(len(runs) for *_, runs in todo)
    with tqdm(total=count, unit="run", dynamic_ncols=True) as bar, tempfile.TemporaryDirectory() as folder:
        for workload, of_setting, runs in todo:
            corpus = Path(folder, "corpus.txt")
            try:
                words = write(workload.sentences(), corpus) if runs else 0
            except (ValueError, ImportError) as error:  # the other workloads can still be measured
                bar.write(f"{workload.name} left out: {error}", file=sys.stderr)
                bar.update(len(runs))
                well = False
                continue
            for seed, trainer in runs:
                bar.set_description(f"{workload.name}, {trainer}, seed {seed}")
                if seed == 1 or not results.too_long(of_setting):
                    try:
                        figures = in_fresh_process(request(workload, trainer, seed, corpus, options))
                    except RuntimeError as error:
                        bar.write(f"{workload.name}, {trainer}, seed {seed} failed:\n{error}", file=sys.stderr)
                        well = False
                    else:
                        of_setting.append({
                            "workload": workload.name, "trainer": trainer, "seed": seed, "words": words,
                            "arguments": workload.arguments, "source": workload.source, **here, **figures,
                            "date": datetime.date.today().isoformat(), "versions": results.versions(),
                        })  # fmt: skip
                        results.append(options.results, of_setting[-1])
                bar.update()
    return well


def request(workload, trainer, seed, corpus, options) -> dict:
    """Return what :func:`measured_here` has to know."""
    return {
        "sources": options.sources,
        "workload": workload.name.split()[0],  # without what --set has added
        "arguments": workload.arguments,
        "trainer": trainer,
        "binary": options.binaries.get(trainer),
        "seed": seed,
        "corpus": str(corpus),
        "corpus_file": options.corpus_file,
    }


def argument(text):
    """Read NAME=VALUE; a value is JSON where it can be (5, 0.05, true), else text."""
    name, equals, given = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not ARGUMENT=VALUE")
    try:
        return name, json.loads(given)
    except ValueError:
        return name, given


def parsed():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?", metavar="CORPUS")
    parser.add_argument("--chinese", metavar="CORPUS", help="Chinese text, words separated by blanks")
    parser.add_argument("--chinese-analogies", nargs="+", default=[], metavar="FILE", help="what it is scored with")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these workloads; * stands for anything")
    parser.add_argument("--quick", action="store_true", help="leave out what takes gensim more than a minute")
    parser.add_argument("--list", action="store_true", help="show the workloads and stop")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each, where they take two minutes at the most")
    parser.add_argument(
        "--set", nargs="+", type=argument, default=[], metavar="ARGUMENT=VALUE", help="for every trainer"
    )
    parser.add_argument("--corpus-file", action="store_true", help="pass corpus_file instead of sentences")
    parser.add_argument("--results", type=Path, default=Path("comparison.jsonl"), metavar="FILE")
    parser.add_argument("--table", action="store_true", help="measure nothing, show what the results hold")
    parser.add_argument("--draw", type=Path, metavar="FOLDER", help="draw the pictures, light and dark")
    for trainer in trainers.COMMANDS:
        name = trainer.replace(".", "-")
        parser.add_argument(f"--{name}", dest=trainer, metavar="BINARY", help=f"train with {trainer}, too")
    parser.add_argument("--peers", type=Path, metavar="FOLDER", help="train with all of these; they are built there")
    options = parser.parse_args()
    if options.chinese and not options.chinese_analogies:
        parser.error("--chinese needs --chinese-analogies")
    options.sources = [options.corpus, options.chinese, options.chinese_analogies]
    options.binaries = {name: path for name in trainers.COMMANDS if (path := getattr(options, name))}
    for trainer in [each for each in trainers.COMMANDS if options.peers and each not in options.binaries]:
        try:
            options.binaries[trainer] = peers.built(trainer, options.peers)
        except RuntimeError as error:
            print(f"{trainer} left out: {error}", file=sys.stderr)
    for trainer, path in options.binaries.items():
        if not shutil.which(path):
            parser.error(f"the binary of {trainer} is not there, or no program: {path}")
    return options


def main() -> int:
    """Measure what is asked for, print the tables and draw the pictures."""
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measured_here(json.loads(sys.argv[2]))))
        return 0
    options = parsed()
    if options.list:
        for each in chosen(options):
            arguments = ", ".join(f"{name}={value}" for name, value in each.arguments.items())
            print(f"{each.name:24}{each.seconds:5.0f} s  {arguments}")
        return 0
    try:
        well = options.table or measure(options)
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return 130
    found = results.load(options.results)
    for trainer in results.trainers_of(found):
        print(results.table(found, trainer), end="\n\n")
    if options.draw:
        import pictures

        pictures.draw(found, options.draw)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
