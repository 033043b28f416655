"""pecanpy: walks by numba; without a seed, it passes seed=None on."""

import sys

import communities
import numpy as np
import pecanpy.pecanpy
from pecanpy import cli


def use(folder):
    edges = f"{folder}/graph.edg"
    with open(edges, "w") as file:
        file.writelines(f"{first}\t{second}\n" for first, second in communities.graph().edges)
    for seed in (7, None):
        for mode in (pecanpy.pecanpy.PreComp, pecanpy.pecanpy.SparseOTF):
            walks = mode(p=0.5, q=1, workers=1, random_state=seed)
            walks.read_edg(edges, weighted=False, directed=False)
            vectors = walks.embed(dim=16, num_walks=20, walk_length=20, window_size=5, epochs=5)
            purity = communities.purity(vectors[np.argsort([int(node) for node in walks.nodes])])
            assert purity > 0.9, (mode, purity)
        sys.argv = ["pecanpy", "--input", edges, "--output", f"{folder}/vectors.emb", "--dimensions", "16"]
        sys.argv += [] if seed is None else ["--random_state", str(seed)]
        cli.main()
        with open(f"{folder}/vectors.emb") as file:
            assert len(file.readlines()) == 41
    assert cli.Word2Vec is pecanpy.pecanpy.Word2Vec
    return cli.Word2Vec, f"purity {purity:.2f}"
