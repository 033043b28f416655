"""What ``python -m tfw2v_gensim`` shows: neighbours of a few words, and the time that gensim takes for the same."""

from timeit import default_timer

import gensim.models
from gensim.test.utils import datapath
from gensim.utils import simple_preprocess

from tfw2v_gensim.word2vec import Word2Vec

EPOCHS = 20
WORDS = ("government", "israel", "cricket", "fire", "bank")


def demonstrate():
    """Train on the news corpus that gensim ships, with this package and with gensim, and print what comes out."""
    with open(datapath("lee_background.cor"), encoding="utf-8") as articles:
        sentences = [simple_preprocess(article) for article in articles]
    words = EPOCHS * sum(map(len, sentences))
    print(f"skip-gram on {len(sentences)} news articles, {words // EPOCHS:,} words, {EPOCHS} epochs")
    seconds = []
    started = default_timer()
    model = Word2Vec(sentences, sg=1, epochs=EPOCHS, shared_softmax=False)  # few words: two matrices learn more
    seconds.append(default_timer() - started)
    started = default_timer()
    gensim.models.Word2Vec(sentences, sg=1, epochs=EPOCHS)
    seconds.append(default_timer() - started)
    for word in WORDS:
        print(f"{word:>12}:", ", ".join(neighbour for neighbour, _ in model.wv.most_similar(word, topn=6)))
    ours, theirs = (f"{words / time:,.0f} words/s ({time:.1f} s)" for time in seconds)
    print(f"speed: tfw2v_gensim {ours}, loading and compiling TensorFlow included; gensim {theirs}")
