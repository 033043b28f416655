"""dynnode2vec: a graph that changes; the vocabulary is updated and training goes on at every time step."""

import random

import communities
import dynnode2vec.dynnode2vec
from dynnode2vec.dynnode2vec import DynNode2Vec


def use(folder):
    random.seed(1)
    first = communities.graph()
    first.remove_edges_from(list(first.edges)[::9])
    for seed in (0, None):
        for plain in (False, True):
            walks = DynNode2Vec(
                n_walks_per_node=20, walk_length=20, embedding_size=16, window=5, seed=seed, parallel_processes=1,
                plain_node2vec=plain,
            )  # fmt: skip
            embeddings = walks.compute_embeddings([first, communities.graph(), communities.graph()])
            assert len(embeddings) == 3 and len(embeddings[1].mapping) == 40, embeddings[1].mapping
    rows = [list(embeddings[1].mapping).index(node) for node in range(40)]
    return dynnode2vec.dynnode2vec.Word2Vec, f"purity {communities.purity(embeddings[1].vectors[rows]):.2f}"
