"""Programs in processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

import tfw2v_gensim

# By these the shell may say what TensorFlow and this package do
SET_BY_USERS = "TF_", "TFW2V_"


def python(program, **environment):
    """Run a program on this package, without a GPU and without what the shell sets; return how it ended."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(SET_BY_USERS)}
    package = str(Path(tfw2v_gensim.__file__).parents[1])
    environment = {**inherited, "PYTHONPATH": package, "CUDA_VISIBLE_DEVICES": "-1", **environment}
    return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=300)
