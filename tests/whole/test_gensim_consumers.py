"""Every part of gensim that takes a Word2Vec model, its vectors or its files, used once with this package's."""

import os

import gensim
import numpy as np
import pytest
from gensim import corpora, similarities
from gensim.models import CoherenceModel, Doc2Vec, FastText, KeyedVectors, Phrases, TfidfModel, TranslationMatrix
from gensim.models.callbacks import CallbackAny2Vec
from gensim.models.doc2vec import TaggedDocument
from gensim.models.phrases import Phraser
from gensim.models.translation_matrix import BackMappingTranslationMatrix
from gensim.models.word2vec import BrownCorpus, LineSentence, PathLineSentences, Text8Corpus
from gensim.scripts import glove2word2vec, word2vec2tensor
from gensim.similarities import SoftCosineSimilarity, SparseTermSimilarityMatrix, WmdSimilarity
from gensim.similarities.termsim import WordEmbeddingSimilarityIndex
from gensim.test.utils import common_texts, datapath
from gensim.topic_coherence import indirect_confirmation_measure, probability_estimation, segmentation, text_analysis

from tfw2v_gensim import Word2Vec

SMALL = {"vector_size": 12, "min_count": 1, "epochs": 5}


@pytest.fixture(scope="module")
def model(lee):
    return Word2Vec(lee, vector_size=20, min_count=2, epochs=5)


@pytest.fixture(scope="module")
def dictionary(lee):
    dictionary = corpora.Dictionary(lee)
    assert dictionary[0]  # fills id2token, which gensim's accumulators read
    return dictionary


# --- documents by their words' vectors


def test_word_movers_distance(model, lee):
    pytest.importorskip("ot")
    near, far = model.wv.wmdistance(lee[0][:30], lee[0][10:40]), model.wv.wmdistance(lee[0][:30], lee[7][:30])
    assert 0 < near < far
    index = WmdSimilarity([text[:20] for text in lee[:10]], model.wv, num_best=3)
    assert index[lee[4][:20]][0] == (4, 1.0)


def test_soft_cosine_similarity(model, lee, dictionary, tmp_path):
    tfidf = TfidfModel(dictionary=dictionary)
    texts = [dictionary.doc2bow(text) for text in lee[:20]]
    terms = WordEmbeddingSimilarityIndex(model.wv, threshold=0.3)
    assert 0.3 < next(iter(terms.most_similar("war", topn=3)))[1] <= 1
    matrix = SparseTermSimilarityMatrix(terms, dictionary, tfidf, nonzero_limit=5)
    assert matrix.matrix.nnz > len(dictionary)
    assert matrix.inner_product(texts[0], texts[0], normalized=(True, True)) == pytest.approx(1)
    index = SoftCosineSimilarity(texts, matrix, num_best=1)
    assert index[texts[6]][0][0] == 6
    index.save(str(tmp_path / "index"))
    assert SoftCosineSimilarity.load(str(tmp_path / "index"))[texts[6]][0][0] == 6


def test_sparse_matrices_of_mean_vectors_in_similarity_indexes(model, lee, tmp_path):
    means = [gensim.matutils.full2sparse(model.wv.get_mean_vector(text)) for text in lee[:20]]
    for index in (
        similarities.MatrixSimilarity(means, num_features=20, num_best=1),
        similarities.SparseMatrixSimilarity(means, num_features=20, num_best=1),
        similarities.Similarity(str(tmp_path / "shard"), means, num_features=20, num_best=1),
    ):
        assert index[means[3]][0][0] == 3


@pytest.mark.parametrize("kind, package", [("AnnoyIndexer", "annoy"), ("NmslibIndexer", "nmslib")])
def test_indexers_of_neighbours(model, tmp_path, kind, package):
    pytest.importorskip(package)
    indexer_class = getattr(__import__(f"gensim.similarities.{package}", fromlist=[kind]), kind)
    path = str(tmp_path / "index")
    for indexed in (model, model.wv):
        indexer = indexer_class(indexed, 20) if package == "annoy" else indexer_class(indexed)
        assert model.wv.most_similar([model.wv["war"]], topn=1, indexer=indexer)[0][0] == "war"
        indexer.save(path)
        again = indexer_class()
        again.load(path)
        again.model = model
        assert again.most_similar(model.wv["war"], 1)[0][0] == "war"


# --- topics by their words' vectors


def test_coherence_of_topics(model, lee, dictionary):
    topics = [["war", "attack", "military", "forces"], ["government", "minister", "police", "water"]]
    coherence = CoherenceModel(
        topics=topics, texts=lee, dictionary=dictionary, coherence="c_w2v", keyed_vectors=model.wv
    )
    each = coherence.get_coherence_per_topic()
    assert len(each) == 2 and all(-1 <= value <= 1 for value in each)


def test_accumulators_of_word_vectors(model, lee, dictionary):
    topics = [np.array([dictionary.token2id[word] for word in ("war", "attack", "military")])]
    pairs = segmentation.s_one_one(topics)
    accumulator = probability_estimation.p_word2vec(lee, pairs, dictionary, 5, 1, model.wv)
    assert isinstance(accumulator, text_analysis.WordVectorsAccumulator)
    assert accumulator.get_occurrences("war") == model.wv.get_vecattr("war", "count")
    first, second, _ = topics[0]
    similarity = accumulator.ids_similarity([first], [second])
    assert similarity == pytest.approx(model.wv.similarity(dictionary[first], dictionary[second]))
    measured = indirect_confirmation_measure.word2vec_similarity(pairs, accumulator)
    assert len(measured) == 1 and -1 <= measured[0] <= 1


# --- spaces of vectors mapped onto each other


def test_translation_matrix(model):
    words = model.wv.index_to_key[:400]
    backwards = KeyedVectors(20)
    backwards.add_vectors([word[::-1] for word in words], model.wv[words] @ np.linalg.qr(np.eye(20) + 0.1)[0])
    pairs = [(word, word[::-1]) for word in words]
    translation = TranslationMatrix(model.wv, backwards, pairs[:200], random_state=1)
    found = translation.translate([word for word, _ in pairs[200:220]], topn=3)
    assert sum(found[word][0] == translated for word, translated in pairs[200:220]) >= 18
    corrected = translation.translate([word for word, _ in pairs[:5]], topn=3, gc=1, sample_num=10)
    assert [len(each) for each in corrected.values()] == [3] * 5


def test_back_mapping_translation_matrix_of_documents_that_start_with_our_vocabulary(lee):
    texts = [TaggedDocument(text, [number]) for number, text in enumerate(lee[:10])]
    ours = Word2Vec([text.words for text in texts], **SMALL)
    documents = []
    for seed in (1, 2):
        document_model = Doc2Vec(**SMALL, seed=seed, dm=0)
        document_model.build_vocab(texts)
        assert set(document_model.wv.index_to_key) == set(ours.wv.index_to_key)
        document_model.wv.vectors[:] = ours.wv[document_model.wv.index_to_key]
        document_model.train(texts, total_examples=10, epochs=2)
        documents.append(document_model)
    mapping = BackMappingTranslationMatrix(*documents, tagged_docs=texts, random_state=1)
    assert mapping.infer_vector(documents[1].dv[3]).shape == (12,)


@pytest.mark.parametrize("kind", [gensim.models.Word2Vec, FastText])
def test_models_of_gensim_take_our_vocabulary_and_our_vectors(model, lee, tmp_path, kind):
    path = str(tmp_path / "vectors.txt")
    model.wv.save_word2vec_format(path)
    other = kind(vector_size=20, min_count=2, seed=3, workers=1)
    other.build_vocab(lee)
    other.wv.vectors_lockf = np.ones(len(other.wv), np.float32)
    vectors = other.wv.vectors if kind is not FastText else other.wv.vectors_vocab
    with pytest.MonkeyPatch.context() as change:
        change.setattr(other.wv, "vectors", vectors)
        other.wv.intersect_word2vec_format(path, lockf=1.0)
        assert np.allclose(vectors[other.wv.key_to_index["war"]], model.wv["war"], atol=1e-5)
    assert other.train(lee, total_examples=other.corpus_count, epochs=1)[0] > 0


def test_gensims_model_resets_from_ours(model, lee):
    other = gensim.models.Word2Vec(vector_size=20, workers=1)
    other.reset_from(model)
    other.wv.vectors_lockf = np.ones(1, np.float32)  # reset_from leaves them out, and train() then waits for ever
    assert other.wv.index_to_key == model.wv.index_to_key
    assert other.train(lee, total_examples=model.corpus_count, epochs=1)[0] > 0


# --- sentences


def lines(folder, name="lines.txt", texts=common_texts):
    path = folder / name
    path.write_text("".join(" ".join(text) + "\n" for text in texts))
    return str(path)


def brown(folder):
    (folder / "ca01").write_text("".join(" ".join(f"{word}/nn" for word in text) + " ./.\n" for text in common_texts))
    return BrownCorpus(str(folder))


@pytest.mark.parametrize(
    "sentences",
    [
        lambda folder: LineSentence(lines(folder)),
        lambda folder: PathLineSentences(os.path.dirname(lines(folder))),
        lambda folder: Text8Corpus(lines(folder), max_sentence_length=7),
        brown,
        lambda folder: [list(text) for text in corpora.TextCorpus(lines(folder), token_filters=[]).get_texts()],
    ],
    ids=["LineSentence", "PathLineSentences", "Text8Corpus", "BrownCorpus", "TextCorpus"],
)
def test_gensims_readers_of_sentences(tmp_path, sentences):
    found = Word2Vec(sentences(tmp_path), **SMALL)
    words = {word.partition("/")[0] for word in found.wv.index_to_key}
    assert words >= {word for text in common_texts for word in text}
    assert found.corpus_total_words >= 29 and found.history[-1]["words"] == found.corpus_total_words


def test_phrases_feed_a_model(lee):
    phrases = Phrases(lee, min_count=3, threshold=5)
    for transform in (phrases, phrases.freeze(), Phraser(phrases)):
        found = Word2Vec(transform[lee[:50]], vector_size=8, epochs=1)
        assert any("_" in word for word in found.wv.index_to_key)
        assert found.wv.vectors.shape == (len(found.wv), 8)


def test_callbacks_of_gensim(model):
    class Epochs(CallbackAny2Vec):
        def __init__(self):
            self.seen = []

        def on_epoch_end(self, model):
            self.seen.append(model.wv.most_similar("human", topn=1)[0][0])

    epochs = Epochs()
    Word2Vec(common_texts, **SMALL, callbacks=[epochs])
    assert len(epochs.seen) == 5


# --- files and scripts


def test_scripts_read_our_files(model, tmp_path):
    path, prefix = str(tmp_path / "vectors.txt"), str(tmp_path / "projector")
    model.wv.save_word2vec_format(path)
    word2vec2tensor.word2vec2tensor(path, prefix)
    assert np.allclose(np.loadtxt(f"{prefix}_tensor.tsv"), model.wv.vectors, atol=1e-5)
    assert (tmp_path / "projector_metadata.tsv").read_text().split() == model.wv.index_to_key
    model.wv.save_word2vec_format(str(tmp_path / "glove.txt"), write_header=False)
    with pytest.deprecated_call():
        assert glove2word2vec.glove2word2vec(str(tmp_path / "glove.txt"), str(tmp_path / "again.txt")) == (
            len(model.wv), 20,
        )  # fmt: skip
    assert np.allclose(
        KeyedVectors.load_word2vec_format(str(tmp_path / "again.txt")).vectors, model.wv.vectors, atol=1e-5
    )


# --- vectors


def test_evaluation_on_gensims_questions(model):
    score, sections = model.wv.evaluate_word_analogies(datapath("questions-words.txt"), restrict_vocab=500)
    assert 0 <= score <= 1 and sections
    pearson, spearman, unknown = model.wv.evaluate_word_pairs(datapath("wordsim353.tsv"))
    assert -1 <= pearson[0] <= 1 and -1 <= spearman[0] <= 1 and 0 < unknown < 100


QUERIES = {
    "most_similar": lambda wv: [word for word, _ in wv.most_similar(["war", "attack"], ["water"], topn=3)],
    "most_similar_cosmul": lambda wv: [word for word, _ in wv.most_similar_cosmul(["war"], ["water"], topn=3)],
    "similar_by_word": lambda wv: [word for word, _ in wv.similar_by_word("war", topn=3)],
    "similar_by_key": lambda wv: [word for word, _ in wv.similar_by_key("war", topn=3, restrict_vocab=200)],
    "similar_by_vector": lambda wv: [word for word, _ in wv.similar_by_vector(wv["war"], topn=3)],
    "most_similar_to_given": lambda wv: wv.most_similar_to_given("war", ["attack", "water"]),
    "closer_than": lambda wv: sorted(wv.closer_than("war", "attack")),
    "rank": lambda wv: wv.rank("war", "attack"),
    "rank_by_centrality": lambda wv: [word for _, word in wv.rank_by_centrality(["war", "attack", "water"])],
    "doesnt_match": lambda wv: wv.doesnt_match(["war", "attack", "water"]),
    "distance": lambda wv: wv.distance("war", "attack"),
    "distances": lambda wv: wv.distances("war", ["attack", "water"]),
    "similarity": lambda wv: wv.similarity("war", "attack"),
    "n_similarity": lambda wv: wv.n_similarity(["war"], ["attack", "water"]),
    "cosine_similarities": lambda wv: wv.cosine_similarities(wv["war"], wv[["attack", "water"]]),
    "relative_cosine_similarity": lambda wv: wv.relative_cosine_similarity("war", "attack"),
    "get_mean_vector": lambda wv: wv.get_mean_vector(["war", "attack"], weights=[1, 2]),
    "get_normed_vectors": lambda wv: wv.get_normed_vectors(),
    "get_vector": lambda wv: wv.get_vector("war", norm=True),
    "vectors_for_all": lambda wv: wv.vectors_for_all(["war", "attack"]).vectors,
    "counts": lambda wv: [wv.get_vecattr(word, "count") for word in wv.index_to_key[:5]],
    "unknown": lambda wv: (wv.get_index("no such word", -1), "no such word" in wv, wv.has_index_for("war")),
}


@pytest.mark.parametrize("query", QUERIES)
def test_queries_answer_as_on_gensims_vectors(model, tmp_path_factory, query):
    plain = model.to_gensim().wv
    assert type(plain) is KeyedVectors
    np.testing.assert_equal(QUERIES[query](model.wv), QUERIES[query](plain))


def test_vectors_are_changed_as_gensims_are(lee):
    wv = Word2Vec(common_texts, **SMALL).wv
    wv.add_vector("one", np.ones(12))
    wv.add_vectors(["two", "three"], np.ones((2, 12)))
    wv["one"] = np.full(12, 2, np.float32)
    assert len(wv) == 15 and (wv["one"] == 2).all()
    wv.set_vecattr("one", "label", "new")
    assert wv.get_vecattr("one", "label") == "new"
    wv.set_vecattr("one", "count", 100)
    wv.sort_by_descending_frequency()
    assert wv.index_to_key[0] == "one" and wv.key_to_index["one"] == 0
    wv.fill_norms(force=True)
    wv.unit_normalize_all()
    assert np.allclose(np.linalg.norm(wv.vectors, axis=1), 1, atol=1e-6)
