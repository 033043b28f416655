#!/usr/bin/env python3
"""Time a process's first training, of the small Lee corpus, for several checkouts of this package in turn.

    measure_start.py CHECKOUT [CHECKOUT ...] [--rounds 5]

A round has three processes of each checkout, which share a cache of compiled code that was empty: the first compiles,
the others find it. Times are of the constructor; *processor* is what it took of all cores together. Then TensorFlow is
imported as the last checkout does it, and as it would be if the process's settings were changed meanwhile: what the
package does not do, and what that costs.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import results

TRAIN = """
import json, time
from gensim.models.word2vec import LineSentence
from gensim.test.utils import datapath
from tfw2v_gensim import Word2Vec
sentences = LineSentence(datapath("lee_background.cor"))
wall, processor = time.perf_counter(), time.process_time()
Word2Vec(sentences)
print(json.dumps([time.perf_counter() - wall, time.process_time() - processor]))
"""

IMPORT = """
import gc, json, os, sys, time
import gensim
from tfw2v_gensim.process.starting import start
{change}
wall, processor = time.perf_counter(), time.process_time()
start()
print(json.dumps([time.perf_counter() - wall, time.process_time() - processor]))
"""

CHANGES = {
    "as it is": "",
    "without garbage collection": "gc.disable()",
    "functions of libraries bound at their first call": "sys.setdlopenflags(os.RTLD_LAZY)",
    "both": "gc.disable(); sys.setdlopenflags(os.RTLD_LAZY)",
}


def seconds(program, checkout, cache):
    """Run a program on a checkout of this package in a process of its own; return wall and processor seconds."""
    checkout = Path(checkout).resolve(strict=True)
    environment = {**os.environ, "PYTHONPATH": str(checkout), "TFW2V_CACHE": str(cache)}
    command = [sys.executable, "-c", program]
    # there, for Python looks in the working folder before PYTHONPATH
    run = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(run.stderr)
    return json.loads(run.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", nargs="+", metavar="CHECKOUT")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    measured = defaultdict(list)
    for _ in range(arguments.rounds):
        for checkout in arguments.checkouts:
            with tempfile.TemporaryDirectory() as cache:
                for process in ("first process", "later process", "later process"):
                    measured[f"{checkout}, {process}"].append(seconds(TRAIN, checkout, cache))
        for change, code in CHANGES.items():
            times = seconds(IMPORT.format(change=code), arguments.checkouts[-1], "")
            measured[f"import of TensorFlow, {change}"].append(times)
    print(
        results.markdown(
            [["", "wall, s", "processor, s"], *([name, *shown(times)] for name, times in measured.items())]
        )
    )


def shown(times):
    """Show medians, and between which values, of wall seconds and of processor seconds."""
    columns = zip(*times, strict=True)
    return [f"{statistics.median(each):.2f} ({min(each):.2f} to {max(each):.2f})" for each in columns]


if __name__ == "__main__":
    main()
