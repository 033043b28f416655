"""``tfw2v`` and ``python -m tfw2v_gensim``: the command line (:mod:`tfw2v_gensim.command_line`).

With no arguments at all it is a demonstration: neighbours of a few words, and the time that gensim takes for the same.
"""

import sys
from timeit import default_timer

import gensim.models
from gensim.test.utils import datapath
from gensim.utils import simple_preprocess

from tfw2v_gensim import command_line
from tfw2v_gensim.word2vec import Word2Vec

EPOCHS = 20
WORDS = ("government", "israel", "cricket", "fire", "bank")


def demonstrate() -> None:
    """Train on the news corpus that gensim ships, with this package and with gensim, and print what comes out."""
    with open(datapath("lee_background.cor"), encoding="utf-8") as articles:
        sentences = [simple_preprocess(article) for article in articles]
    words = sum(map(len, sentences))
    print(f"skip-gram on {len(sentences)} news articles, {words:,} words, {EPOCHS} epochs")
    started = default_timer()
    model = Word2Vec(sentences, sg=1, epochs=EPOCHS)
    ours = default_timer() - started
    started = default_timer()
    gensim.models.Word2Vec(sentences, sg=1, epochs=EPOCHS)
    theirs = default_timer() - started
    for word in WORDS:
        print(f"{word:>12}:", ", ".join(neighbour for neighbour, _ in model.wv.most_similar(word, topn=6)))
    later = model.history[1:]  # the first epoch compiles
    rate = sum(row["words"] for row in later) / sum(row["seconds"] for row in later)
    print(
        f"speed: tfw2v_gensim {EPOCHS * words / ours:,.0f} words/s ({ours:.1f} s, loading and compiling TensorFlow "
        f"included; {rate:,.0f} words/s after the first epoch), gensim {EPOCHS * words / theirs:,.0f} words/s "
        f"({theirs:.1f} s)"
    )


def main() -> int:
    """Run the command line, or the demonstration; returns the exit status."""
    if sys.argv[1:]:
        return command_line.main()
    demonstrate()
    return 0


if __name__ == "__main__":
    sys.exit(main())
