#!/usr/bin/env python3
"""Train gensim and tfw2v_gensim on 2, 4, 8 and so on of this machine's cores, and print what each more of them gains.

    measure_cores.py CORPUS [ARGUMENT=VALUE ...] [--words 17e6] [--cores 2 4 8 16]

CORPUS is text with one sentence a line; ARGUMENT=VALUE are constructor arguments. Every training has a process of its
own, which may use so many cores, with as many workers; both read ``corpus_file``. The speed of an epoch is that of the
last one, which compiles nothing; a first, short training of ours, not shown, compiles what is compiled once a machine.
The checksum tells whether vectors are the same on any number of cores.
"""

import argparse
import json
import os
import sys
import tempfile
import zlib
from pathlib import Path

import results
from compare import argument, in_fresh_process
from corpora import first_words, write
from tqdm import tqdm
from trainers import trained

TRAINERS = ("gensim", "tfw2v_gensim")


def measured_here(asked) -> dict:
    """Train in this process, on the first so many of the cores it may use."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: asked["cores"]])
    if asked["trainer"] == "gensim":
        from gensim.models import Word2Vec
    else:
        from tfw2v_gensim import Word2Vec
    model, times = trained(Word2Vec, asked["corpus"], True, {"workers": asked["cores"], **asked["arguments"]})
    last = getattr(model, "history", [])[-1:]
    return {
        "constructor": times["constructed"] - times["constructor"],
        "training": times["trained"] - times["training"],
        "speed": last[0]["words_per_second"] if last else None,
        "checksum": f"{zlib.crc32(model.wv.vectors.tobytes()):08x}",
    }


def table(figures) -> str:
    """Show the figures of ``{cores: {trainer: ...}}``; the gain is in an epoch's speed, over the fewest cores."""
    rows = [["cores", "gensim, s", "tfw2v_gensim, s", "ratio", "training: gensim, s", "tfw2v_gensim, s",
             "words/s in an epoch", "over the fewest", "checksum"]]  # fmt: skip
    fewest = figures[min(figures)]["tfw2v_gensim"]["speed"]
    for cores, by in figures.items():
        theirs, ours = (by[trainer] for trainer in TRAINERS)
        rows.append([
            str(cores), f"{theirs['constructor']:.1f}", f"{ours['constructor']:.1f}",
            f"{ours['constructor'] / theirs['constructor']:.2f}", f"{theirs['training']:.1f}",
            f"{ours['training']:.1f}", f"{ours['speed'] / 1e6:.2f} million", f"{ours['speed'] / fewest:.2f}",
            ours["checksum"],
        ])  # fmt: skip
    return results.markdown(rows)


def main() -> int:
    """Measure what is asked for, and print it."""
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measured_here(json.loads(sys.argv[2]))))
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", metavar="CORPUS")
    parser.add_argument("arguments", nargs="*", type=argument, metavar="ARGUMENT=VALUE")
    parser.add_argument("--words", type=float, help="as many of the corpus; by default all")
    parser.add_argument("--cores", nargs="+", type=int, metavar="N", help="by default 2, 4, 8 and so on, up to all")
    options = parser.parse_args()
    if not hasattr(os, "sched_setaffinity"):
        parser.error("this system cannot keep a process from using all cores")
    there = len(os.sched_getaffinity(0))
    counts = options.cores or [2**power for power in range(1, 10) if 2**power <= max(there, 2)]
    if max(counts) > there:
        parser.error(f"--cores {max(counts)}: this process may use {there}")
    figures: dict[int, dict[str, dict]] = {}
    with tempfile.TemporaryDirectory() as folder:
        corpus = str(Path(folder, "corpus.txt"))
        words = write(first_words(options.corpus, options.words), corpus)
        asked = {"corpus": corpus, "arguments": dict(options.arguments)}
        first = {"trainer": "tfw2v_gensim", "cores": max(counts), "arguments": {**asked["arguments"], "epochs": 1}}
        in_fresh_process({**asked, **first}, __file__)
        for cores in tqdm(counts, unit="number of cores", dynamic_ncols=True):
            figures[cores] = {
                each: in_fresh_process({**asked, "trainer": each, "cores": cores}, __file__) for each in TRAINERS
            }
    print(table(figures))
    print(f"\n{words:,} words; commit {results.commit()}, {results.processor()}, {json.dumps(results.versions())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
