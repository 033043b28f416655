"""From sentences to numbers. Numpy only.

A corpus is read once to count its words (:mod:`tfw2v_gensim.text.encoding`, by way of
:mod:`tfw2v_gensim.text.numbering`), which also counts each word's different neighbours
(:mod:`tfw2v_gensim.text.neighbours`). Which corpora are files, and whether they are still what they were, is told by
:mod:`tfw2v_gensim.text.corpora`.
"""
