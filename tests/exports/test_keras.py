import subprocess
import sys

import numpy as np
import pytest

from tfw2v_gensim import Word2Vec


@pytest.fixture(scope="module")
def model():
    pets, cars = ["cat", "dog", "kitten", "puppy"], ["truck", "engine", "wheel", "diesel"]
    generator = np.random.default_rng(1)
    sentences = [list(generator.permutation(group)) for _ in range(60) for group in (pets, cars)]
    return Word2Vec(sentences, vector_size=20, min_count=1, sample=0, epochs=5)


@pytest.mark.parametrize("oov", ["mean", "zeros", None])
@pytest.mark.parametrize("mask_zero", [False, True])
def test_looked_up_words_get_their_vectors(model, mask_zero, oov):
    lookup = model.to_keras_lookup(mask_zero=mask_zero, oov=oov)
    embedding = model.to_keras_embedding(mask_zero=mask_zero, oov=oov)
    words = model.wv.index_to_key
    assert (embedding(lookup([words])).numpy()[0] == model.wv.vectors).all()
    assert embedding.input_dim == lookup.vocabulary_size()
    assert not embedding.trainable_weights


@pytest.mark.parametrize("mask_zero", [False, True])
def test_unknown_words_get_the_vector_that_was_asked_for(model, mask_zero):
    expected = {"mean": model.wv.vectors.mean(axis=0), "zeros": np.zeros(20)}
    for oov, vector in expected.items():
        ids = model.to_keras_lookup(mask_zero=mask_zero, oov=oov)(["unknown"])
        found = model.to_keras_embedding(mask_zero=mask_zero, oov=oov)(ids)
        np.testing.assert_allclose(found[0], vector, atol=1e-6)


def test_unknown_words_are_refused_where_they_have_no_vector(model):
    with pytest.raises(Exception, match="all inputs should be in vocabulary"):
        model.to_keras_lookup(oov=None)(["unknown"])


def test_padding_is_masked(model):
    ids = model.to_keras_lookup(mask_zero=True)([["cat", ""], ["", "truck"]])
    embedding = model.to_keras_embedding(mask_zero=True)
    assert embedding.compute_mask(ids).numpy().tolist() == [[True, False], [False, True]]
    assert not embedding(ids).numpy()[0, 1].any()


def test_an_unknown_oov_is_an_error(model):
    for export in (model.to_keras_embedding, model.to_keras_lookup):
        with pytest.raises(ValueError, match="oov must be 'mean', 'zeros' or None, got 'random'"):
            export(oov="random")


@pytest.mark.slow
def test_a_classifier_learns_from_the_vectors_and_is_saved_without_this_package(model, tmp_path):
    import keras

    texts = ["cat dog", "kitten puppy", "dog kitten", "truck engine", "wheel diesel", "engine wheel"]
    lookup = model.to_keras_lookup(mask_zero=True)
    ids = lookup(np.array([text.split() for text in texts]))
    keras.utils.set_random_seed(1)
    classifier = keras.Sequential(
        [
            model.to_keras_embedding(mask_zero=True),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    classifier.compile(keras.optimizers.Adam(0.1), "binary_crossentropy", metrics=["accuracy"])
    classifier.fit(ids, np.array([1, 1, 1, 0, 0, 0]), epochs=40, verbose=0)
    unseen = lookup(np.array([["cat", "puppy"], ["truck", "diesel"]]))
    predicted = classifier.predict(unseen, verbose=0)[:, 0]
    assert predicted[0] > 0.8 and predicted[1] < 0.2
    assert (classifier.layers[0].get_weights()[0][2:] == model.wv.vectors).all()

    classifier.save(str(tmp_path / "classifier.keras"))
    program = f"""
import sys
sys.modules["tfw2v_gensim"] = sys.modules["gensim"] = None
import keras, numpy as np
classifier = keras.models.load_model({str(tmp_path / "classifier.keras")!r})
print(*classifier.predict(np.array({unseen.numpy().tolist()}), verbose=0)[:, 0])
"""
    read = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    np.testing.assert_allclose([float(x) for x in read.stdout.split()[-2:]], predicted, rtol=1e-4)


def test_a_trainable_embedding_is_trained(model):
    embedding = model.to_keras_embedding(trainable=True)
    assert len(embedding.trainable_weights) == 1
