"""What estimate_memory says, beside what a process that trains takes."""

import subprocess
import sys
from pathlib import Path

import pytest

TRAIN = """
import re
import sys

import numpy as np

from tfw2v_gensim import Word2Vec

words, dimensions, shared, sg = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "shared", int(sys.argv[4])
model = Word2Vec(vector_size=dimensions, shared_softmax=shared, sg=sg, min_count=1, sample=0)
share = 1 / np.arange(1, words + 1)
share /= share.sum()
counts = {f"word{row}": int(2e7 * of_text) + 1 for row, of_text in enumerate(share)}  # so many words take 8 replicas
model.build_vocab_from_freq(counts, corpus_count=1_000_000)
text = np.random.default_rng(1).choice(words, (30_000, 20), p=share)  # a round of all replicas
model.train([[f"word{row}" for row in rows] for rows in text.tolist()], total_examples=len(text), epochs=1)
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) * 1024
print(model.estimate_memory()["total"], peak)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak where Linux shows it")
@pytest.mark.parametrize(
    "size", [("1000", "300", "shared", "0"), ("70000", "100", "separate", "1"), ("200000", "100", "shared", "0")]
)
def test_the_estimate_is_near_the_peak_that_is_measured(size):
    ended = subprocess.run([sys.executable, "-c", TRAIN, *size], capture_output=True, text=True, check=True)
    estimated, measured = map(int, ended.stdout.split())
    assert measured / 1.25 < estimated < measured * 1.25
