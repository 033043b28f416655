"""shorttext: short texts are classified, and compared, by the vectors of their words."""

from gensim.models import Word2Vec
from shorttext.classifiers import SumEmbeddedVecClassifier, load_sumword2vec_classifier
from shorttext.metrics.wasserstein import word_mover_distance


def use(folder):
    sides = {"sea": ["ship", "wave", "sail", "port"], "land": ["road", "tree", "hill", "farm"]}
    texts = [words * 2 for words in sides.values()] * 300
    model = Word2Vec(texts, vector_size=16, min_count=1, sample=0, epochs=20, sg=1)
    classifier = SumEmbeddedVecClassifier(model.wv)
    classifier.train({side: [" ".join(words[:2])] for side, words in sides.items()})
    scores = {(side, word): classifier.score(word) for side, words in sides.items() for word in words}
    right = sum(max(found, key=found.get) == side for (side, _), found in scores.items())
    assert right == 8, scores
    classifier.save_compact_model(f"{folder}/model.bin")
    assert load_sumword2vec_classifier(model.wv, f"{folder}/model.bin").score("sail") == scores["sea", "sail"]
    near, far = (word_mover_distance(["ship", "wave"], other, model.wv) for other in (["sail"], ["road"]))
    assert near < far, (near, far)
    return type(model), f"{right} of 8 words in their class"
