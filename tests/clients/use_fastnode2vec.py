"""fastnode2vec: a subclass that is trained on dummies, in whose place its _do_train_job puts walks."""

import communities
from fastnode2vec import Graph, Node2Vec


def use(folder):
    for seed, kind in ((3, str), (None, int)):
        edges = [(kind(first), kind(second)) for first, second in communities.graph().edges]
        nodes = Graph(edges, directed=False, weighted=False)
        model = Node2Vec(nodes, dim=16, walk_length=20, window=5, p=2.0, q=0.5, workers=2, seed=seed)
        model.train(epochs=40, verbose=False)
        purity = communities.purity(model.wv[[kind(node) for node in range(40)]])
        assert purity > 0.9, (seed, purity)
        model.save(f"{folder}/model")
        loaded = Node2Vec.load(f"{folder}/model")
        assert (loaded.wv.vectors == model.wv.vectors).all() and loaded.walk_length == 20
    return type(model), f"purity {purity:.2f}"
