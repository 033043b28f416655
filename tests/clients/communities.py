"""A graph of two communities, and how well vectors of its nodes tell them apart."""

import networkx as nx
import numpy as np

SIZE = 20


def graph():
    """Two communities of 20 nodes each: 0 to 19 and 20 to 39. Many edges within them, few between."""
    return nx.planted_partition_graph(2, SIZE, 0.5, 0.02, seed=2)


def purity(vectors):
    """Share of the nodes, in the order of the graph's, whose nearest neighbour is of their own community."""
    unit = np.asarray(vectors, np.float64)
    assert unit.shape[0] == 2 * SIZE and np.isfinite(unit).all()
    unit = unit / np.linalg.norm(unit, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -2)
    is_second = np.arange(2 * SIZE) >= SIZE
    return float(np.mean(is_second[cosines.argmax(axis=1)] == is_second))
