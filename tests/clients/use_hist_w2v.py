"""hist-w2v: n-grams of several years, a model a year, trained in forked processes."""

import os
import random

from gensim.models import KeyedVectors
from ngram_tools.helpers.file_handler import FileHandler
from training_tools import train_models


def use(folder):
    random.seed(1)
    years = f"{folder}/3gram_files/6corpus/yearly_files"
    os.makedirs(f"{years}/data")
    sides = [[f"{side}{number}" for number in range(10)] for side in "ab"]
    for year in (1900, 1901):
        handler = FileHandler(f"{years}/data/{year}.jsonl.lz4", is_output=True, compress=True)
        with handler.open() as file:
            for row in range(3000):
                ngram = " ".join(random.sample(sides[row % 2], 3))
                file.write(handler.serialize({"ngram": ngram, "freq": 2000, "doc": 2}))
    train_models.train_models(3, folder, "test", (1900, 1901), vector_size=(16,), epochs=(10, 20), workers=2)
    models = sorted(os.listdir(f"{years}/models_test"))
    assert len(models) == 4, models
    near = []
    for model in models:
        vectors = KeyedVectors.load(f"{years}/models_test/{model}")
        near += [vectors.most_similar(word, topn=1)[0][0][0] == word[0] for side in sides for word in side]
    assert sum(near) >= 0.9 * len(near), near
    return train_models.Word2Vec, f"{sum(near)} of {len(near)} nearest words of the own side"
