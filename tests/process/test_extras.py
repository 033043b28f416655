import sys

import pytest

from tfw2v_gensim import KeyedVectors
from tfw2v_gensim.process.extras import extra


def test_an_import_that_finds_its_package_is_left_alone():
    with extra("hub"):
        import json
    assert json


def test_other_errors_pass_as_they_are():
    with pytest.raises(ZeroDivisionError), extra("hub"):
        1 / 0  # noqa: B018


@pytest.mark.parametrize("missing", ["safetensors", "tokenizers"])
def test_a_missing_package_is_named_with_the_command_that_installs_it(missing, trained, tmp_path, monkeypatch):
    for name in {missing, *(name for name in sys.modules if name.startswith(f"{missing}."))}:
        monkeypatch.setitem(sys.modules, name, None)
    command = rf'^{missing} is not installed: pip install "tfw2v_gensim\[hub\]"$'
    with pytest.raises(ModuleNotFoundError, match=command):
        trained.wv.save_static(tmp_path / "folder")
    assert not list(tmp_path.iterdir())
    if missing == "safetensors":
        with pytest.raises(ModuleNotFoundError, match=command):
            KeyedVectors.load_static(tmp_path)
