"""wefe: the bias of word vectors, by association tests."""

from gensim.models import Word2Vec
from wefe.metrics import WEAT
from wefe.query import Query
from wefe.word_embedding_model import WordEmbeddingModel


def use(folder):
    texts = [["she", "her", "nurse", "teacher"], ["he", "him", "pilot", "smith"]] * 800
    model = Word2Vec(texts, vector_size=16, min_count=1, sample=0, epochs=10, sg=1)
    query = Query([["she", "her"], ["he", "him"]], [["nurse", "teacher"], ["pilot", "smith"]])
    embedding = WordEmbeddingModel(model.wv, "ours")
    effect = WEAT().run_query(query, embedding)["weat"]
    assert effect > 0, effect
    return type(model), f"WEAT {effect:.2f}"
