"""generic-iterative-stemmer: inflections near their stem are put in its place, and a model is trained again."""

import random

from generic_iterative_stemmer.training.base import word2vec
from generic_iterative_stemmer.training.stemming import Word2VecStemmingTrainer


def use(folder):
    random.seed(1)
    stems = ["walk", "jump", "cook", "paint"]
    with open(f"{folder}/corpus.txt", "w") as file:
        for row in range(4000):
            stem = stems[row % 4]
            around = random.choices([f"{stem[0]}{number}" for number in range(6)], k=6)
            around[3] = random.choice([stem, stem, stem + "s", stem + "ed"])
            file.write(" ".join(around) + "\n")
    parameters = {"vector_size": 16, "window": 3, "seed": 1}
    trainer = Word2VecStemmingTrainer(folder, max_iterations=2, default_training_params=parameters)
    trainer.train()
    vectors = trainer.get_stemmed_keyed_vectors()
    found = sum(vectors.stem(stem + ending) == stem for stem in stems for ending in ("s", "ed"))
    assert found >= 6, vectors.stem_dict
    assert vectors["walks"].shape == (16,) and "walked" in vectors
    return word2vec.Word2Vec, f"{found} of 8 stems"
