"""Between this package's models and gensim's own, whose states differ in one matrix and a few arguments."""

from __future__ import annotations

from typing import Any

import numpy as np
from gensim.models import KeyedVectors as GensimKeyedVectors
from gensim.models.word2vec import Word2Vec as GensimWord2Vec

from tfw2v_gensim.keyedvectors import KeyedVectors, seen_as
from tfw2v_gensim.model.counting import OF_THE_MOMENT
from tfw2v_gensim.training.weights import LEGACY_MIRRORED, Mirrored


def as_gensims(model: Any, with_shared_softmax: bool = True) -> GensimWord2Vec:
    """Show a model as a plain :class:`gensim.models.Word2Vec` that shares its vectors and vocabulary.

    The one array that may be new is ``syn1neg``: a shared softmax has none of its own, so gensim's gets
    ``wv.vectors * coordinate_factors``, which gives the same logits.

    Parameters
    ----------
    model : tfw2v_gensim.Word2Vec
    with_shared_softmax : bool
        False leaves ``syn1neg`` out where the softmax is shared, for files that hold no matrix twice. The plain model
        then says ``negative=0``: gensim's trainer would wait for ever for weights that are not there.

    Returns
    -------
    gensim.models.Word2Vec
    """
    plain = GensimWord2Vec.__new__(GensimWord2Vec)
    plain.__dict__.update(model.__dict__)
    plain.wv = seen_as(GensimKeyedVectors, model.wv)
    for name in ("checkpoint", *OF_THE_MOMENT):  # a folder of this machine, and what the model is doing now
        plain.__dict__.pop(name, None)
    if model.shared_softmax and with_shared_softmax:
        plain.syn1neg = model.wv.vectors * model.coordinate_factors
    elif model.shared_softmax:
        plain.negative_of_shared_softmax, plain.negative = model.negative, 0
    return plain


def adopt(model: Any, plain: GensimWord2Vec, shared_softmax: bool | None = None) -> None:
    """Give a model of this package the state of one of gensim's; arrays are taken, not copied.

    Parameters
    ----------
    model : tfw2v_gensim.Word2Vec
        Keeps its own arguments, unless ``plain`` was saved by this package and brings them along.
    plain : gensim.models.Word2Vec
    shared_softmax : bool, optional
        None keeps the softmax weights as they are: shared if they were when this package made or saved the model
        and are still the word vectors (gensim may have trained it since), else separate.
    """
    state = dict(plain.__dict__)
    weights = state.pop("syn1neg", None)
    was_shared = state.pop("shared_softmax", False)
    mirrored = LEGACY_MIRRORED if was_shared or "mirrored_factor" in state else Mirrored.of(plain.sg)
    state = {"mirrored_share": mirrored.share, "mirrored_factor": mirrored.factor} | state
    state.setdefault("starts_from_frequencies", "loss" not in state)  # False where an earlier version saved it
    state["negative"] = state.pop("negative_of_shared_softmax", state["negative"])
    model.__dict__.update(state)
    model.wv = seen_as(KeyedVectors, plain.wv)
    model.shared_softmax = was_shared if shared_softmax is None else shared_softmax
    if model.negative and model.cum_table is None and len(model.wv):
        model.make_cum_table()  # gensim's load() makes it only where it sees negative > 0
    if model.hs or not model.negative:
        model.shared_softmax = False
    elif model.shared_softmax and shared_softmax is None:
        model.shared_softmax = weights is None or np.array_equal(weights, model.wv.vectors * model.coordinate_factors)
    if weights is not None and not model.shared_softmax:
        model.syn1neg = weights
