"""From numbers to vectors: a pass over a text is planned, cut into blocks, trained, and merged.

Open :mod:`tfw2v_gensim.training.epoch` for the whole way, :mod:`tfw2v_gensim.training.step` for the formula,
:mod:`tfw2v_gensim.training.plan` and :mod:`tfw2v_gensim.training.rates` for every constant that was measured.
TensorFlow is imported by epoch, replicas, step and losses alone.

Words that are used throughout
------------------------------
stream
    A part of the text. Eight streams, far apart in it, are laid side by side.
block
    128 rows of these streams, 1,024 words: what one training step works on.
pool
    Noise words that many examples of a block share.
replica
    A copy of the rows of the weights that it needs; replicas train their own blocks side by side.
round
    The blocks of all replicas between two merges.
slab
    Some hundred thousand words of the text that are read and cut into blocks at a time.
reach
    Rows of context that a block has before and after its own: the widest window.
"""
