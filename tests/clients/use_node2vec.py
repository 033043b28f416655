"""node2vec: walks are made first and given to the constructor; edges are embedded from the vectors."""

import random

import communities
import numpy as np
from gensim.models import KeyedVectors
from node2vec import Node2Vec
from node2vec.edges import AverageEmbedder, HadamardEmbedder


def use(folder):
    random.seed(1)
    np.random.seed(1)
    walks = Node2Vec(communities.graph(), dimensions=16, walk_length=20, num_walks=20, p=2, q=0.5, quiet=True, seed=1)
    model = walks.fit(window=5, min_count=1, batch_words=4, epochs=5, sg=1)
    purity = communities.purity(model.wv[[str(node) for node in range(40)]])
    assert purity > 0.9, purity
    model.save(f"{folder}/model")
    assert type(type(model).load(f"{folder}/model")) is type(model)
    model.wv.save_word2vec_format(f"{folder}/vectors.txt")
    assert KeyedVectors.load_word2vec_format(f"{folder}/vectors.txt").vectors.shape == (40, 16)
    for embedder in (HadamardEmbedder, AverageEmbedder):
        edges = embedder(keyed_vectors=model.wv, quiet=True)
        assert edges["1", "2"].shape == (16,)
    edges.as_keyed_vectors().most_similar(str(("1", "2")))
    return type(model), f"purity {purity:.2f}"
