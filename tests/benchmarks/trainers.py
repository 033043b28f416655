"""One training in this process, by any of the trainers: what it cost, and its vectors."""

import os
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORKERS = 2
DEFAULTS = {
    "vector_size": 100, "window": 5, "min_count": 5, "epochs": 5, "sg": 0, "negative": 5, "sample": 1e-3,
}  # fmt: skip

# Each at its own default rate; fastText without subwords, and a batch of pWord2Vec holds a window, as its authors say
WORD2VEC_C = (
    "{binary} -train {corpus} -output {vectors} -size {vector_size} -window {window} -negative {negative}"
    " -sample {sample} -threads {workers} -iter {epochs} -min-count {min_count} -binary 0 -debug 0"
)
FASTTEXT = (
    " -input {corpus} -output {stem} -dim {vector_size} -ws {window} -neg {negative} -t {sample} -thread {workers}"
    " -epoch {epochs} -minCount {min_count} -minn 0 -maxn 0 -verbose 0"
)
COMMANDS = {  # by trainer, for sg=0 and sg=1
    "word2vec.c": {0: WORD2VEC_C + " -hs 0 -cbow 1", 1: WORD2VEC_C + " -hs 0 -cbow 0"},
    "fasttext": {0: "{binary} cbow" + FASTTEXT, 1: "{binary} skipgram" + FASTTEXT},
    "pword2vec": {1: WORD2VEC_C + " -batch-size {batch}"},
}


def peak_memory_mb() -> float:
    """Most memory that this process has held; what it was forked from does not count where the system can tell."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def trained(word2vec, corpus, corpus_file, arguments, callbacks=()):
    """Train a model of gensim's or of our class; return it, and the times at which things happened.

    The corpus is a file, or, without ``corpus_file``, any sentences. First words are trained when our first round ends,
    and with gensim when its first epoch begins.
    """
    from gensim.models.callbacks import CallbackAny2Vec
    from gensim.models.word2vec import LineSentence

    times = {}
    has_rounds = word2vec.__module__.startswith("tfw2v_gensim")
    if has_rounds:
        from tfw2v_gensim.callbacks import RoundCallback

    class Times(RoundCallback if has_rounds else CallbackAny2Vec):
        def on_train_begin(self, model):
            times["training"] = time.time()

        def on_epoch_begin(self, model):
            if not has_rounds:
                times.setdefault("first_words", time.time())

        def on_round_end(self, model, figures):
            times.setdefault("first_words", time.time())

        def on_train_end(self, model):
            times["trained"] = time.time()

    sentences = LineSentence(corpus) if isinstance(corpus, (str, Path)) else corpus
    source = {"corpus_file": corpus} if corpus_file else {"sentences": sentences}
    times["constructor"] = time.time()
    model = word2vec(**source, callbacks=[Times(), *callbacks], **arguments)
    times["constructed"] = time.time()
    return model, times


def train_class(trainer, corpus, corpus_file, arguments, started):
    """Train with gensim's class or with ours; return figures and vectors."""
    if trainer == "gensim":
        from gensim.models import Word2Vec
    else:
        from tfw2v_gensim import Word2Vec
    model, times = trained(Word2Vec, corpus, corpus_file, {"workers": WORKERS, **arguments})
    figures = {
        "wall_seconds": times["constructed"] - times["constructor"],
        "training_seconds": times["trained"] - times["training"],
        "first_words_seconds": times["first_words"] - started,
        "peak_memory_mb": peak_memory_mb(),
    }
    return figures, model.wv


def train_command(trainer, binary, corpus, arguments):
    """Train with a program that writes vectors in word2vec's text format; return figures and vectors."""
    with tempfile.TemporaryDirectory() as folder:
        stem = os.path.join(folder, "model")
        values = {**DEFAULTS, **arguments}
        values |= {"binary": binary, "corpus": corpus, "stem": stem, "vectors": f"{stem}.vec", "workers": WORKERS}
        values["batch"] = 2 * values["window"] + 1
        command = [word.format(**values) for word in shlex.split(COMMANDS[trainer][values["sg"]])]
        began = time.time()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        seconds = time.time() - began
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
        from gensim.models import KeyedVectors  # not before: the program's peak would count this process's memory

        return {"wall_seconds": seconds, "peak_memory_mb": peak}, KeyedVectors.load_word2vec_format(values["vectors"])


def takes(trainer, arguments) -> bool:
    """Whether a trainer can train with these arguments."""
    if trainer not in COMMANDS:
        return True
    return arguments.keys() <= DEFAULTS.keys() and arguments.get("sg", 0) in COMMANDS[trainer]
