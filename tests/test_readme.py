"""Every command and example of the README runs, in its order, for a reader whose text is ``corpus.txt``."""

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^(<!-- test command -->\n+)?```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

SHELL = ("sh", "bash")

# Installing needs a network, and the test command is what runs this test: .ci/run runs both as they are printed.
INSTALL = re.compile(r"^(python -m )?pip install [^&\n]*(&&)?|^git clone .*", re.MULTILINE)


def blocks():
    """The README's blocks that can be run: (language, text)."""
    for test_command, language, text in BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8")):
        if language in ("python", *SHELL) and not test_command:
            yield language, text


def test_every_block_says_its_language_and_both_kinds_are_there():
    languages = [language for _, language, _ in BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))]
    assert set(languages) <= {"python", *SHELL, "text"}
    languages = {language for language, _ in blocks()}
    assert "python" in languages and languages.intersection(SHELL)


def test_all_blocks_run(tmp_path, monkeypatch, lee):
    (tmp_path / "corpus.txt").write_text("".join(" ".join(sentence) + "\n" for sentence in lee), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    commands = (
        f'set -eo pipefail\npython() {{ "{sys.executable}" "$@"; }}\ntfw2v() {{ python -m tfw2v_gensim "$@"; }}\n'
    )
    namespace = {"__name__": "readme"}
    for language, text in blocks():
        if language == "python":
            exec(compile(text, f"README.md:\n{text}", "exec"), namespace)
        else:
            command = ["bash", "-c", f"{commands}\n{INSTALL.sub('', text)}"]
            ended = subprocess.run(command, env=environment, capture_output=True, text=True)
            assert ended.returncode == 0, f"{text}\n{ended.stderr}"


def test_the_installed_command_is_the_command_line():
    module, function = re.search(r'^tfw2v = "(.+):(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE).groups()
    with pytest.raises(SystemExit, match="0"):
        getattr(import_module(module), function)(["--version"])
