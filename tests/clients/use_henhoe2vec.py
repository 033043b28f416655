"""henhoe2vec: walks over layers; its words are pairs, written with the blank that separates them."""

import random

import communities
from henhoe2vec import embeddings


def use(folder):
    random.seed(1)
    nodes, walks = communities.graph(), []
    for start in list(nodes) * 20:
        walk = [start]
        while len(walk) < 20 and nodes[walk[-1]]:
            walk.append(random.choice(list(nodes[walk[-1]])))
        walks.append([(f"n{node}", "layer") for node in walk])
    embeddings.generate_embeddings(walks, folder, "vectors", 16, 5, 5, 1, False)
    with open(f"{folder}/vectors.csv") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    vectors = {row[0]: [float(value) for value in row[-16:]] for row in rows}
    assert len(vectors) == 40, list(vectors)[:3]
    ordered = [
        next(vectors[name] for name in vectors if f"'n{node}'" in name or name == f"n{node}") for node in range(40)
    ]
    return embeddings.w2v.Word2Vec, f"purity {communities.purity(ordered):.2f}"
