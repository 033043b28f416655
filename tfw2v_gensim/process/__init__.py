"""The process that a training is a guest in: TensorFlow's start, files that appear whole, Ctrl-C.

Nothing here knows of words or vectors.

=================  =====================================================
to find out        open
=================  =====================================================
how it starts      :mod:`tfw2v_gensim.process.starting`
how files appear   :mod:`tfw2v_gensim.process.files`
what Ctrl-C does   :mod:`tfw2v_gensim.process.interruption`
=================  =====================================================
"""
