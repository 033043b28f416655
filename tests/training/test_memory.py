"""The estimate of a training's memory; tests/whole/test_peak_memory.py compares it with processes."""

from gensim.test.utils import common_texts

from tfw2v_gensim import Word2Vec


def test_the_estimate_counts_what_there_is():
    shared, separate = (Word2Vec(vector_size=50, shared_softmax=kind) for kind in (True, False))
    reports = [model.estimate_memory(1000) for model in (shared, separate)]
    assert [report["vectors"] for report in reports] == [200_000, 200_000]
    assert [report["syn1neg"] for report in reports] == [0, 200_000]
    assert [report["trained"] for report in reports] == [224_000, 448_000]  # rows of 56, whole registers
    assert reports[1]["replicas"] == 2 * reports[0]["replicas"]
    for report in reports:
        assert report["total"] == sum(report.values()) - report["total"]
    assert shared.estimate_memory(1000, report={"corpus": 7})["total"] == reports[0]["total"] + 7
    assert "replicas" not in Word2Vec(hs=1).estimate_memory(1000)


def test_the_estimate_takes_the_vocabulary_that_is_there():
    model = Word2Vec(common_texts, vector_size=50, min_count=1)
    report = model.estimate_memory()
    assert report["vectors"] == model.wv.vectors.nbytes
    assert report["blocks"] < Word2Vec(vector_size=50).estimate_memory()["blocks"]  # a small corpus has small blocks
