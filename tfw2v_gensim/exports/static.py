"""A folder of word vectors without pickle: one tensor and JSON, which model2vec and sentence-transformers open, too.

====================  ==================================================================================
``model.safetensors``  ``embeddings``, float32 ``[V + 1, D]``: the words' rows in their order, then zeros for
                       unknown words; ``counts``, int64 ``[V]``, where they are known
``tokenizer.json``     which row each word has; a text is split at white space
``config.json``        model2vec's configuration
``modules.json``       what makes it a model of sentence-transformers
``README.md``          a model card
====================  ==================================================================================

A reader of it needs safetensors and a JSON parser, and runs nothing: this is the way to take vectors from strangers.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tfw2v_gensim.process.extras import extra
from tfw2v_gensim.process.files import write_whole

logger = logging.getLogger(__name__)

# Strength of smooth inverse frequency, the value that its authors recommend
SIF = 1e-3

_CARD = """---
library_name: model2vec
tags:
- word2vec
- static-embeddings
- model2vec
- sentence-transformers
---
# Word vectors

{words:,} words, {dimensions} dimensions, trained by tfw2v_gensim, a Word2Vec with gensim's interface.
The vector of a text is the mean of its words' vectors; words are what white space separates, case matters.
{weighting}
```python
from tfw2v_gensim import KeyedVectors

vectors = KeyedVectors.load_static("folder")  # gensim's KeyedVectors

from model2vec import StaticModel

vector = StaticModel.from_pretrained("folder").encode("a text")

from sentence_transformers import SentenceTransformer

vector = SentenceTransformer("folder").encode("a text")
```
"""


class Table(NamedTuple):
    """What a folder holds.

    Attributes
    ----------
    words : list of str
    vectors : numpy.ndarray
        float32 ``[V, D]``
    counts : numpy.ndarray or None
        int64 ``[V]``
    """

    words: Sequence[str]
    vectors: np.ndarray
    counts: np.ndarray | None


def smooth_inverse_frequency(counts: np.ndarray) -> np.ndarray:
    """Weight words so that frequent ones, which say little of a text's matter, count less in its mean.

    With ``p(w)`` a word's share of the text, and ``a`` = :data:`SIF`: ``a / (a + p(w))``.

    Parameters
    ----------
    counts : numpy.ndarray
        ``[V]``

    Returns
    -------
    numpy.ndarray
        float64 ``[V]``, between 0 and 1.

    References
    ----------
    Arora, Liang and Ma, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings" (2017). Its second step, taking
    away the texts' first principal component, depends on the texts and is not done here.

    Examples
    --------
    >>> smooth_inverse_frequency(np.array([999, 1])).round(3).tolist()
    [0.001, 0.5]

    """
    return SIF / (SIF + np.asarray(counts, np.float64) / np.sum(counts))


def save(table: Table, folder: str | os.PathLike, weighting: str | None = None) -> None:
    """Write a folder, see :meth:`tfw2v_gensim.KeyedVectors.save_static`."""
    with extra("hub"):
        import tokenizers
        from safetensors.numpy import save_file
    words, vectors, counts = table
    _check(words)
    if weighting == "sif" and counts is not None:
        vectors = vectors * smooth_inverse_frequency(counts)[:, None].astype(np.float32)
    elif weighting is not None:
        must = "None where words have no counts" if weighting == "sif" else "None or 'sif'"
        raise ValueError(f"weighting must be {must}, got {weighting!r}")
    unknown = "[UNK]"
    rows = {word: row for row, word in enumerate(words)}
    while unknown in rows:
        unknown = f"[{unknown}]"
    rows[unknown] = len(rows)
    tensors = {"embeddings": np.zeros((len(rows), vectors.shape[1]), np.float32)}
    tensors["embeddings"][:-1] = vectors
    if counts is not None:
        tensors["counts"] = np.ascontiguousarray(counts, np.int64)
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(rows, unk_token=unknown))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    config = {
        "model_type": "model2vec", "architectures": ["StaticModel"], "hidden_dim": vectors.shape[1],
        "normalize": False, "max_length": None, "embedding_dtype": "float32",
        "sif_coefficient": SIF if weighting else None,
    }  # fmt: skip
    modules = [{"idx": 0, "name": "0", "path": ".", "type": "sentence_transformers.models.StaticEmbedding"}]

    def write(path: str) -> None:
        save_file(tensors, path)
        beside = Path(path).parent
        tokenizer.save(str(beside / "tokenizer.json"), pretty=False)
        _write_json(config, beside / "config.json")
        _write_json(modules, beside / "modules.json")
        scaled = f"\nRows are scaled by smooth inverse frequency, a = {SIF}.\n" if weighting else ""
        card = _CARD.format(words=len(words), dimensions=vectors.shape[1], weighting=scaled)
        (beside / "README.md").write_text(card, encoding="utf-8")

    os.makedirs(folder, exist_ok=True)
    write_whole(Path(folder, "model.safetensors"), write)


def load(folder: str | os.PathLike) -> Table:
    """Read a folder, see :meth:`tfw2v_gensim.KeyedVectors.load_static`."""
    with extra("hub"):
        from safetensors import SafetensorError
        from safetensors.numpy import load_file
    folder = Path(folder)
    try:
        tensors = load_file(folder / "model.safetensors")
        model = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]
        if model["type"] != "WordLevel":
            raise ValueError(f"its tokenizer is of type {model['type']!r}, not 'WordLevel'")
        return _table(tensors, model["vocab"], model.get("unk_token"))
    except (ValueError, KeyError, TypeError, AttributeError, SafetensorError) as error:
        message = f"{folder} is not a whole folder of word vectors: {type(error).__name__}: {error}"
        raise ValueError(message) from error


def _table(tensors: dict[str, np.ndarray], rows: dict[str, int], unknown: str | None) -> Table:
    vectors, counts = tensors["embeddings"], tensors.get("counts")
    if vectors.ndim != 2 or not np.issubdtype(vectors.dtype, np.floating):
        raise ValueError(f"embeddings must be a matrix of floats, got {vectors.dtype} {list(vectors.shape)}")
    if set(rows.values()) != set(range(len(vectors))) or len(rows) != len(vectors):
        raise ValueError(f"the tokenizer's {len(rows)} words do not number the {len(vectors)} rows of the embeddings")
    words = sorted((word for word in rows if word != unknown), key=rows.__getitem__)
    kept = np.array([rows[word] for word in words], np.int64)
    if counts is not None and (counts.shape != kept.shape or not np.issubdtype(counts.dtype, np.integer)):
        raise ValueError(f"counts must be {len(words)} integers, got {counts.dtype} {list(counts.shape)}")
    return Table(words, vectors[kept].astype(np.float32, copy=False), counts)


def _check(words: Sequence[str]) -> None:
    """Warn of words that no text can hold; raise a ValueError for those that the files cannot."""
    if len(set(words)) < len(words):
        raise ValueError("tokenizer.json takes words for text, and two of these have the same: such as 7 and '7'")
    for word in words:
        try:
            word.encode()
        except UnicodeEncodeError:
            raise ValueError(f"tokenizer.json cannot hold the word {word!r}, which has a lone surrogate") from None
    broken = [word for word in words if word.split() != [word]]
    if broken:
        logger.warning(
            "%i words have white space, the first is %r: load_static gives them back, but other programs split texts "
            "there, and do not find them",
            len(broken), broken[0],
        )  # fmt: skip


def _write_json(content: Any, path: Path) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
