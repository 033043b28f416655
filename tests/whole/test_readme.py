"""Every command and example of the README runs, in its order, for a reader whose text is ``corpus.txt``."""

import json
import os
import pydoc
import re
import subprocess
import sys
from importlib import import_module, metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


README = ROOT / "README.md"


PAGES = (README, ROOT / "tests" / "benchmarks" / "README.md", ROOT / "notebooks" / "README.md")


BLOCK = re.compile(r"^(<!-- test command -->\n+)?```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


SHELL = ("sh", "bash")


# Installing needs a network, and the test command is what runs this test: .ci/run runs both as they are printed.
INSTALL = re.compile(r"^(python -m )?pip install [^&\n]*(&&)?|^git clone .*", re.MULTILINE)


LARGEST, MOST_LINES = 10_700, 160


def blocks():
    """The README's blocks that can be run: (language, text)."""
    for test_command, language, text in BLOCK.findall(README.read_text(encoding="utf-8")):
        if language in ("python", *SHELL) and not test_command:
            yield language, text


def test_every_block_says_its_language_and_both_kinds_are_there():
    languages = [language for _, language, _ in BLOCK.findall(README.read_text(encoding="utf-8"))]
    assert set(languages) <= {"python", *SHELL, "text"}
    languages = {language for language, _ in blocks()}
    assert "python" in languages and languages.intersection(SHELL)


def declared(name, extras=frozenset(), found=None):
    """Names of the distributions that installing one brings along, itself included."""
    found = set() if found is None else found
    key = canonicalize_name(name), extras
    if key not in found and is_installed(name):
        found.add(key)
        for line in metadata.requires(name) or ():
            needed = Requirement(line)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in (*extras, "")):
                declared(needed.name, frozenset(needed.extras), found)
    return {name for name, _ in found}


def is_installed(name):
    try:
        return bool(metadata.version(name))
    except metadata.PackageNotFoundError:  # of another system
        return False


def brought_by_nothing():
    """Top-level modules that are installed here, and that ``pip install .`` alone does not bring."""
    brought = declared("tfw2v_gensim")
    assert {"tensorflow", "gensim", "scipy", "keras"} <= brought and "scikit-learn" not in brought
    return sorted(
        module
        for module, names in metadata.packages_distributions().items()
        if not brought & {canonicalize_name(name) for name in names}
    )


# What Python imports at its start in every process of the README's: modules of others are then as if not installed
SITE = """
import sys
from importlib.abc import MetaPathFinder

class NotInstalled(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {modules!r}:
            raise ModuleNotFoundError(f"{{name}} comes with an extra alone", name=name)

sys.meta_path.insert(0, NotInstalled())
"""

# The README as one program: its Python shares one namespace, as in a notebook
PROGRAM = """
import json, os, subprocess, sys
namespace = {"__name__": "readme"}
for language, text in json.load(open(sys.argv[1], encoding="utf-8")):
    if language == "python":
        exec(compile(text, "README.md:\\n" + text, "exec"), namespace)
    else:
        subprocess.run(["bash", "-c", text], check=True)
"""


def test_all_blocks_run_where_nothing_but_what_pip_install_brings_can_be_imported(tmp_path, text):
    commands = (
        f'set -eo pipefail\npython() {{ "{sys.executable}" "$@"; }}\ntfw2v() {{ python -m tfw2v_gensim "$@"; }}\n'
    )
    whole = [
        (language, text if language == "python" else f"{commands}\n{INSTALL.sub('', text)}")
        for language, text in blocks()
    ]
    readme, site = tmp_path / "readme", tmp_path / "site"
    readme.mkdir()
    site.mkdir()
    (readme / "corpus.txt").write_text(text, encoding="utf-8")
    (site / "sitecustomize.py").write_text(SITE.format(modules=set(brought_by_nothing())))
    (site / "blocks.json").write_text(json.dumps(whole), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (site, ROOT)))}
    command = [sys.executable, "-c", PROGRAM, site / "blocks.json"]
    ended = subprocess.run(command, cwd=readme, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    missing = [sys.executable, "-c", "import sklearn"]  # it is installed for the tests
    assert (
        "comes with an extra alone" in subprocess.run(missing, env=environment, capture_output=True, text=True).stderr
    )


def test_the_readme_is_short():
    text = README.read_bytes()
    assert len(text) <= LARGEST
    assert text.count(b"\n") <= MOST_LINES


def test_the_package_s_help_names_its_features_and_the_extras_that_they_need():
    import tfw2v_gensim

    text = tfw2v_gensim.__doc__
    for name in re.findall(r":(?:class|mod|meth):`(.+?)`", text):
        assert pydoc.locate(name if name.startswith("tfw2v_gensim") else f"tfw2v_gensim.{name}"), name
    for feature in (
        "save_static",
        "load_static",
        "Word2VecVectorizer",
        "HeldOutLoss",
        "EarlyStopping",
        "intersect_word2",
    ):
        assert feature in text
    extras = re.search(r"tfw2v_gensim\[(.+?)\]", text)[1].split(",")
    optional = (ROOT / "pyproject.toml").read_text().partition("[project.optional-dependencies]")[2]
    assert extras == ["hub", "sklearn"] and all(f"\n{extra} = [" in optional for extra in extras)
    needed = (ROOT / "pyproject.toml").read_text().partition("dependencies = [")[2].partition("]")[0]
    assert not [name for name in ("scikit-learn", "safetensors", "tokenizers") if name in needed]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_what_a_page_refers_to_is_there(page):
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    programs = re.findall(r"\b(?:tests|notebooks)/[\w/]+\.\w+", text)  # named from the root, in commands
    missing = [link for link in links if not (page.parent / link).exists()]
    assert links and not missing + [path for path in programs if not (ROOT / path).exists()]
    explained = {name: pydoc.locate(name) for name in re.findall(r"help\(\"(.+?)\"\)", text)}
    assert not [name for name, thing in explained.items() if thing is None or not thing.__doc__]


def test_each_page_is_reached_from_the_readme_and_shows_all_of_its_folder():
    text = README.read_text(encoding="utf-8")
    for page, kind in zip(PAGES[1:], ("*.py", "*.ipynb"), strict=True):
        assert f"]({page.relative_to(ROOT).as_posix()})" in text
        shown = page.read_text(encoding="utf-8")
        assert [path.name for path in page.parent.glob(kind) if f"]({path.name})" not in shown] == []


def test_the_installed_command_is_the_command_line(monkeypatch):
    module, function = re.search(r'^tfw2v = "(.+):(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE).groups()
    with pytest.raises(SystemExit, match="0"):
        monkeypatch.setattr(sys, "argv", ["tfw2v", "--version"])
        getattr(import_module(module), function)()
