"""karateclub: five of its embeddings of nodes are trained by Word2Vec."""

import communities
import karateclub
import numpy as np
import scipy.sparse
from karateclub.node_embedding.neighbourhood import deepwalk


def use(folder):
    graph, purity = communities.graph(), {}
    walks = {"walk_number": 10, "walk_length": 20, "dimensions": 16}
    embeddings = [
        karateclub.DeepWalk(**walks, window_size=5, epochs=3), karateclub.Node2Vec(**walks, window_size=5, epochs=3),
        karateclub.Walklets(**walks, window_size=2, epochs=3),
        karateclub.Diff2Vec(diffusion_number=10, diffusion_cover=20, dimensions=16, epochs=3),
    ]  # fmt: skip
    for embedding in embeddings:
        embedding.fit(graph)
        purity[type(embedding).__name__] = communities.purity(embedding.get_embedding())
    attributes = scipy.sparse.coo_matrix(np.random.default_rng(0).random((40, 30)) < 0.1, dtype=float)
    embedding = karateclub.SINE(**walks)
    embedding.fit(graph, attributes)
    purity["SINE"] = communities.purity(embedding.get_embedding())
    assert min(purity["DeepWalk"], purity["Node2Vec"]) > 0.9, purity
    return deepwalk.Word2Vec, ", ".join(f"{name} {share:.2f}" for name, share in purity.items())
