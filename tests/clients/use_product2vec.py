"""product2vec: baskets of products; both matrices of the model are read."""

import random

from product2vec import Product2Vec


def use(folder):
    random.seed(0)
    groups = [f"p{i}" for i in range(10)], [f"p{i}" for i in range(10, 20)]
    baskets = [random.sample(groups[i % 2], 4) for i in range(3000)]
    shop = Product2Vec(vector_size=12, min_count=1, epochs=20, seed=1)
    shop.fit(baskets)
    complements = [product for product, _ in shop.show_complements("p1", topn=5)]
    substitutes = [product for product, _ in shop.show_substitutes("p1", topn=5, penalize=False)]
    own = sum(product in groups[0] for product in complements + substitutes)
    assert own >= 8, (complements, substitutes)
    shop.show_substitutes("p1")
    return type(shop.model_), f"{own} of 10 products of the own group"
