"""Importing, loading, converting and querying, where TensorFlow and Keras are missing."""

import subprocess
import sys

from tfw2v_gensim import Word2Vec

PROGRAM = """
import pickle, sys
import tfw2v_gensim
from tfw2v_gensim import Word2Vec
assert not {"keras", "tensorflow"} & set(sys.modules)

sys.modules["keras"] = sys.modules["tensorflow"] = None  # any import of them now fails
model = Word2Vec.load("model")
model = Word2Vec.from_gensim(pickle.loads(pickle.dumps(model)).to_gensim())
assert len(model.wv.most_similar("police")) == 10
assert model.predict_output_word(["prime", "minister"])
model.wv.save_word2vec_format("vectors.txt")
try:
    model.train([["police"]], total_examples=1, epochs=1)
except ImportError:
    print("training needs TensorFlow")
"""


def test_all_but_training_needs_no_tensorflow(lee, tmp_path):
    Word2Vec(lee, vector_size=20, epochs=1).save(str(tmp_path / "model"))
    ended = subprocess.run([sys.executable, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True)
    assert ended.stdout == "training needs TensorFlow\n", ended.stderr
