"""When the loss on held-out text stops falling, and what a training that is stopped there has learnt.

    python tests/benchmarks/early_stopping.py CORPUS [--words 500000 2000000] [--epochs 100] [--patience 2]

The first so many words of CORPUS, of which every 50th sentence is held out. Three rows for each number of words: a
training of that many epochs, stopped early, with its best weights; another of just so many epochs as that one had at
its best, to its end; and one of all epochs. Shown are the epochs trained, the held-out loss in nats, and the quality.
"""

import argparse

from gensim.models.word2vec import LineSentence
from scores import english

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.callbacks import EarlyStopping, HeldOutLoss


def split(corpus, words):
    """Sentences of so many words to train on, and every 50th, held out."""
    sentences, read = [], 0
    for sentence in LineSentence(corpus):
        sentences.append(sentence)
        read += len(sentence)
        if read >= words:
            break
    return [s for i, s in enumerate(sentences) if i % 50 != 49], sentences[49::50]


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("corpus")
    arguments.add_argument("--words", type=int, nargs="+", default=[500_000, 2_000_000])
    arguments.add_argument("--epochs", type=int, default=100)
    arguments.add_argument("--patience", type=int, default=2)
    flags = arguments.parse_args()
    print("| words | training | epochs | held-out loss | analogies / WordSim-353 / SimLex-999 |", flush=True)
    print("|---|---|---|---|---|")
    for words in flags.words:
        training, held_out = split(flags.corpus, words)
        stopping = EarlyStopping(patience=flags.patience)

        def show(name, epochs, *more, words=words, training=training, held_out=held_out):
            model = Word2Vec(training, epochs=epochs, callbacks=[HeldOutLoss(held_out), *more])
            loss = more[0].best if more else model.history[-1]["held_out_loss"]
            quality = " / ".join(f"{figure:.1f}" for figure in english(model.wv).values())
            print(f"| {words:,} | {name} | {len(model.history)} | {loss:.3f} | {quality} |", flush=True)

        show(f"stopped, of {flags.epochs}", flags.epochs, stopping)
        show("as many, to the end", stopping.best_epoch + 1)
        show("all", flags.epochs)


if __name__ == "__main__":
    main()
