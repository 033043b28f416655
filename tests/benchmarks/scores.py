"""How good vectors are: each score takes gensim's KeyedVectors and returns figures by name, the higher the better."""

from pathlib import Path

import numpy as np
from corpora import COMMON_WORDS, THEME, sessions


def analogies(vectors, file, restrict_vocab) -> float:
    """Percent of the analogies solved among the most frequent words, as gensim measures it; NaN where none is known."""
    total = vectors.evaluate_word_analogies(str(file), restrict_vocab=restrict_vocab)[1][-1]
    asked = len(total["correct"]) + len(total["incorrect"])
    return 100 * len(total["correct"]) / asked if asked else float("nan")


def english(vectors) -> dict[str, float]:
    """Google analogies, %, and rank correlations x 100, on the sets that gensim ships."""
    from gensim.test.utils import datapath

    similarity = {"WordSim-353": "wordsim353.tsv", "SimLex-999": "simlex999.txt"}
    pairs = {name: vectors.evaluate_word_pairs(datapath(file))[1][0] for name, file in similarity.items()}
    return {
        "analogies": analogies(vectors, datapath("questions-words.txt"), 30_000),
        **{name: 100 * float(correlation) for name, correlation in pairs.items()},
    }


def documents_alike(vectors) -> dict[str, float]:
    """Rank correlation x 100 with how alike people find the 50 documents of Lee, Pincombe and Welsh (2005), all pairs.

    A document's vector is the mean of its words' unit vectors, stop words left out. Of WordSim-353, 45 pairs are words
    of the Lee corpus.
    """
    from gensim.parsing.preprocessing import STOPWORDS
    from gensim.test.utils import datapath
    from scipy.stats import spearmanr

    documents = Path(datapath("lee.cor")).read_text("latin-1").splitlines()
    words = [[word for word in document.split() if word not in STOPWORDS] for document in documents]
    rows = np.array([vectors.get_mean_vector(some, ignore_missing=True) for some in words])
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    people = np.genfromtxt(datapath("similarities0-1.txt"), delimiter="\t")
    pairs = np.triu_indices(len(rows), 1)
    return {"documents": 100 * float(spearmanr((rows @ rows.T)[pairs], people[pairs])[0])}


def chinese(vectors, files) -> dict[str, float]:
    """Percent of each file's analogies solved."""
    return {Path(file).stem: analogies(vectors, file, 60_000) for file in files}


def labelled(vectors, labels, splits=5) -> dict[str, float]:
    """Micro-F1 x 100 of a logistic regression that has seen a tenth of the labels, the mean of some draws of the tenth.

    Rows are scaled to one length, so that the regularisation weighs the same whatever length a trainer gives them.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score

    labels = labels()
    words = [word for word in vectors.index_to_key if word in labels]
    rows = vectors.get_normed_vectors()[[vectors.get_index(word) for word in words]] * vectors.vector_size**0.5
    truth, found = np.array([labels[word] for word in words]), []
    for split in range(splits):
        order = np.random.default_rng(split).permutation(len(words))
        known, hidden = np.split(order, [len(words) // 10])
        guessed = LogisticRegression(max_iter=1000).fit(rows[known], truth[known]).predict(rows[hidden])
        found.append(f1_score(truth[hidden], guessed, average="micro"))
    return {"F1": 100 * float(np.mean(found))}


def nearest(vectors, rows, count) -> np.ndarray:
    """Rows of the vectors nearest to the given ones by cosine, themselves left out, int ``[N, count]``."""
    lengths = np.maximum(np.linalg.norm(vectors.vectors, axis=1), 1e-12)
    found = []
    for some in np.array_split(rows, max(len(rows) * len(lengths) // 50_000_000, 1)):
        cosines = vectors.vectors[some] @ vectors.vectors.T / lengths
        cosines[np.arange(len(some)), some] = -np.inf
        found.append(np.argpartition(-cosines, count, axis=1)[:, :count])
    return np.concatenate(found)


def hit_rate(vectors, users=5_000, seed=2) -> dict[str, float]:
    """Percent of new sessions whose last item is among the 20 nearest of the last but one; unknown items are missed."""
    pairs = [session[-2:] for session in sessions(users, seed)]
    pairs = [(vectors.key_to_index.get(str(a)), vectors.key_to_index.get(str(b), -1)) for a, b in pairs if a != b]
    known = np.array([pair for pair in pairs if pair[0] is not None])
    hits = nearest(vectors, known[:, 0], 20) == known[:, 1:]
    return {"hits": 100 * int(hits.sum()) / len(pairs)}


def theme_found(vectors, asked=1_000) -> dict[str, float]:
    """Percent of the nine nearest neighbours of some words that are of the word's own theme."""
    theme = np.array([int(word) if word.isdecimal() else -1 for word in vectors.index_to_key])
    theme = np.where(theme < COMMON_WORDS, -1, (theme - COMMON_WORDS) // THEME)
    rows = np.random.default_rng(0).permutation(np.flatnonzero(theme >= 0))[:asked]
    return {"neighbours": 100 * float((theme[nearest(vectors, rows, THEME - 1)] == theme[rows, None]).mean())}
