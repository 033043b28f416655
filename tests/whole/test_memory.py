"""What estimate_memory says, beside what a process that trains takes."""

import subprocess
import sys
from pathlib import Path

import pytest

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
