"""What docstrings refer to is there, and pages made of them lead to it."""

import ast
import builtins
import inspect
import pydoc
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

import tfw2v_gensim

ROOT = Path(__file__).parents[1]

MODULES = sorted(
    ".".join(part for part in path.relative_to(ROOT).with_suffix("").parts if part != "__init__")
    for path in Path(tfw2v_gensim.__file__).parent.rglob("*.py")
)

ROLE = re.compile(r":([a-z]+):`([^`]+)`")


def docstrings(module):
    """Each docstring of a module, and the name of its class, if it is one's or a method's."""
    tree = ast.parse(inspect.getsource(pydoc.locate(module)))
    definitions = ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef
    of_classes = {
        id(node): each.name for each in ast.walk(tree) if isinstance(each, ast.ClassDef) for node in (each, *each.body)
    }
    for node in (tree, *(node for node in ast.walk(tree) if isinstance(node, definitions))):
        yield ast.get_docstring(node) or "", of_classes.get(id(node))


def attributes_of(kind):
    """Names that a class documents as its attributes, which only its instances have."""
    bases = [base for base in inspect.getmro(kind) if base.__module__.startswith("tfw2v_gensim")]
    return {
        name
        for base in bases
        for section in re.findall(r"^ *Attributes\n *-+\n(.*?)(?=\n *\w+\n *---|\Z)", base.__doc__ or "", re.M | re.S)
        for names in re.findall(r"^ *(\w+(?:, \w+)*) *(?:: .*)?$", section, re.M)
        for name in names.split(", ")
    }


def is_there(target, module, of_class):
    """Whether a role's target can be imported: as it stands, or from its module or its class."""
    scopes = [module, *([f"{module}.{of_class}"] if of_class else [])]
    if any(pydoc.locate(name) is not None for name in (target, *(f"{scope}.{target}" for scope in scopes))):
        return True
    return hasattr(builtins, target) or bool(of_class and target in attributes_of(pydoc.locate(scopes[-1])))


@pytest.mark.parametrize("module", MODULES)
def test_what_a_docstring_refers_to_is_there(module):
    roles = [(target, of_class) for text, of_class in docstrings(module) for _, target in ROLE.findall(text)]
    assert [target for target, of_class in roles if not is_there(target, module, of_class)] == []


def test_some_docstrings_refer_to_something_and_a_target_that_is_missing_is_told():
    assert sum(len(ROLE.findall(text)) for module in MODULES for text, _ in docstrings(module)) > 50
    assert is_there("train", "tfw2v_gensim.word2vec", "Word2Vec")
    assert is_there("history", "tfw2v_gensim.word2vec", "Word2Vec")
    assert not is_there("trane", "tfw2v_gensim.word2vec", "Word2Vec")
    assert not is_there("tfw2v_gensim.missing", "tfw2v_gensim", None)


class Page(HTMLParser):
    """Links of a page, its places that links may lead to, and code that stands in no link."""

    def __init__(self, text):
        super().__init__()
        self.links, self.places, self.unlinked = [], set(), []
        self.open = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.places.add(attributes.get("id"))
        if tag == "a":
            self.links.append(attributes.get("href", ""))
        if tag in ("a", "code"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            self.open.remove(tag)

    def handle_data(self, data):
        if self.open == ["code"]:
            self.unlinked.append(data)


@pytest.mark.slow
def test_pages_lead_to_all_that_they_refer_to(tmp_path):
    """As .ci/docs builds them: every name of this package is a link, and other pages have what is linked."""
    pytest.importorskip("pdoc")
    built = subprocess.run([ROOT / ".ci" / "docs", tmp_path], capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    texts = {path: path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.html")}
    pages = {path: Page(text) for path, text in texts.items()}
    documented = {".".join(path.relative_to(tmp_path).with_suffix("").parts) for path in pages}
    assert documented - {"index"} == set(MODULES) - {"tfw2v_gensim.__main__"}
    for path, page in pages.items():
        assert not ROLE.search(texts[path]), path
        assert [name for name in page.unlinked if re.match(r"~?tfw2v_gensim\.", name)] == [], path
        for link in page.links:
            file, _, place = link.partition("#")
            if file and "://" not in link:  # within its page, pdoc links attributes of gensim's that it does not show
                target = pages[(path.parent / file).resolve()]
                assert not place or place in target.places, f"{path}: {link}"
