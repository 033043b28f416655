"""What gensim's own code calls, and what it is told.

:mod:`tfw2v_gensim.model.hooks` overrides gensim's methods, and is where to begin. What it needs stands beside it:
the arguments' constraints (:mod:`tfw2v_gensim.model.arguments`), the choice of a vocabulary
(:mod:`tfw2v_gensim.model.vocabulary`), subclasses that hand on jobs (:mod:`tfw2v_gensim.model.jobs`), queries that
need the softmax weights (:mod:`tfw2v_gensim.model.predictions`, by the formulas of
:mod:`tfw2v_gensim.training.probabilities`), and the way to gensim's models and back
(:mod:`tfw2v_gensim.model.conversion`).
"""
