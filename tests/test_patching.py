"""This package's Word2Vec in gensim's place: see tfw2v_gensim/patching.py."""

import abc
import copy
import importlib
import logging
import os
import pickle
import subprocess
import sys
import types

import gensim
import numpy as np
import pytest
from gensim import utils
from gensim.models import Doc2Vec, FastText, KeyedVectors
from gensim.models import Word2Vec as GensimWord2Vec
from gensim.models.doc2vec import TaggedDocument
from gensim.test.utils import common_texts

import tfw2v_gensim
from tfw2v_gensim import patch_gensim, patching, unpatch_gensim
from tfw2v_gensim.command_line import main

SMALL = {"vector_size": 8, "min_count": 1, "epochs": 2, "workers": 1}


# these tests, too, have imported gensim's class before
pytestmark = pytest.mark.filterwarnings("ignore:gensim's own Word2Vec was imported before")


@pytest.fixture
def patched():
    with patch_gensim():
        yield


@pytest.fixture(autouse=True)
def gensim_as_it_was():
    yield
    unpatch_gensim()
    assert gensim.models.Word2Vec is gensim.models.word2vec.Word2Vec is GensimWord2Vec


@pytest.fixture
def plain():
    return GensimWord2Vec(common_texts, **SMALL)


def in_a_process(*arguments, **options):
    options = {"capture_output": True, "text": True, **options}
    return subprocess.run([sys.executable, *map(str, arguments)], **options)


def test_every_way_to_the_name_leads_to_our_class(patched):
    from gensim import models
    from gensim.models import Word2Vec as FromModels
    from gensim.models import word2vec
    from gensim.models.word2vec import Word2Vec as FromModule

    everything = {}
    exec("from gensim.models.word2vec import *", everything)
    ways = [
        FromModels, FromModule, models.Word2Vec, word2vec.Word2Vec, gensim.models.Word2Vec,
        gensim.models.word2vec.Word2Vec, getattr(importlib.import_module("gensim.models"), "Word2Vec"),  # noqa: B009
        everything["Word2Vec"],
    ]  # fmt: skip
    assert all(way is patching.Word2Vec for way in ways)
    assert patching.Word2Vec.__bases__ == (tfw2v_gensim.Word2Vec,)
    assert type(models.Word2Vec(common_texts, **SMALL)) is models.Word2Vec


def test_a_patched_constructor_trains_as_this_package_does(patched):
    ours = tfw2v_gensim.Word2Vec(common_texts, **SMALL)
    assert np.array_equal(gensim.models.Word2Vec(common_texts, **SMALL).wv.vectors, ours.wv.vectors)


def test_models_are_saved_and_loaded(patched, tmp_path):
    path = str(tmp_path / "model")
    model = gensim.models.Word2Vec(common_texts, **SMALL)
    model.save(path)
    for load in (gensim.models.Word2Vec.load, gensim.models.word2vec.Word2Vec.load):
        loaded = load(path)
        assert type(loaded) is type(model)
        assert loaded.shared_softmax and np.array_equal(loaded.wv.vectors, model.wv.vectors)
        assert loaded.train(common_texts, total_examples=9, epochs=1)[1] == 29
    unpatch_gensim()
    assert type(GensimWord2Vec.load(path)) is GensimWord2Vec
    assert type(tfw2v_gensim.Word2Vec.load(path)) is tfw2v_gensim.Word2Vec


def test_a_file_saved_while_patched_opens_where_this_package_is_missing(patched, tmp_path):
    path = str(tmp_path / "model")
    gensim.models.Word2Vec(common_texts, **SMALL).save(path)
    program = (
        f"import sys, gensim; m = gensim.models.Word2Vec.load({path!r}); print(type(m), 'tfw2v_gensim' in sys.modules)"
    )
    assert in_a_process("-c", program).stdout == "<class 'gensim.models.word2vec.Word2Vec'> False\n"


def test_models_that_gensim_saved_are_loaded_as_ours(plain, tmp_path, patched):
    path = str(tmp_path / "model")
    utils.SaveLoad.save(plain, path, sep_limit=10)  # arrays in files of their own, as in large models
    assert len(os.listdir(tmp_path)) > 1
    loaded = gensim.models.Word2Vec.load(path)
    assert type(loaded) is gensim.models.Word2Vec
    assert not loaded.shared_softmax
    assert np.array_equal(loaded.syn1neg, plain.syn1neg)
    assert loaded.train(common_texts, total_examples=9, epochs=1)[1] == 29


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_models_are_pickled_and_copied(patched, plain, protocol):
    for model in (gensim.models.Word2Vec(common_texts, **SMALL), plain):
        for twin in (pickle.loads(pickle.dumps(model, protocol)), copy.deepcopy(model), copy.copy(model)):
            assert type(twin) is type(model)
            assert np.array_equal(twin.wv.vectors, model.wv.vectors)
            assert np.array_equal(twin.syn1neg, model.syn1neg)
            assert twin.train(common_texts, total_examples=9, epochs=1)[1] == 29
    assert pickle.loads(pickle.dumps(GensimWord2Vec, protocol)) is GensimWord2Vec
    assert pickle.loads(pickle.dumps(gensim.models.Word2Vec, protocol)) is gensim.models.Word2Vec


@pytest.mark.parametrize("module", [pickle, types.SimpleNamespace(dumps=pickle._dumps, loads=pickle._loads)])
def test_pickles_of_gensims_models_become_ours(plain, module):
    pickled = module.dumps(plain)
    with patch_gensim():
        model = module.loads(pickled)
        assert type(model) is gensim.models.Word2Vec
        assert np.array_equal(model.syn1neg, plain.syn1neg)
        assert model.train(common_texts, total_examples=9, epochs=1)[1] == 29
        again = module.dumps(plain)
    assert type(module.loads(again)) is GensimWord2Vec


class Named(GensimWord2Vec):
    """A subclass of gensim's class, made before patching; the one made after it has the same name."""


def test_a_subclass_that_gensim_saved_is_loaded_as_one_of_ours(tmp_path, monkeypatch):
    path, whole = str(tmp_path / "model"), pickle.dumps(Named(common_texts, **SMALL))
    Named(common_texts, **SMALL).save(path, sep_limit=10)
    with patch_gensim():
        after = types.new_class("Named", (gensim.models.Word2Vec,), {}, lambda space: space.update(__module__=__name__))
        monkeypatch.setattr(sys.modules[__name__], "Named", after)
        for model in (after.load(path), pickle.loads(whole)):
            assert type(model) is after
            assert model.train(common_texts, total_examples=9, epochs=1)[1] == 29


def test_subclasses_keep_their_own_ways_to_save_and_load(patched, tmp_path, monkeypatch):
    from gensim.models import Word2Vec

    class Walks(Word2Vec):
        def __init__(self, texts, extra, **arguments):
            self.extra = extra
            super(Walks, self).__init__(texts, **arguments)  # noqa: UP008

        def save(self, path):
            super().save(path)
            with open(f"{path}.extra", "w") as file:
                file.write(self.extra)

        @classmethod
        def load(cls, path):
            model = super().load(path)
            with open(f"{path}.extra") as file:
                model.extra = file.read()
            return model

    class Explicit(Word2Vec):
        def __init__(self, texts):
            Word2Vec.__init__(self, texts, **SMALL)

        def save(self, *arguments, **named):
            Word2Vec.save(self, *arguments, **named)

    path = str(tmp_path / "model")
    model = Walks(common_texts, "more", **SMALL)
    model.save(path)
    loaded = Walks.load(path)
    assert (type(loaded), loaded.extra) == (Walks, "more")
    assert np.array_equal(loaded.wv.vectors, model.wv.vectors)
    Explicit(common_texts).save(path)
    assert type(Explicit.load(path)) is Explicit
    assert issubclass(Walks, tfw2v_gensim.Word2Vec)


def test_a_subclass_may_have_abstract_base_classes(patched):
    class Named(gensim.models.Word2Vec, abc.ABC):
        @abc.abstractmethod
        def name(self): ...

    class Concrete(Named):
        def name(self):
            return "concrete"

    with pytest.raises(TypeError, match="abstract"):
        Named()
    model = Concrete(common_texts, **SMALL)
    assert isinstance(model, Named) and isinstance(model, gensim.models.Word2Vec)
    assert not isinstance(gensim.models.Word2Vec(), Named)


def test_instances_are_recognised_in_both_directions(patched, plain):
    from gensim.models import Word2Vec

    model = Word2Vec(common_texts, **SMALL)
    for each in (model, plain, tfw2v_gensim.Word2Vec(), FastText(vector_size=2), Doc2Vec(vector_size=2)):
        assert isinstance(each, Word2Vec) and isinstance(each, GensimWord2Vec)
    assert isinstance(model, tfw2v_gensim.Word2Vec) and not isinstance(plain, tfw2v_gensim.Word2Vec)
    assert issubclass(GensimWord2Vec, Word2Vec) and issubclass(Word2Vec, GensimWord2Vec)
    assert issubclass(FastText, Word2Vec) and not issubclass(KeyedVectors, Word2Vec)
    assert not isinstance(model.wv, Word2Vec) and not isinstance(model, FastText)


def test_gensims_other_models_stay_what_they_are(patched, tmp_path):
    for model in (
        FastText(common_texts, **SMALL),
        Doc2Vec([TaggedDocument(text, [i]) for i, text in enumerate(common_texts)], **SMALL),
    ):
        path = str(tmp_path / type(model).__name__)
        model.save(path)
        for twin in (type(model).load(path), gensim.models.Word2Vec.load(path), pickle.loads(pickle.dumps(model))):
            assert type(twin) is type(model)
            assert np.array_equal(twin.wv.vectors, model.wv.vectors)
        assert not isinstance(model, tfw2v_gensim.Word2Vec)


def test_parts_of_gensim_that_are_imported_later_keep_its_class(patched, monkeypatch):
    monkeypatch.delitem(sys.modules, "gensim.topic_coherence.text_analysis")
    assert importlib.import_module("gensim.topic_coherence.text_analysis").Word2Vec is GensimWord2Vec
    monkeypatch.delitem(sys.modules, "gensim.scripts.word2vec_standalone", raising=False)
    assert importlib.import_module("gensim.scripts.word2vec_standalone").Word2Vec is patching.Word2Vec


def test_patching_twice_is_patching_once():
    outer = patch_gensim()
    with patch_gensim():
        pass
    assert gensim.models.Word2Vec is patching.Word2Vec
    patch_gensim()
    unpatch_gensim()
    assert gensim.models.Word2Vec is GensimWord2Vec
    unpatch_gensim()
    with outer:
        pass


def test_unpatching_restores_everything():
    before = (
        [(type(module), dict(vars(module))) for module in (gensim, gensim.models, gensim.models.word2vec)],
        list(sys.meta_path), dict(vars(GensimWord2Vec)), dict(vars(tfw2v_gensim.Word2Vec)),
    )  # fmt: skip
    with patch_gensim():
        assert gensim.models.Word2Vec is not GensimWord2Vec
    after = (
        [(type(module), dict(vars(module))) for module in (gensim, gensim.models, gensim.models.word2vec)],
        list(sys.meta_path), dict(vars(GensimWord2Vec)), dict(vars(tfw2v_gensim.Word2Vec)),
    )  # fmt: skip
    assert after == before


def test_unpatching_follows_an_error():
    with pytest.raises(KeyError), patch_gensim():
        raise KeyError
    assert gensim.models.Word2Vec is GensimWord2Vec


def test_a_warning_names_the_modules_that_have_gensims_class_already(monkeypatch):
    client = types.ModuleType("a_client")
    exec("from gensim.models.word2vec import Word2Vec as W2V", vars(client))
    monkeypatch.setitem(sys.modules, "a_client", client)
    late = types.ModuleType("a_late_client")
    exec("import gensim\nfrom gensim.models import word2vec", vars(late))  # modules that only hold gensim's modules
    monkeypatch.setitem(sys.modules, "a_late_client", late)
    with pytest.warns(UserWarning, match="imported before patch_gensim, and stays, in: ") as warned:
        patch_gensim()
    named = str(warned[0].message).partition("in: ")[2].split(", ")
    assert warned[0].filename == __file__
    assert {"a_client", __name__} <= set(named)
    assert not any(name.startswith(("gensim", "tfw2v_gensim", "a_late_client")) for name in named)
    assert client.W2V is GensimWord2Vec
    assert (
        eval("gensim.models.Word2Vec is word2vec.Word2Vec", vars(late)) and late.word2vec.Word2Vec is patching.Word2Vec
    )


def test_a_subclass_made_before_is_named_in_the_warning(monkeypatch):
    with pytest.warns(UserWarning, match="a_module_of_walks"):
        subclass = types.new_class(
            "Walks", (GensimWord2Vec,), {}, lambda space: space.update(__module__="a_module_of_walks")
        )
        patch_gensim()
    assert not issubclass(subclass, tfw2v_gensim.Word2Vec)


def test_patching_says_so_in_one_line(patched, caplog):
    unpatch_gensim()
    with caplog.at_level(logging.INFO, logger="tfw2v_gensim"), pytest.warns(UserWarning):
        patch_gensim()
        patch_gensim()
    assert [record.getMessage() for record in caplog.records] == [
        "tfw2v_gensim's Word2Vec stands in the place of gensim's"
    ]


def test_what_others_put_there_meanwhile_is_found(patched, monkeypatch):
    with monkeypatch.context() as change:
        change.setattr(gensim.models, "Word2Vec", dict)
        assert gensim.models.Word2Vec is dict
    assert gensim.models.Word2Vec is patching.Word2Vec
    assert vars(gensim.models)["Word2Vec"] is GensimWord2Vec


def test_a_patched_module_that_is_unloaded_is_not_loaded_again_unpatched(patched, monkeypatch):
    monkeypatch.delitem(sys.modules, "gensim.models.word2vec")
    with pytest.raises(ImportError, match=r"^gensim\.models\.word2vec was unloaded or loaded again .* new process$"):
        importlib.import_module("gensim.models.word2vec")


def test_patching_beside_a_second_gensim_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "gensim.models", types.ModuleType("gensim.models"))
    with pytest.raises(patching.GensimReloadedError, match=r"^gensim\.models was unloaded or loaded again"):
        patch_gensim()
    assert not patching.is_patched()


def test_a_reload_that_brings_a_second_class_is_found_out():
    program = """
import importlib, gensim, tfw2v_gensim
tfw2v_gensim.patch_gensim()
importlib.reload(gensim.models)
print(gensim.models.Word2Vec.__module__)
importlib.reload(gensim.models.word2vec)
from gensim.models.word2vec import Word2Vec
"""
    done = in_a_process("-c", program)
    assert done.stdout == "tfw2v_gensim.patching\n"
    assert done.stderr.splitlines()[-1].endswith("had been imported: start a new process")


def test_patching_imports_no_tensorflow():
    program = "import sys, tfw2v_gensim; tfw2v_gensim.patch_gensim(); print('tensorflow' in sys.modules)"
    done = in_a_process("-W", "error", "-c", program)
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_notebooks_load_it_as_an_extension():
    shell = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell()
    shell.run_line_magic("load_ext", "tfw2v_gensim")
    cell = "from gensim.models import Word2Vec; import gensim; found = Word2Vec, gensim.models.word2vec.Word2Vec"
    assert shell.run_cell(cell).success
    assert shell.user_ns["found"] == (patching.Word2Vec, patching.Word2Vec)
    shell.run_line_magic("unload_ext", "tfw2v_gensim")
    assert not patching.is_patched()


SCRIPT = """
import json, os, sys
import gensim, neighbour
from gensim.models import Word2Vec

class Here(Word2Vec):
    pass

if __name__ == "__main__":
    import pickle
    print(json.dumps([Word2Vec.__module__, sys.argv, sys.path[0], __file__, pickle.loads(pickle.dumps(Here)) is Here]))
    sys.exit(int(sys.argv[1]))
"""


@pytest.fixture
def script(tmp_path):
    (tmp_path / "neighbour.py").write_text("from gensim.models import Word2Vec")
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    return path


def run(*arguments, **options):
    return in_a_process("-m", "tfw2v_gensim", "run", *arguments, **options)


@pytest.mark.slow
@pytest.mark.parametrize("status", [0, 1, 5])
def test_run_runs_a_script_as_python_does(script, status):
    expected = in_a_process(script, status, "-m", "--flag", "with blanks")
    found = run(script, status, "-m", "--flag", "with blanks")
    assert found.stdout == expected.stdout.replace("gensim.models.word2vec", "tfw2v_gensim.patching")
    assert (found.returncode, found.stderr) == (expected.returncode, expected.stderr) == (status, "")


@pytest.mark.slow
@pytest.mark.parametrize("module", ["script", "package", "package.script"])
def test_run_runs_a_module_as_python_does(script, tmp_path, module):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("from gensim.models import Word2Vec")
    for name in ("script", "__main__"):
        (tmp_path / "package" / f"{name}.py").write_text(SCRIPT)
    expected = in_a_process("-m", module, 3, "--flag", cwd=tmp_path)
    found = run("-m", module, 3, "--flag", cwd=tmp_path)
    assert found.stdout == expected.stdout.replace("gensim.models.word2vec", "tfw2v_gensim.patching")
    assert (found.returncode, found.stderr) == (expected.returncode, expected.stderr) == (3, "")


@pytest.mark.slow
def test_run_runs_a_folder_and_a_gensim_script(script, tmp_path):
    script.rename(tmp_path / "__main__.py")
    expected, found = in_a_process(tmp_path, 4), run(tmp_path, 4)
    assert found.stdout == expected.stdout.replace("gensim.models.word2vec", "tfw2v_gensim.patching")
    assert found.returncode == expected.returncode == 4
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("".join(" ".join(text) + "\n" for text in common_texts))
    flags = ["-train", corpus, "-output", tmp_path / "vectors", "-size", "4", "-min_count", "1", "-iter", "1"]
    assert run("-m", "gensim.scripts.word2vec_standalone", *flags).returncode == 0
    assert len(KeyedVectors.load_word2vec_format(tmp_path / "vectors")) == 12


@pytest.mark.slow
def test_run_lets_errors_of_the_program_through(tmp_path):
    path = tmp_path / "script.py"
    path.write_text("open('no such file')")
    found = run(path)
    assert found.returncode == 1
    assert found.stderr.splitlines()[-1] == "FileNotFoundError: [Errno 2] No such file or directory: 'no such file'"


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "usage: tfw2v run SCRIPT ARGUMENTS..., or tfw2v run -m MODULE ARGUMENTS..."),
        (["-m"], "usage: tfw2v run SCRIPT ARGUMENTS..., or tfw2v run -m MODULE ARGUMENTS..."),
        (["--help"], "usage: tfw2v run SCRIPT ARGUMENTS..., or tfw2v run -m MODULE ARGUMENTS..."),
        (["nowhere.py", "--flag"], "cannot run nowhere.py: No such file or directory"),
        (["-m", "nowhere"], "cannot run nowhere: no such module, or a package without __main__"),
        (["-m", "nowhere.at_all"], "cannot run nowhere.at_all: No module named 'nowhere'"),
        (["-m", "json"], "cannot run json: no such module, or a package without __main__"),
    ],
)
def test_run_says_in_one_line_what_it_cannot_run(arguments, message, capsys, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "argv", [*sys.argv])
    assert main(["run", *arguments]) == 2
    assert capsys.readouterr().err == f"tfw2v: error: {message}\n"


@pytest.mark.slow
def test_run_refuses_a_program_with_a_gensim_of_its_own(script, tmp_path):
    (tmp_path / "gensim").mkdir()
    (tmp_path / "gensim" / "__init__.py").write_text("")
    found = run(script, 0)
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr == (
        f"tfw2v: error: {script} would import {tmp_path / 'gensim' / '__init__.py'}, but this package is made from "
        f"{gensim.__file__}\n"
    )


@pytest.mark.slow
def test_run_tells_in_one_line_that_gensim_was_unloaded(tmp_path):
    path = tmp_path / "script.py"
    path.write_text("import sys, gensim\nfor name in [*sys.modules]:\n    if 'gensim' in name: del sys.modules[name]\n"
                    "from gensim.models import Word2Vec\n")  # fmt: skip
    found = run(path)
    assert found.returncode == 2
    assert found.stderr == (
        "tfw2v: error: gensim.models was unloaded or loaded again after tfw2v_gensim had been imported: "
        "start a new process\n"
    )
