"""Are the predicted probabilities real? Predicted against observed frequency, on held-back text.

    python tests/benchmarks/calibration.py CORPUS [--sg] [--separate] [--sample 0] [--words 300000] ...

CORPUS has one sentence a line, words separated by blanks. Every tenth sentence is held back. The model is trained
with the full softmax, then with each loss and noise exponent. For every word of the vocabulary at every held-back
place, the predicted probability falls into one of ten bins, half a power of ten wide; a calibrated model's mean
prediction in a bin is how often the predicted word is the true one. The figure for a bin is mean prediction /
observed frequency - 1, in %, with two standard errors of the observed frequency.
"""

import argparse
import itertools

import numpy as np
from gensim.models.word2vec import LineSentence

from tfw2v_gensim import Word2Vec

BINS = 10
LEAST_PREDICTIONS = 1000
VARIANTS = [
    ("softmax", 0.75),
    *(("random_softmax", ns_exponent) for ns_exponent in (0.75, 0.0, 1.0)),
    ("sampled_softmax", 0.75),
    ("nce", 0.75),
]


def split(corpus, words):
    """The first so many words of a corpus: sentences to train on, and every tenth sentence to test with."""
    sentences, read = [], 0
    for sentence in LineSentence(corpus):
        sentences.append(sentence)
        read += len(sentence)
        if words and read >= words:
            break
    return [s for i, s in enumerate(sentences) if i % 10 != 9], sentences[9::10]


def reliability(model, sentences, places):
    """Predictions, summed probability and true words of each bin, int, float and int ``[BINS]``; and perplexity.

    Takes the first ``places`` places where there is something to predict.
    """
    predictions, probability, hits = np.zeros(BINS, np.int64), np.zeros(BINS), np.zeros(BINS, np.int64)
    total = 0.0
    examples = (part for sentence in sentences for part in model._examples(sentence))
    for hidden, at, words in examples:
        log_probabilities = model._log_probabilities(hidden)
        bins = np.clip(np.floor(log_probabilities * 2 / np.log(10)) + BINS, 0, BINS - 1).astype(np.int64)
        # with skip-gram, a hidden vector is used once for each word of the window
        uses = np.bincount(at, minlength=len(hidden))[:, None] * np.ones_like(bins)
        predictions += np.bincount(bins.ravel(), uses.ravel(), BINS).astype(np.int64)
        probability += np.bincount(bins.ravel(), (uses * np.exp(log_probabilities)).ravel(), BINS)
        hits += np.bincount(bins[at, words], minlength=BINS)
        total += log_probabilities[at, words].sum()
        if hits.sum() >= places:
            break
    return predictions, probability, hits, np.exp(-total / hits.sum())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", metavar="CORPUS")
    parser.add_argument("--words", type=int, help="read only so many words of the corpus")
    parser.add_argument("--places", type=int, default=20_000, help="held-back predictions to look at")
    parser.add_argument("--sg", action="store_true", help="skip-gram instead of CBOW")
    parser.add_argument("--separate", action="store_true", help="a softmax matrix of its own")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--sample", type=float, default=1e-3)
    parser.add_argument("--negative", type=int, default=5)
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument("--min-count", type=int, default=5)
    parser.add_argument("--max-final-vocab", type=int)
    parser.add_argument("--alpha", type=float, default=0.025)
    parser.add_argument("--fixed-windows", action="store_true", help="train with whole windows (shrink_windows=False)")
    parser.add_argument("--variants", nargs="+", metavar="LOSS:NS_EXPONENT", help="instead of the built-in list")
    arguments = parser.parse_args()

    train, held_back = split(arguments.corpus, arguments.words)
    if arguments.variants:
        variants = [(loss, float(ns_exponent)) for loss, ns_exponent in (v.split(":") for v in arguments.variants)]
    else:
        variants = VARIANTS
    edges = [0.0, *(10 ** (k / 2) for k in range(1 - BINS, 1))]
    ranges = [f"{low:.0e}-{high:.0e}" for low, high in itertools.pairwise(edges)]
    print(
        f"{'loss':<16} {'ns_exp':>6} {'vocab':>6} {'perplexity':>10} {'train s':>7}  "
        + " ".join(f"{r:>14}" for r in ranges)
    )
    for loss, ns_exponent in variants:
        model = Word2Vec(
            train, sg=int(arguments.sg), shared_softmax=not arguments.separate, loss=loss, ns_exponent=ns_exponent,
            epochs=arguments.epochs, sample=arguments.sample, negative=arguments.negative, alpha=arguments.alpha,
            vector_size=arguments.vector_size, min_count=arguments.min_count,
            max_final_vocab=arguments.max_final_vocab, shrink_windows=not arguments.fixed_windows,
        )  # fmt: skip
        predictions, probability, hits, perplexity = reliability(model, held_back, arguments.places)
        cells = []
        for n, p, h in zip(predictions, probability, hits, strict=True):
            if n <= LEAST_PREDICTIONS:
                cells.append("-")
            elif not h:
                cells.append(f"{p:.1f} / 0")
            else:
                cells.append(f"{100 * (p / h - 1):+.0f} ± {200 / h**0.5:.0f}")
        print(
            f"{loss:<16} {ns_exponent:>6} {len(model.wv):>6} {perplexity:>10.1f} {model.total_train_time:>7.1f}  "
            + " ".join(f"{cell:>14}" for cell in cells),
            flush=True,
        )


if __name__ == "__main__":
    main()
