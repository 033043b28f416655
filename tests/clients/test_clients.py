"""The packages of clients.toml that may be installed beside this one; run.py runs all, each in its own environment."""

import os
import subprocess
import sys

import pytest

FOLDER = os.path.dirname(__file__)


@pytest.mark.slow
@pytest.mark.parametrize("side, through", [("gensim", []), ("tfw2v_gensim", ["-m", "tfw2v_gensim", "run"])])
@pytest.mark.parametrize("package", ["node2vec", "fastnode2vec"])
def test_a_package_works_with_gensim_and_with_this_one_in_its_place(package, side, through):
    pytest.importorskip(package)
    pytest.importorskip("networkx")
    command = [sys.executable, *through, os.path.join(FOLDER, "use.py"), package]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith(f"{side}: purity ")
