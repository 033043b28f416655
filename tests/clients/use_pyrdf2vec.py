"""pyrdf2vec: walks over a graph of facts; vectors of new entities by an update of the vocabulary."""

import communities
import numpy as np
from pyrdf2vec import RDF2VecTransformer
from pyrdf2vec.embedders import Word2Vec
from pyrdf2vec.graphs import KG, Vertex
from pyrdf2vec.walkers import RandomWalker


def use(folder):
    facts = KG()
    for first, second in communities.graph().edges:
        for tail, head in ((first, second), (second, first)):
            subject, target = Vertex(f"http://example.org/{tail}"), Vertex(f"http://example.org/{head}")
            facts.add_walk(
                subject, Vertex("http://example.org/knows", predicate=True, vprev=subject, vnext=target), target
            )
    entities = [f"http://example.org/{node}" for node in range(40)]
    known, new = entities[:15] + entities[20:35], entities[15:20] + entities[35:]
    walker = RandomWalker(4, 40, with_reverse=False, random_state=1)
    transformer = RDF2VecTransformer(Word2Vec(workers=1, epochs=10, vector_size=16, sg=1), walkers=[walker], verbose=0)
    vectors, _ = transformer.fit_transform(facts, known)
    assert np.array(vectors).shape == (30, 16)
    transformer.fit(transformer.get_walks(facts, new), is_update=True)
    vectors, _ = transformer.transform(facts, entities)
    transformer.save(f"{folder}/transformer")
    model = transformer.embedder._model
    loaded = RDF2VecTransformer.load(f"{folder}/transformer").embedder._model
    assert type(loaded) is type(model) and (loaded.wv.vectors == model.wv.vectors).all()
    return type(model), f"purity {communities.purity(vectors):.2f}"
