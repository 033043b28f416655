"""wefe: the bias of word vectors, by association tests."""

from gensim.models import Word2Vec
from wefe.metrics import RNSB, WEAT
from wefe.query import Query
from wefe.word_embedding_model import WordEmbeddingModel


def use(folder):
    texts = [["she", "nurse"], ["she", "teacher"], ["he", "pilot"], ["he", "smith"]] * 400
    texts += [["her", "nurse"], ["her", "teacher"], ["him", "pilot"], ["him", "smith"]] * 400
    model = Word2Vec(texts, vector_size=16, min_count=1, epochs=10, sg=1, seed=1)
    query = Query([["she", "her"], ["he", "him"]], [["nurse", "teacher"], ["pilot", "smith"]])
    embedding = WordEmbeddingModel(model.wv, "ours")
    effect = WEAT().run_query(query, embedding)["weat"]
    assert effect > 0, effect
    RNSB().run_query(query, embedding)
    return type(model), f"WEAT {effect:.2f}"
