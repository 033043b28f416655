"""fse: vectors of sentences from a model's word vectors and its counts."""

from fse import IndexedList
from fse.models import SIF, Average, uSIF
from gensim.models import Word2Vec
from gensim.test.utils import common_texts


def use(folder):
    sentences = IndexedList([list(text) for text in common_texts])
    model = Word2Vec(common_texts, vector_size=16, min_count=1, epochs=20)
    for kind in (Average, SIF, uSIF):
        vectors = kind(model)
        assert vectors.train(sentences)[0] == len(common_texts)
        vectors.save(f"{folder}/sentences")
        loaded = kind.load(f"{folder}/sentences")
        assert loaded.sv.similarity(0, 1) == vectors.sv.similarity(0, 1)
    return type(model), f"similarity of two sentences {vectors.sv.similarity(0, 1):.2f}"
