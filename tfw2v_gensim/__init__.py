"""Word2Vec with gensim's interface, trained by TensorFlow with a random softmax."""

from tfw2v_gensim.word2vec import Word2Vec

__all__ = ["Word2Vec"]
__version__ = "0.1.0"
