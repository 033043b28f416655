"""scattertext: trains a model it is given, or one of its own with hierarchical softmax, on a parsed corpus."""

import pandas as pd
import scattertext
from gensim.models import word2vec


def use(folder):
    lines = ["the cat sat on the mat", "a dog ran in the park", "the cat and the dog played on the mat"] * 20
    table = pd.DataFrame({"text": lines, "side": ["left", "right"] * 30})
    table["parsed"] = table.text.map(scattertext.whitespace_nlp)
    corpus = scattertext.CorpusFromParsedDocuments(table, category_col="side", parsed_col="parsed").build()
    own = scattertext.Word2VecFromParsedCorpus(corpus).train(epochs=2, super_epochs=1)
    given = word2vec.Word2Vec(vector_size=16, min_count=1, sg=1, workers=1)
    model = scattertext.Word2VecFromParsedCorpus(corpus, given).train(epochs=5, super_epochs=2)
    assert model is given and isinstance(own, word2vec.Word2Vec)
    assert len(model.wv.most_similar("cat", topn=3)) == 3
    return type(model), f"{len(model.wv)} words"
