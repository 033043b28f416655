"""Word2Vec with gensim's interface, trained by TensorFlow with a random softmax.

Usage
-----
>>> from gensim.test.utils import common_texts
>>> from tfw2v_gensim import Word2Vec  # was: from gensim.models import Word2Vec
>>> model = Word2Vec(sentences=common_texts, vector_size=100, window=5, min_count=1)
>>> model.wv["computer"].shape
(100,)

The method
----------
A hidden vector ``h`` (CBOW: the mean of the context's vectors; skip-gram: the centre word's vector) predicts its true
word among noise words drawn with probability ``q(w)``, proportional to ``count(w) ** ns_exponent``, by softmax
cross-entropy over just these::

    loss = -log( exp(h·w_t) / (exp(h·w_t) + sum_k exp(h·w_k)) )

This is the random softmax of Su Jianlin's article "Tensorflow版的Word2Vec" (2017), https://kexue.fm/archives/4402. Its
optimum is ``h·w = log p(w | context) - log q(w)``, so that adding ``log q`` gives calibrated probabilities:
:meth:`Word2Vec.predict_output_word` returns them. The other losses start from the frequencies, too: a fixed
``log p(w)``, the word's share of the text, is added to each logit, in the place of the article's biases.

Every window is whole. Its words weigh by their distance ``k`` as often as word2vec's draw of the window's size has them
in, ``(window + 1 - k) / window``: the expectation of what gensim draws. In skip-gram, windows narrow over the epochs of
a text, from a fifth wider than ``window`` to a third of it.

*What makes it fast* is the order of the work. The corpus is cut into eight streams that lie far apart and are laid
side by side; a step takes 128 rows of them, which stay in a processor core's own cache. Window sums become shifts along
the rows, each word's vector is fetched and moved once, and words that lie far apart share one pool of noise words, so
that the logits are a matrix product. Larger corpora train up to eight replicas of the weights side by side, which are
merged every few ten thousand words each: row by row the sum of what they learnt, as far as it differs, else the mean.

*What makes it good*, beside the noise: the softmax weights *are* the word vectors (``shared_softmax``), and some
of the coordinates enter the product with a minus sign. One matrix times itself can only model associations with
positive eigenvalues; the true ones have negative eigenvalues too. Those coordinates say which words stand beside each
other, not which are alike. Their products count one and a half times, so that the coordinates stay small. A Gaussian
prior (``prior``) keeps the vectors from learning a small corpus by heart, see
:func:`tfw2v_gensim.training.rates.pull`.

Text files are read once: their words are kept as numbers in a temporary file (4 bytes a word, a gigabyte at the most)
until they have been trained. So are lists that a model's constructor is given. Other iterables may differ at each pass,
and are read anew, as is a file that is trained again.

A guest
-------
Importing and training leave the process as it was, but for TensorFlow itself. No signal handler, descriptor,
environment variable, setting of the allocator or of the garbage collector, or dlopen flag changes beyond a call that
the caller waits for. No thread of ours runs once a call has returned, and nothing outside a folder of our own name is
ever deleted.

The exception is TensorFlow's import, which goes on beside ``build_vocab`` and after it: with ``TF_CPP_MIN_LOG_LEVEL``
at 1, unless it is set, and with a finder on ``sys.meta_path`` that keeps Keras for later. A fork waits for its end.
While a step is trained, Ctrl-C is held back. TensorFlow's libraries write some lines to standard error at the first
training, which is left to it: about CUDA, where there is none, and about code that it finds in its cache.

Compiled code is kept in the folder ``tfw2v_gensim`` of the user's cache, 64 MiB of it at the most; ``TFW2V_CACHE``
names another place for that folder, or with an empty value none: see :mod:`tfw2v_gensim.process.compiled_code`.

Files
-----
All files, those of ``model.save``, ``model.wv.save``, ``model.wv.save_word2vec_format`` and the command ``tfw2v``,
are written beside the target first: where the disk is full, an error says so and a former file stays.

``Word2Vec.load`` and ``KeyedVectors.load`` unpickle, as gensim's do: a file can run any program, so load only what
you trust. A folder of ``wv.save_static``, read by :meth:`KeyedVectors.load_static`, is arrays and JSON: the way to take
vectors from strangers. Checkpoints and word2vec's formats (``KeyedVectors.load_word2vec_format``) hold no pickle
either. Each refuses a truncated file with an error (but for a text file cut within its very last number). A checkpoint
has checksums: where one is damaged in any way, the one before it is taken and a warning says so.

Words may be anything that gensim takes: ``model.save``, ``model.wv.save`` and checkpoints keep them all. word2vec's
formats cannot give back blanks and newlines in a word, nor hold lone surrogates: ``model.wv.save_word2vec_format``
writes the former as gensim does, with a warning, and refuses the latter. A corpus read by ``LineSentence`` or
``tfw2v`` has no blanks in words.

With other tools
----------------
* ``wv.save_static(folder)`` writes what model2vec and sentence-transformers open (extra ``hub``).
* :class:`tfw2v_gensim.sklearn.Word2VecVectorizer` stands where scikit-learn's ``TfidfVectorizer`` does (extra
  ``sklearn``).
* :class:`tfw2v_gensim.callbacks.HeldOutLoss` measures the loss on text that is not trained on;
  :class:`tfw2v_gensim.callbacks.EarlyStopping` ends a training when it no longer falls.
* ``wv.intersect_word2vec_format(file)`` takes the vectors of words that a file has, too, into a new model.
* :mod:`tfw2v_gensim.exports` has layers of Keras and the embedding projector's files.

Extras are installed as in ``pip install "tfw2v_gensim[hub,sklearn]"``; the error that names a missing one says so, too.
"""

from typing import Any

from tfw2v_gensim.keyedvectors import KeyedVectors
from tfw2v_gensim.patching import patch_gensim, unpatch_gensim
from tfw2v_gensim.word2vec import Word2Vec

__all__ = ["KeyedVectors", "Word2Vec", "patch_gensim", "unpatch_gensim"]
__version__ = "0.1.0"


def load_ipython_extension(shell: Any) -> None:
    """In a notebook, ``%load_ext tfw2v_gensim`` is :func:`patch_gensim`."""
    patch_gensim()


def unload_ipython_extension(shell: Any) -> None:
    """In a notebook, ``%unload_ext tfw2v_gensim`` is :func:`unpatch_gensim`."""
    unpatch_gensim()
