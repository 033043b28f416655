"""From sentences to numbers. Numpy only.

A corpus is read once to count its words (:mod:`tfw2v_gensim.text.encoding`): they are found in its bytes
(:mod:`tfw2v_gensim.text.words`) and numbered (:mod:`tfw2v_gensim.text.numbering`), and the different neighbours of each
are counted with them (:mod:`tfw2v_gensim.text.neighbours`). Which corpora are files, and whether they are still what
they were, is told by :mod:`tfw2v_gensim.text.corpora`.
"""
