"""dynnode2vec: a graph that changes; the vocabulary is updated and training goes on at every time step."""

import random

import communities
import dynnode2vec.dynnode2vec
from dynnode2vec.dynnode2vec import DynNode2Vec


def use(folder):
    random.seed(1)
    first = communities.graph()
    first = first.subgraph([node for node in first if node % 20 < 15]).copy()
    for seed in (0, None):
        for plain in (False, True):
            walks = DynNode2Vec(
                n_walks_per_node=20, walk_length=20, embedding_size=16, window=5, seed=seed, parallel_processes=1,
                plain_node2vec=plain,
            )  # fmt: skip
            embeddings = walks.compute_embeddings([first, communities.graph(), communities.graph()])
            assert [len(embedding.mapping) for embedding in embeddings][:2] == [30, 40]
    rows = [list(embeddings[1].mapping).index(node) for node in range(40)]
    return dynnode2vec.dynnode2vec.Word2Vec, f"purity {communities.purity(embeddings[1].vectors[rows]):.2f}"
