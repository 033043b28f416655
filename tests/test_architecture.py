"""The floor plan: imports go down only, files are small, TensorFlow is for training, tests mirror the package."""

import ast
from pathlib import Path

import pytest

import tfw2v_gensim

PACKAGE = Path(tfw2v_gensim.__file__).parent


def name_of(path):
    """``model.hooks`` for model/hooks.py, ``model`` for model/__init__.py, "" for the package's own."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


TREES = {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}

# From the top of the house to its cellar: a file imports from files after it only, and so does a folder
FLOORS = [
    "__main__", "command_line", "sklearn", "", "patching", "word2vec", "model.conversion", "model.predictions",
    "model.hooks", "model.counting", "model.jobs", "model.vocabulary", "model.arguments", "model",
    "callbacks.resuming", "callbacks", "callbacks.stopping", "callbacks.held_out", "callbacks.progress",
    "callbacks.checkpoints", "distribution", "training.epoch", "training.side_by_side", "training.replicas",
    "training.programs", "training.step", "training.losses", "training.memory", "training.plan", "training.rates",
    "training.probabilities", "training.merging", "training.machines", "training.blocks", "training.noise",
    "training.position", "training.subsampling", "training.weights", "training.objectives", "training",
    "keyedvectors", "exports", "exports.keras", "exports.projector", "exports.static", "text.encoding",
    "text.numbering", "text.words", "text.ahead", "text.neighbours", "text.corpora", "text", "process.starting",
    "process.compiled_code", "process.keras_later", "process.environment", "process.cores", "process.extras",
    "process.files", "process.interruption", "process",
]  # fmt: skip

FOLDERS = ["model", "callbacks", "training", "exports", "text", "process"]

WITH_TENSORFLOW = {f"training.{name}" for name in ("epoch", "side_by_side", "replicas", "programs", "step", "losses")}

# First pages of folders, which hold no code
WITHOUT_TESTS_OF_THEIR_OWN = {"", "exports", "model", "training", "text", "process"}

# Tests of no single file of the package
OF_NO_ROOM = {"architecture", "benchmarks", "docstrings", "gensim_contract"}

MOST_ENTRIES = 15

MOST_LINES = {"file": 350, "class": 300, "function": 50}

TOP_LEVEL = {"pyproject.toml", "README.md", "LICENSE", "tfw2v_gensim", "tests", "notebooks"}


def test_the_top_level_holds_nothing_that_does_not_belong_there():
    built = {"build", "tfw2v_gensim.egg-info", "__pycache__"}  # by pip and Python
    found = {path.name for path in Path(__file__).parents[1].iterdir() if not path.name.startswith(".")}
    assert found - built == TOP_LEVEL


def imported_by(nodes):
    """Names of modules that import statements name: files of this package by their own names."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_among(modules):
    """Which files of this package are among modules and names in modules."""
    for module in modules:
        if module.partition(".")[0] == "tfw2v_gensim":
            parts = module.split(".")[1:]
            while parts and ".".join(parts) not in TREES:
                parts.pop()
            yield ".".join(parts)


def run_at_import(body):
    """Statements that run when a module is imported: no function's, and none for type checkers only."""
    for node in body:
        yield node
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from run_at_import(ast.iter_child_nodes(node))


def test_every_file_is_on_the_floor_plan():
    assert sorted(FLOORS) == sorted(TREES)


def test_folders_are_floors_too():
    """Their files are together on the plan, so that no arrow between two folders goes up."""
    folders = [room.partition(".")[0] for room in FLOORS]
    together = [folder for folder, before in zip(folders, [None, *folders], strict=False) if folder != before]
    assert [folder for folder in together if folder in FOLDERS] == FOLDERS
    assert {path.parent.name for path in PACKAGE.rglob("*.py")} == {PACKAGE.name, *FOLDERS}


def test_the_package_shows_few_names():
    shown = {path.name for path in PACKAGE.iterdir() if path.name != "__pycache__"}
    assert len(shown) <= MOST_ENTRIES, sorted(shown)


@pytest.mark.parametrize("room", FLOORS)
def test_imports_go_down_only(room):
    """Those within functions and for type checkers too; so there is no circle."""
    above = FLOORS[: FLOORS.index(room) + 1]
    assert not set(rooms_among(imported_by(ast.walk(TREES[room])))) & set(above)


def test_only_training_code_imports_tensorflow_when_it_is_imported():
    imports = {room: set(imported_by(run_at_import(tree.body))) for room, tree in TREES.items()}
    reaching = {
        room for room, names in imports.items() if {"tensorflow", "keras"} & {name.split(".")[0] for name in names}
    }
    assert reaching
    for room in reversed(FLOORS):
        if reaching & set(rooms_among(imports[room])):
            reaching.add(room)
    assert reaching == WITH_TENSORFLOW


def lines_of(node):
    """Lines of a function's or class's body: neither its signature, which may be gensim's, nor its docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return node.end_lineno - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("room", FLOORS)
def test_files_classes_and_functions_are_small(room):
    path = PACKAGE.joinpath(*room.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES["file"]
    kinds = {"class": ast.ClassDef, "function": (ast.FunctionDef, ast.AsyncFunctionDef)}
    for kind, of_kind in kinds.items():
        sizes = {node.name: lines_of(node) for node in ast.walk(TREES[room]) if isinstance(node, of_kind)}
        assert {name: size for name, size in sizes.items() if size > MOST_LINES[kind]} == {}


def test_tests_mirror_the_package():
    tests = Path(__file__).parent
    elsewhere = {"whole", "clients", "benchmarks"}
    found = {
        ".".join((*path.relative_to(tests).parts[:-1], path.stem.removeprefix("test_")))
        for path in tests.rglob("test_*.py")
        if path.relative_to(tests).parts[0] not in elsewhere
    }
    of_folder = {"callbacks": "callbacks.callbacks", "__main__": "main"}
    expected = {of_folder.get(room, room) for room in set(TREES) - WITHOUT_TESTS_OF_THEIR_OWN}
    assert found - OF_NO_ROOM == expected
