"""pysqlitekg2vec: a graph of facts and its walks are kept in SQLite; the model reads the walks from there."""

import communities
from pysqlitekg2vec import RDF2VecTransformer
from pysqlitekg2vec.embedders import Word2Vec
from pysqlitekg2vec.graphs.io import open_from
from pysqlitekg2vec.walkers import RandomWalker
from pysqlitekg2vec.walkers.vault.sqlitevault import SQLiteCorpusVaultFactory


def use(folder):
    edges = list(communities.graph().edges)
    names = [f"http://example.org/{node}" for node in range(40)]
    facts = [(names[a], "http://example.org/knows", names[b]) for a, b in edges + [(b, a) for a, b in edges]]
    with open_from(facts, skip_verify=True, db_file_path=f"{folder}/graph.db") as graph:
        embedder = Word2Vec(workers=1, epochs=10, vector_size=16, sg=1)
        transformer = RDF2VecTransformer(
            embedder, walkers=[RandomWalker(4, 40, with_reverse=False, random_state=1)],
            vault_factory=SQLiteCorpusVaultFactory(f"{folder}/walks.db"),
        )  # fmt: skip
        entities = graph.entities()
        vectors, _ = transformer.fit_transform(graph, entities)
        by_name = dict(graph.pack(entities, vectors))
    purity = communities.purity([by_name[name] for name in names])
    assert purity > 0.8, purity
    return type(embedder._model), f"purity {purity:.2f}"
