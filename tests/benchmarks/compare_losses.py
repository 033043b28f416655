"""The source's experiment: the same model trained with each loss, at equal epochs and at equal time.

    python tests/benchmarks/compare_losses.py CORPUS
    python tests/benchmarks/compare_losses.py CORPUS --words 2000000 --max-final-vocab 8000   # with the full softmax
    python tests/benchmarks/compare_losses.py CORPUS --analogies translated.txt semantic.txt --pairs \
        --restrict-vocab 60000 --neighbours 数学 北京                                        # Chinese

CORPUS has one sentence a line, words separated by blanks. *Equal time*: the random softmax has the epochs asked for,
every other loss the time that those take: as many epochs, the last share of it by thinning the sentences evenly.
Compilation is not counted: each loss first trains a little on a model that is thrown away.
"""

import argparse
import copy
import itertools
import math
from pathlib import Path

from gensim.models.word2vec import LineSentence
from gensim.test.utils import datapath

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.training.objectives import OBJECTIVES
from tfw2v_gensim.training.plan import LARGEST_SOFTMAX


class Thinned:
    """An evenly spread share of a corpus's first sentences."""

    def __init__(self, sentences, share, count=None):
        self.sentences, self.share, self.count = sentences, share, count

    def __iter__(self):
        for i, sentence in enumerate(itertools.islice(self.sentences, self.count)):
            if math.floor((i + 1) * self.share) > math.floor(i * self.share):
                yield sentence


def sentences_of(corpus, words):
    """How many sentences hold so many words, None for all."""
    if not words:
        return None
    for count, read in enumerate(itertools.accumulate(map(len, LineSentence(corpus))), 1):
        if read >= words:
            return count
    return None


def train(untrained, corpus, epochs, count):
    """Train a copy for a number of epochs that need not be whole; return it."""
    model, rounded = copy.deepcopy(untrained), math.ceil(epochs)
    share = epochs / rounded
    model.train(Thinned(corpus, share, count), total_examples=math.floor(model.corpus_count * share), epochs=rounded)
    return model


def columns(model, arguments):
    """Analogies, in % and by section where the file has grammatical ones; similarity, as rank correlation in %."""
    for path in arguments.analogies:
        _, (*sections, total) = model.wv.evaluate_word_analogies(path, restrict_vocab=arguments.restrict_vocab)
        yield Path(path).stem, total
        grammatical = [s for s in sections if s["section"].startswith("gram")]
        if grammatical:
            yield "semantic", joined([s for s in sections if s not in grammatical])
            yield "syntactic", joined(grammatical)
    for path in arguments.pairs:
        yield Path(path).stem, 100 * model.wv.evaluate_word_pairs(path)[1][0]


def joined(sections):
    return {key: [x for section in sections for x in section[key]] for key in ("correct", "incorrect")}


def shown(figure):
    if isinstance(figure, dict):
        right, wrong = len(figure["correct"]), len(figure["incorrect"])
        return f"{100 * right / (right + wrong):.1f}" if right + wrong else "-"
    return f"{figure:.1f}"


def report(title, loss, epochs, model, arguments):
    figures = dict(columns(model, arguments))
    row = [title, loss, f"{epochs:.2f}", f"{model.total_train_time:.1f}", *map(shown, figures.values())]
    if report.header != (header := ["run", "loss", "epochs", "train s", *figures]):
        report.header = header
        print("| " + " | ".join(header) + " |\n|" + "---|" * len(header))
    print("| " + " | ".join(row) + " |", flush=True)
    return [
        f"{title}, {loss}: {word}: " + " ".join(near for near, _ in model.wv.most_similar(word, topn=8))
        for word in arguments.neighbours
        if word in model.wv
    ]


report.header = None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", metavar="CORPUS")
    parser.add_argument("--words", type=int, help="read only so many words of the corpus")
    parser.add_argument("--losses", nargs="+", choices=OBJECTIVES, default=list(OBJECTIVES))
    parser.add_argument("--architectures", nargs="+", choices=["cbow", "sg"], default=["cbow", "sg"])
    parser.add_argument("--equal", nargs="+", choices=["epochs", "time"], default=["epochs", "time"])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--separate", action="store_true", help="a softmax matrix of its own")
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument("--min-count", type=int, default=5)
    parser.add_argument("--max-final-vocab", type=int)
    parser.add_argument("--ns-exponent", type=float, default=0.75)
    parser.add_argument("--analogies", nargs="*", default=[datapath("questions-words.txt")], metavar="FILE")
    parser.add_argument("--pairs", nargs="*", metavar="FILE",
                        default=[datapath("wordsim353.tsv"), datapath("simlex999.txt")])  # fmt: skip
    parser.add_argument("--restrict-vocab", type=int, default=30_000)
    parser.add_argument("--neighbours", nargs="*", default=["king", "computer", "science", "german"], metavar="WORD")
    arguments = parser.parse_args()

    corpus = LineSentence(arguments.corpus)
    count, neighbours = sentences_of(arguments.corpus, arguments.words), []
    for architecture in arguments.architectures:
        budget = None
        for loss in sorted(arguments.losses, key=list(OBJECTIVES).index):
            untrained = Word2Vec(
                vector_size=arguments.vector_size, min_count=arguments.min_count, sg=int(architecture == "sg"),
                max_final_vocab=arguments.max_final_vocab, ns_exponent=arguments.ns_exponent, loss=loss,
                shared_softmax=False if arguments.separate else None,
            )  # fmt: skip
            untrained.build_vocab(Thinned(corpus, 1.0, count))
            if loss == "softmax" and len(untrained.wv) > LARGEST_SOFTMAX:
                print(f"softmax left out: {len(untrained.wv)} words are too many, see --max-final-vocab")
                continue
            train(untrained, corpus, 0.01, count)  # compiles
            model = train(untrained, corpus, arguments.epochs, count)
            seconds = model.total_train_time
            budget = budget or seconds
            if "epochs" in arguments.equal or loss == "random_softmax":
                neighbours += report(f"{architecture}, equal epochs", loss, arguments.epochs, model, arguments)
            if "time" in arguments.equal and seconds != budget:
                epochs = arguments.epochs * budget / seconds
                model = train(untrained, corpus, epochs, count)
                neighbours += report(f"{architecture}, equal time", loss, epochs, model, arguments)
    print("\nneighbours\n" + "\n".join(sorted(neighbours)))


if __name__ == "__main__":
    main()
