#!/usr/bin/env python3
"""Train tfw2v_gensim on one GPU and on the processors beside it, and gensim on these, and print the table.

    measure_gpu.py CORPUS [--words 17e6] [--epochs 5] [--only NAME ...]

CORPUS is text with one sentence a line. Every training has a process of its own; all read ``corpus_file``, with as many
workers as this process may use cores. The speed of an epoch is that of the last one, which compiles nothing, in words
read. Quality is that of compare.py's English texts. The GPU's memory is TensorFlow's own peak.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import results
from compare import in_fresh_process
from corpora import first_words, write
from scores import english
from tqdm import tqdm
from trainers import trained

WORKLOADS = {
    "CBOW": {},
    "skip-gram": {"sg": 1},
    "CBOW, 300 dimensions": {"vector_size": 300},
}
PLACES = ("gensim", "processors", "GPU")


def card() -> str | None:
    """Return the name of the machine's first GPU, None where there is none."""
    try:
        asked = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return None


def measured_here(asked) -> dict:
    """Train in this process, where it was told to."""
    if asked["place"] != "GPU":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # before TensorFlow is imported
    if asked["place"] == "gensim":
        from gensim.models import Word2Vec
    else:
        from tfw2v_gensim import Word2Vec
    workers = len(os.sched_getaffinity(0))
    model, times = trained(Word2Vec, asked["corpus"], True, {"workers": workers, **asked["arguments"]})
    last = getattr(model, "history", [])[-1:]
    words = asked["words"] * asked["arguments"].get("epochs", 5)
    seconds = times["trained"] - times["training"]
    memory = None
    if asked["place"] == "GPU":
        import tensorflow as tf

        memory = tf.config.experimental.get_memory_info("GPU:0")["peak"]
    return {
        "constructor": times["constructed"] - times["constructor"],
        "training": seconds,
        "speed": last[0]["words_per_second"] if last else words / seconds,
        "memory": memory,
        "scores": english(model.wv),
    }


def table(figures) -> str:
    """Show the figures of ``{workload: {place: ...}}``."""
    rows = [["", "trained by", "constructor, s", "training, s", "words/s in an epoch", "over gensim's",
             "analogies / WordSim-353 / SimLex-999", "memory of the GPU, MB"]]  # fmt: skip
    for name, by in figures.items():
        for place, figure in by.items():
            rows.append([
                name, place, f"{figure['constructor']:.1f}", f"{figure['training']:.1f}",
                f"{figure['speed'] / 1e6:.2f} million", f"{figure['speed'] / by['gensim']['speed']:.1f}",
                " / ".join(f"{score:.1f}" for score in figure["scores"].values()),
                "" if figure["memory"] is None else f"{figure['memory'] / 2**20:,.0f}",
            ])  # fmt: skip
    return results.markdown(rows)


def main() -> int:
    """Measure what is asked for, and print it."""
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measured_here(json.loads(sys.argv[2]))))
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", metavar="CORPUS")
    parser.add_argument("--words", type=float, help="as many of the corpus; by default all")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=WORKLOADS, default=list(WORKLOADS), metavar="NAME")
    options = parser.parse_args()
    name = card()
    if name is None:
        parser.error("nvidia-smi names no GPU here")
    figures: dict[str, dict[str, dict]] = {}
    with tempfile.TemporaryDirectory() as folder:
        corpus = str(Path(folder, "corpus.txt"))
        words = write(first_words(options.corpus, options.words), corpus)
        for workload in tqdm(options.only, unit="workload", dynamic_ncols=True):
            arguments = {"epochs": options.epochs, **WORKLOADS[workload]}
            asked = {"corpus": corpus, "words": words, "arguments": arguments}
            figures[workload] = {place: in_fresh_process({**asked, "place": place}, __file__) for place in PLACES}
    print(table(figures))
    there = f"{name}; {results.processor()}, {len(os.sched_getaffinity(0))} cores"
    print(f"\n{words:,} words; {there}; commit {results.commit()}, {json.dumps(results.versions())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
