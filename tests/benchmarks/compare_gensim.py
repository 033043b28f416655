#!/usr/bin/env python3
"""Train gensim and tfw2v_gensim side by side on the same corpus with the same arguments, and compare.

    compare_gensim.py CORPUS [--sg 1] [--epochs 5] [--runs 2] [--words N] [--corpus-file] [ARGUMENT=VALUE ...]

CORPUS is text with one sentence a line, plain or compressed; ARGUMENT=VALUE are constructor arguments for both.
The two are trained in turn, each training in a fresh process, so that its wall time holds everything a user waits for:
imports, vocabulary, the start of TensorFlow, compiling, training. Quality is measured on the English test sets that
gensim ships. The medians over the runs are printed, then the ratios, and the wall time of the shortest training with
which tfw2v_gensim reaches gensim's score. Run it on a quiet machine.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time

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
    from gensim.models.callbacks import CallbackAny2Vec
    from gensim.models.word2vec import LineSentence

    class TrainingTime(CallbackAny2Vec):
        def on_train_begin(self, model):
            self.began = time.perf_counter()

        def on_train_end(self, model):
            self.seconds = time.perf_counter() - self.began

    timer = TrainingTime()
    source = {"corpus_file": corpus} if corpus_file else {"sentences": LineSentence(corpus)}
    model = Word2Vec(**source, callbacks=[timer], **arguments)
    wall = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "wall_seconds": wall,
        "training_seconds": timer.seconds,
        "raw_words_per_second": model.corpus_total_words * model.epochs / timer.seconds,
        "peak_memory_mb": peak / (2**20 if sys.platform == "darwin" else 2**10),
        **quality(model.wv),
    }


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
    runs = {trainer: [] for trainer in TRAINERS}
    for _ in range(options.runs):
        for trainer in TRAINERS:
            epochs = {"epochs": options.epochs, **arguments}
            runs[trainer].append(in_fresh_process(trainer, options.corpus, options.corpus_file, epochs))
    medians = {
        trainer: {figure: statistics.median(run[figure] for run in runs[trainer]) for figure in FIGURES}
        for trainer in TRAINERS
    }
    print(f"{'':24}{TRAINERS[0]:>14}{TRAINERS[1]:>14}{'ratio':>10}")
    for figure, label in FIGURES.items():
        theirs, ours = (medians[trainer][figure] for trainer in TRAINERS)
        print(f"{label:24}{theirs:14,.1f}{ours:14,.1f}{ours / theirs:10.2f}")
    target, theirs = medians["gensim"]["analogy"], medians["gensim"]["wall_seconds"]
    epochs, ours = time_to_score(target, options, arguments)
    label = f"s to {target:.1f} % analogies"
    print(f"{label:24}{theirs:14.1f}{ours:14.1f}{ours / theirs:10.2f}  ({options.epochs} and {epochs} epochs)")


def time_to_score(target, options, arguments):
    """Find the fewest epochs with which tfw2v_gensim reaches an analogy score, and their whole wall time."""
    for epochs in range(1, 4 * options.epochs + 1):
        chosen = {"epochs": epochs, **arguments}
        figures = in_fresh_process("tfw2v_gensim", options.corpus, options.corpus_file, chosen)
        if figures["analogy"] >= target:
            return epochs, figures["wall_seconds"]
    return float("nan"), float("nan")


def main():
    """Read the command line."""
    if sys.argv[1:2] == ["--train"]:
        print(json.dumps(train(*json.loads(sys.argv[2]))))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("arguments", nargs="*", type=lambda text: text.split("=", 1), metavar="ARGUMENT=VALUE")
    parser.add_argument("--sg", type=int, default=0, choices=(0, 1))
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--runs", type=int, default=2, help="trainings of each, in turn")
    parser.add_argument("--words", type=int, help="use the first so many words of the corpus")
    parser.add_argument("--corpus-file", action="store_true", help="pass corpus_file instead of sentences")
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
