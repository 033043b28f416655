#!/usr/bin/env python3
"""Train gensim and tfw2v_gensim side by side on the same corpus with the same arguments, and compare.

    compare_gensim.py CORPUS [ARGUMENT=VALUE ...] [--sg 1] [--epochs 1 2 5] [--runs 2] [--words N] [--corpus-file]
    compare_gensim.py --draw PICTURE.svg FIGURES.json ...

CORPUS is text with one sentence a line, plain or compressed; ARGUMENT=VALUE are constructor arguments for both.
The two are trained in turn, each training in a fresh process, so that its wall time holds everything a user waits for:
imports, vocabulary, the start of TensorFlow, compiling, training. Quality is measured on the English test sets that
gensim ships. The medians over the runs of the longest training are printed, with their ratios, and the wall time of the
shortest training with which tfw2v_gensim reaches gensim's score. With ``--save FIGURES.json`` the medians of every
training are kept, to be drawn as quality against time by ``--draw``. Run it on a quiet machine.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FIGURES = {
    "wall_seconds": "whole wall time, s",
    "training_seconds": "training, s",
    "raw_words_per_second": "raw words/s",
    "peak_memory_mb": "peak memory, MB",
    "analogy": "analogies, %",
    "semantic": "  semantic, %",
    "syntactic": "  syntactic, %",
    "wordsim353": "WordSim-353",
    "simlex999": "SimLex-999",
}
TRAINERS = ("gensim", "tfw2v_gensim")


def train(trainer, corpus, corpus_file, arguments):
    """Train once in this process; return the figures."""
    started = time.perf_counter()
    if trainer == "gensim":
        from gensim.models import Word2Vec
    else:
        from tfw2v_gensim import Word2Vec

    model, training_seconds = trained(Word2Vec, corpus, corpus_file, arguments)
    wall = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "wall_seconds": wall,
        "training_seconds": training_seconds,
        "raw_words_per_second": model.corpus_total_words * model.epochs / training_seconds,
        "peak_memory_mb": peak / (2**20 if sys.platform == "darwin" else 2**10),
        **quality(model.wv),
    }


def trained(word2vec, corpus, corpus_file, arguments):
    """Train a model of either class; return it and the seconds of the training alone."""
    from gensim.models.callbacks import CallbackAny2Vec
    from gensim.models.word2vec import LineSentence

    class TrainingTime(CallbackAny2Vec):
        def on_train_begin(self, model):
            self.began = time.perf_counter()

        def on_train_end(self, model):
            self.seconds = time.perf_counter() - self.began

    timer = TrainingTime()
    source = {"corpus_file": corpus} if corpus_file else {"sentences": LineSentence(corpus)}
    return word2vec(**source, callbacks=[timer], **arguments), timer.seconds


def quality(vectors):
    """Percent of the Google analogies solved, and Spearman correlations x 100, as gensim measures them."""
    from gensim.test.utils import datapath

    sections = vectors.evaluate_word_analogies(datapath("questions-words.txt"), restrict_vocab=30000)[1][:-1]

    def accuracy(chosen):
        correct = sum(len(section["correct"]) for section in chosen)
        asked = correct + sum(len(section["incorrect"]) for section in chosen)
        return 100 * correct / asked if asked else float("nan")

    return {
        "analogy": accuracy(sections),
        "semantic": accuracy([s for s in sections if not s["section"].startswith("gram")]),
        "syntactic": accuracy([s for s in sections if s["section"].startswith("gram")]),
        "wordsim353": 100 * float(vectors.evaluate_word_pairs(datapath("wordsim353.tsv"))[1][0]),
        "simlex999": 100 * float(vectors.evaluate_word_pairs(datapath("simlex999.txt"))[1][0]),
    }


def in_fresh_process(trainer, corpus, corpus_file, arguments):
    """Run :func:`train` in a new Python process."""
    request = json.dumps([trainer, corpus, corpus_file, arguments])
    finished = subprocess.run([sys.executable, __file__, "--train", request], stdout=subprocess.PIPE, check=True)
    figures = json.loads(finished.stdout.splitlines()[-1])
    summary = f"{figures['wall_seconds']:.1f} s, analogies {figures['analogy']:.2f} %"
    print(f"  {trainer}, {arguments}: {summary}", file=sys.stderr, flush=True)
    return figures


def first_words(corpus, words, destination):
    """Copy the first ``words`` words of a corpus, whole lines only."""
    from gensim.utils import open as smart_open

    with smart_open(corpus, "rb") as lines, open(destination, "wb") as out:
        for line in lines:
            if words <= 0:
                break
            words -= len(line.split())
            out.write(line)


def number(text):
    """Read an argument's value as JSON where it is JSON (5, 0.05, true), else as text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def compare(options):
    """Print the table of figures and the time to gensim's score."""
    arguments = {"sg": options.sg, **{name: number(value) for name, value in options.arguments}}
    medians = {trainer: {} for trainer in TRAINERS}
    for epochs in options.epochs:
        chosen = {"epochs": epochs, **arguments}
        runs = {trainer: [] for trainer in TRAINERS}
        for _ in range(options.runs):
            for trainer in TRAINERS:
                runs[trainer].append(in_fresh_process(trainer, options.corpus, options.corpus_file, chosen))
        for trainer in TRAINERS:
            of_runs = {figure: statistics.median(run[figure] for run in runs[trainer]) for figure in FIGURES}
            medians[trainer][epochs] = of_runs
    longest = max(options.epochs)
    print(f"{'':24}{TRAINERS[0]:>14}{TRAINERS[1]:>14}{'ratio':>10}")
    for figure, label in FIGURES.items():
        theirs, ours = (medians[trainer][longest][figure] for trainer in TRAINERS)
        print(f"{label:24}{theirs:14,.1f}{ours:14,.1f}{ours / theirs if theirs else float('nan'):10.2f}")
    target, theirs = (medians["gensim"][longest][figure] for figure in ("analogy", "wall_seconds"))
    epochs, ours = time_to_score(target, medians["tfw2v_gensim"], options, arguments)
    label = f"s to {target:.1f} % analogies"
    print(f"{label:24}{theirs:14.1f}{ours:14.1f}{ours / theirs:10.2f}  ({longest} and {epochs} epochs)")
    if options.save:
        options.save.write_text(json.dumps({"arguments": arguments, "figures": medians}, indent=1) + "\n")


def time_to_score(target, medians, options, arguments):
    """Find the fewest epochs with which tfw2v_gensim reaches an analogy score, and their whole wall time."""
    for epochs in range(1, 4 * max(options.epochs) + 1):
        chosen = {"epochs": epochs, **arguments}
        figures = medians.get(epochs) or in_fresh_process("tfw2v_gensim", options.corpus, options.corpus_file, chosen)
        if figures["analogy"] >= target:
            return epochs, figures["wall_seconds"]
    return float("nan"), float("nan")


def draw(picture, files):
    """Draw the analogy score against whole wall time: a line for each trainer and architecture, a point a training."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    for file in files:
        saved = json.loads(file.read_text())
        sg = saved["arguments"]["sg"]
        for colour, trainer in zip(("C0", "C1"), TRAINERS, strict=True):
            trainings = saved["figures"][trainer]
            seconds, scores = (
                [figures[name] for figures in trainings.values()] for name in ("wall_seconds", "analogy")
            )
            label = f"{trainer}, {'skip-gram' if sg else 'CBOW'}"
            axes.plot(seconds, scores, colour, marker="os"[sg], linestyle=("-", "--")[sg], label=label)
            for epochs, *place in zip(trainings, seconds, scores, strict=True):
                axes.annotate(epochs, place, xytext=(0, 6), textcoords="offset points", ha="center", fontsize=8)
    axes.set_xlabel("whole time from start to vectors, s (the numbers are epochs)")
    axes.set_ylabel("Google analogies, % right")
    axes.margins(0.08)
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    # neither a date nor random names: the same figures give the same file
    plt.rcParams["svg.hashsalt"] = "tfw2v_gensim"
    figure.savefig(picture, metadata={"Date": None})


def parser_of(description):
    """Return a parser of what a comparison takes: a corpus, how to pass it, and arguments of the constructor."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("arguments", nargs="*", type=lambda text: text.split("=", 1), metavar="ARGUMENT=VALUE")
    parser.add_argument("--corpus-file", action="store_true", help="pass corpus_file instead of sentences")
    return parser


def main():
    """Read the command line."""
    if sys.argv[1:2] == ["--train"]:
        print(json.dumps(train(*json.loads(sys.argv[2]))))
        return
    if sys.argv[1:2] == ["--draw"]:
        draw(Path(sys.argv[2]), [Path(file) for file in sys.argv[3:]])
        return
    parser = parser_of(__doc__)
    parser.add_argument("--sg", type=int, default=0, choices=(0, 1))
    parser.add_argument("--epochs", type=int, nargs="+", default=[5], help="a training of each length")
    parser.add_argument("--runs", type=int, default=2, help="trainings of each, in turn")
    parser.add_argument("--words", type=int, help="use the first so many words of the corpus")
    parser.add_argument("--save", type=Path, metavar="FIGURES.json", help="keep the figures")
    options = parser.parse_args()
    if options.words is None:
        compare(options)
        return
    with tempfile.NamedTemporaryFile(suffix=".txt") as beginning:
        first_words(options.corpus, options.words, beginning.name)
        options.corpus = beginning.name
        compare(options)


if __name__ == "__main__":
    main()
