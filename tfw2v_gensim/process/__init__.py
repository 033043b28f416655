"""The process that a training is a guest in: TensorFlow's start, files that appear whole, Ctrl-C.

Nothing here knows of words or vectors.

=================================  ========================================================
to find out                        open
=================================  ========================================================
how TensorFlow starts              :mod:`tfw2v_gensim.process.starting`
where compiled code is kept        :mod:`tfw2v_gensim.process.compiled_code`
why Keras comes later              :mod:`tfw2v_gensim.process.keras_later`
what happens to the environment    :mod:`tfw2v_gensim.process.environment`
how many cores there are           :mod:`tfw2v_gensim.process.cores`
how files appear                   :mod:`tfw2v_gensim.process.files`
what Ctrl-C does                   :mod:`tfw2v_gensim.process.interruption`
=================================  ========================================================
"""
