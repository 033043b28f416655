"""What estimate_memory says, beside what a process that trains takes."""

import subprocess
import sys
from pathlib import Path

import pytest
from gensim.test.utils import common_texts

from tfw2v_gensim import Word2Vec

TRAIN = """
import re
import sys

from tfw2v_gensim import Word2Vec

words, dimensions, shared = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "shared"
model = Word2Vec(vector_size=dimensions, shared_softmax=shared, min_count=1, sample=0)
counts = {f"word{i}": 400_000 // (i + 1) + 1 for i in range(words)}
model.build_vocab_from_freq(counts, corpus_count=1000)
model.train([[f"word{(i * j) % words}" for j in range(20)] for i in range(1000)], total_examples=1000, epochs=2)
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) * 1024
print(model.estimate_memory()["total"], peak)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak where Linux shows it")
@pytest.mark.parametrize("size", [("1000", "300", "shared"), ("200000", "100", "separate")])
def test_the_estimate_is_near_the_peak_that_is_measured(size):
    ended = subprocess.run([sys.executable, "-c", TRAIN, *size], capture_output=True, text=True, check=True)
    estimated, measured = map(int, ended.stdout.split())
    assert measured / 1.3 < estimated < measured * 1.3


def test_the_estimate_counts_what_there_is():
    shared, separate = (Word2Vec(vector_size=50, shared_softmax=kind) for kind in (True, False))
    reports = [model.estimate_memory(1000) for model in (shared, separate)]
    assert [report["vectors"] for report in reports] == [200_000, 200_000]
    assert [report["syn1neg"] for report in reports] == [0, 200_000]
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
