"""``python -m tfw2v_gensim``: see :mod:`tfw2v_gensim.command_line`."""

import sys

from tfw2v_gensim.command_line import main

if __name__ == "__main__":
    sys.exit(main())
