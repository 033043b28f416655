"""spec2vec: mass spectra as documents of peaks; models are saved by a callback and loaded again."""

import gensim
import numpy as np
from matchms import Spectrum
from spec2vec import Spec2Vec, SpectrumDocument
from spec2vec.model_building import train_new_word2vec_model


def use(folder):
    generator = np.random.default_rng(0)
    documents = []
    for family in (50, 80):  # peaks of two ranges of masses
        for _ in range(60):
            masses = np.sort(generator.choice(np.arange(family, family + 20), 10, replace=False)).astype(float)
            spectrum = Spectrum(masses, generator.random(10), metadata={"precursor_mz": 120.0})
            documents.append(SpectrumDocument(spectrum, n_decimals=1))
    model = train_new_word2vec_model(
        documents, iterations=[5, 15], filename=f"{folder}/spectra.model", workers=2, vector_size=20
    )
    saved = gensim.models.Word2Vec.load(f"{folder}/spectra.model")
    assert type(saved) is type(model) and (saved.wv.vectors == model.wv.vectors).all()
    assert len(gensim.models.Word2Vec.load(f"{folder}/spectra_iter_5.model").wv) == len(model.wv)
    score = Spec2Vec(model, intensity_weighting_power=0.5, allowed_missing_percentage=5.0)
    within, between = (float(score.pair(documents[0], documents[other])) for other in (1, 119))
    assert within > between, (within, between)
    return type(model), f"similarity within {within:.2f}, between {between:.2f}"
