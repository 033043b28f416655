"""Uses one package as its users do: ``python use.py PACKAGE``. Prints the class it was given, and a figure.

With ``tfw2v run use.py PACKAGE`` that class is this project's.
"""

import importlib
import sys
import tempfile

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        used, figure = importlib.import_module(f"use_{sys.argv[1]}").use(folder)
    trainer = next(cls for cls in used.__mro__ if cls.__module__.startswith(("gensim.", "tfw2v_gensim.")))
    print(f"{trainer.__module__.partition('.')[0]}: {figure}")
