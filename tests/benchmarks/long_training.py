#!/usr/bin/env python3
"""Train on a corpus of many words: speed, memory over time, and a training that is interrupted and goes on.

    long_training.py TEXT [TEXT ...] --folder FOLDER [--words 200e6] [--vocabulary 1e6] [--gensim] [--set NAME=VALUE]

Every TEXT has one sentence a line. The corpus is made of them: pieces of some ten thousand words, shuffled, over and
over, until it has so many words. In each piece all words but the 1,000 most frequent ones of the texts get one of
several endings, so that sentences, and how often the frequent words stand in them, stay those of the texts, and the
vocabulary grows: about to --vocabulary, by the number of endings. The corpus stays in FOLDER, some 7 bytes a word, and
is not made again.

Trained are, each in a process of its own: the first TEXT alone, to compare with; the corpus through ``corpus_file``;
from an iterable that reads it anew at every pass; and through ``corpus_file`` with a checkpoint, interrupted in the
middle of the last epoch, and by the same call in a new process, which goes on to the vectors of the unbroken run (or
this says that they are others, and fails). --gensim trains gensim, too. --set gives arguments of the constructor, by
default epochs=2 and workers=2. Speed is that of the last epoch, in words read (gensim's: of all epochs); memory, what
the process holds in MB of 2^20 bytes: its peak, and at the beginning, after every tenth and at the end of training.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
from compare import argument, in_fresh_process
from corpora import first_words, write
from trainers import DEFAULTS, WORKERS, peak_memory_mb, trained

FREQUENT, PIECE = 1_000, 10_000  # words
MOST_ENDINGS = 200
SAMPLES = 11


def pieces_of(texts) -> list[list[str]]:
    """Cut texts into pieces of whole lines."""
    pieces, words = [], PIECE
    for text in texts:
        for sentence in first_words(text):
            if words >= PIECE:
                pieces.append([])
                words = 0
            pieces[-1].append(" ".join(sentence))  # a string takes a tenth of its words' memory
            words += len(sentence)
        words = PIECE
    return pieces


def endings_for(counts: Counter, words: float, vocabulary: float) -> int:
    """Fewest endings with which words that occur often enough are as many as asked for; where none do, the best."""
    rare = np.array([count for _, count in counts.most_common()[FREQUENT:]]) * words / counts.total()

    def size(endings):
        return FREQUENT + endings * np.count_nonzero(rare / endings >= DEFAULTS["min_count"])

    sizes = [size(endings) for endings in range(1, MOST_ENDINGS + 1)]
    return 1 + next((i for i, found in enumerate(sizes) if found >= vocabulary), int(np.argmax(sizes)))


def generated(texts, words, vocabulary, seed=1):
    """Sentences of the corpus."""
    pieces = pieces_of(texts)
    counts = Counter(word for piece in pieces for line in piece for word in line.split())
    frequent = {word for word, _ in counts.most_common(FREQUENT)}
    endings, chance, written = endings_for(counts, words, vocabulary), random.Random(seed), 0
    del counts
    while True:
        for piece in chance.sample(pieces, len(pieces)):
            ending = f"_{chance.randrange(endings)}"
            for line in piece:
                if written >= words:
                    return
                sentence = [word if word in frequent else word + ending for word in line.split()]
                written += len(sentence)
                yield sentence


def corpus_of(texts, words, vocabulary, folder) -> Path:
    """Make the corpus unless the folder has it."""
    made_of = json.dumps([[Path(text).name, os.path.getsize(text)] for text in texts] + [words, vocabulary])
    path = Path(folder, f"{words:.0f}-words-{zlib.crc32(made_of.encode()):08x}.txt")
    if not path.exists():
        unfinished = path.with_suffix(".part")
        write(generated(texts, words, vocabulary), unfinished)
        unfinished.rename(path)
    return path


class Lines:
    """Sentences of a file, read anew at every pass; nothing tells that they stay the same."""

    def __init__(self, path):
        self.path = path

    def __iter__(self):
        with open(self.path, encoding="utf-8") as lines:
            yield from map(str.split, lines)


class Samples:
    """What this process holds, in MB, about every half second."""

    def __init__(self):
        self.taken = []
        threading.Thread(target=self.take, daemon=True).start()

    def take(self):
        """Go on until the process ends."""
        status = Path("/proc/self/status")
        while status.exists():
            held = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
            self.taken.append((time.time(), int(held.split()[1]) / 2**10))
            time.sleep(0.5)

    def between(self, began, ended) -> list[float]:
        """Samples evenly spaced over some time."""
        held = [megabytes for at, megabytes in self.taken if began <= at <= ended]
        return [held[round(i * (len(held) - 1) / (SAMPLES - 1))] for i in range(SAMPLES)] if held else []


def measured_here(asked) -> dict:
    """Train in this process; with ``stop_at``, stop as Ctrl-C does after that share of the last epoch."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a program in the background may be told to ignore it
    samples, callbacks, rounds = Samples(), [], []
    if asked["trainer"] == "gensim":
        from gensim.models import Word2Vec
    else:
        from tfw2v_gensim import Word2Vec
        from tfw2v_gensim.callbacks import RoundCallback

        class Stop(RoundCallback):
            def on_round_end(self, model, figures):
                rounds.append((time.time(), figures["epoch"], figures["words"] / model.corpus_total_words))
                if figures["epoch"] + 1 == model.epochs and rounds[-1][2] >= asked["stop_at"]:
                    signal.raise_signal(signal.SIGINT)

        callbacks.append(Stop())
    corpus = Lines(asked["corpus"]) if asked["iterable"] else asked["corpus"]
    try:
        model, times = trained(Word2Vec, corpus, not asked["iterable"], asked["arguments"], callbacks)
    except KeyboardInterrupt as stopped:
        return {"stopped": str(stopped)}
    words, seconds = model.corpus_total_words, times["trained"] - times["training"]
    speed = model.history[-1]["words_per_second"] if rounds else model.epochs * words / seconds
    return {
        "words": words,
        "vocabulary": len(model.wv),
        "counting": times["training"] - times["constructor"],
        "training": seconds,
        "speed": speed,
        "peak": peak_memory_mb(),
        "held": samples.between(times["training"], times["trained"]),
        "first_round": [rounds[0][0] - times["training"], *rounds[0][1:]] if rounds else None,
        "vectors": zlib.crc32(model.wv.vectors.tobytes()),
    }


def train(corpus, arguments, trainer="tfw2v_gensim", iterable=False, stop_at=2.0) -> dict:
    """Call :func:`measured_here` in a new process."""
    asked = {"corpus": str(corpus), "arguments": arguments, "trainer": trainer}
    return in_fresh_process({**asked, "iterable": iterable, "stop_at": stop_at}, __file__)


def show(name, figures, beside) -> None:
    """Print a row of the table."""
    held = " ".join(f"{megabytes:,.0f}" for megabytes in figures["held"])
    cells = [name, f"{figures['words']:,}", f"{figures['vocabulary']:,}", f"{figures['counting']:.1f}",
             f"{figures['training']:.1f}", f"{figures['speed']:,.0f}", f"{figures['speed'] / beside['speed']:.2f}",
             f"{figures['peak']:,.0f}", held or "–"]  # fmt: skip
    print("| " + " | ".join(cells) + " |", flush=True)


def main() -> int:
    """Make the corpus, train on it, and print what it took."""
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measured_here(json.loads(sys.argv[2]))))
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", nargs="+", metavar="TEXT")
    parser.add_argument("--folder", required=True, help="where the corpus is kept")
    parser.add_argument("--words", type=float, default=200e6)
    parser.add_argument("--vocabulary", type=float, default=1e6)
    parser.add_argument("--gensim", action="store_true", help="train gensim, too")
    parser.add_argument("--set", nargs="+", type=argument, default=[], metavar="NAME=VALUE")
    options = parser.parse_args()
    arguments = {"epochs": 2, "workers": WORKERS, **dict(options.set)}

    corpus = corpus_of(options.texts, options.words, options.vocabulary, options.folder)
    header = ["", "words", "vocabulary", "counting, s", "training, s", "words/s", "of the text's", "peak, MB",
              "MB while training"]  # fmt: skip
    print("| " + " | ".join(header) + " |\n|" + " --- |" * len(header), flush=True)
    text = train(options.texts[0], arguments)
    show("first text, corpus_file", text, text)
    unbroken = train(corpus, arguments)
    show("corpus_file", unbroken, text)
    show("iterable", train(corpus, arguments, iterable=True), text)
    if options.gensim:
        theirs = train(corpus, arguments, "gensim")
        show("gensim, corpus_file", theirs, text)
    with tempfile.TemporaryDirectory() as checkpoint:
        stopped = train(corpus, {**arguments, "checkpoint": checkpoint}, stop_at=0.5)["stopped"]
        resumed = train(corpus, {**arguments, "checkpoint": checkpoint})
    print(f"\nstopped: {stopped.replace(checkpoint, 'FOLDER')}")
    seconds, epoch, share = resumed["first_round"]
    same = resumed["vectors"] == unbroken["vectors"]
    print(f"resumed: first round trained after {seconds:.1f} s, it ends at {share:.1%} of epoch {epoch + 1}; "
          f"{'the very' if same else 'OTHER'} vectors of the unbroken run")  # fmt: skip
    if options.gensim:
        print(f"peak memory over gensim's: {unbroken['peak'] / theirs['peak']:.2f}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
