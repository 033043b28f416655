"""``python -m tfw2v_gensim``: with no arguments, a short demonstration."""

from tfw2v_gensim.demonstration import demonstrate

if __name__ == "__main__":
    demonstrate()
