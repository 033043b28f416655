"""The folder in which compiled code is kept: what is removed there, and when there is none."""

import errno
import os
from pathlib import Path

import pytest

from tfw2v_gensim.process import compiled_code as compiled_code_module
from tfw2v_gensim.process.compiled_code import CompiledCode, chosen_folder, drop_oldest


@pytest.fixture(autouse=True)
def unset(monkeypatch):
    for name in ("TF_XLA_FLAGS", "TFW2V_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)


def a_file(path, age=0, size=10):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (1e9 - age, 1e9 - age))
    return path


def names_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_users_own_files_stay_in_the_folder_that_he_names(tmp_path, monkeypatch):
    monkeypatch.setenv("TFW2V_CACHE", str(tmp_path))
    monkeypatch.setattr(compiled_code_module, "LARGEST", 25)
    theirs = [
        a_file(tmp_path / name, age=1000, size=1000)
        for name in ("thesis.txt", "data/corpus.txt", "data/xla_compile_cache__1.pb", "tfw2v_gensim/notes/notes.txt")
    ]
    outside = a_file(tmp_path / "outside" / "xla_compile_cache__1.pb", age=1000, size=1000)
    (tmp_path / "tfw2v_gensim" / "link").symlink_to(outside.parent)
    code = CompiledCode()
    code.prepare()
    ours = [a_file(code.folder / f"xla_compile_cache__{age}__1__XLA_CPU_JIT.pb", age) for age in range(4)]
    (code.folder / "xla_compile_cache__link.pb").symlink_to(outside)
    monkeypatch.setattr(drop_oldest, "__defaults__", (25,))
    assert CompiledCode().prepare()
    assert all(file.exists() for file in (*theirs, outside))
    assert [file.exists() for file in ours] == [True, True, False, False]
    assert code.empty() and not code.files()
    assert all(file.exists() for file in (*theirs, outside))


def test_what_is_left_half_written_goes_too(tmp_path):
    a_file(tmp_path / "version" / "xla_compile_cache__1.pbhost-1.tmp", age=10)
    a_file(tmp_path / "version" / "xla_compile_cache__2.pb")
    drop_oldest(tmp_path, largest=15)
    assert names_in(tmp_path) == ["version/xla_compile_cache__2.pb"]


def test_a_folder_that_is_itself_a_link_is_not_cleared(tmp_path):
    file = a_file(tmp_path / "elsewhere" / "version" / "xla_compile_cache__1.pb")
    (tmp_path / "tfw2v_gensim").symlink_to(tmp_path / "elsewhere")
    drop_oldest(tmp_path / "tfw2v_gensim", largest=0)
    assert file.exists()


def test_a_path_with_blanks_and_quotes_is_quoted(tmp_path, monkeypatch):
    monkeypatch.setenv("TFW2V_CACHE", str(tmp_path / 'my "own" folder'))
    monkeypatch.setenv("TF_XLA_FLAGS", "--tf_xla_auto_jit=0")
    first, _, named = CompiledCode().prepare().partition(" --tf_xla_persistent_cache_directory=")
    assert first == "--tf_xla_auto_jit=0"
    assert named.startswith(f'"{tmp_path}/my \\"own\\" folder/tfw2v_gensim/') and named.endswith('"')


@pytest.mark.parametrize("flags", ["flags.txt", "--tf_xla_persistent_cache_directory=/theirs"])
def test_flags_in_a_file_and_a_cache_of_the_users_are_left_alone(tmp_path, monkeypatch, flags):
    monkeypatch.setenv("TFW2V_CACHE", str(tmp_path))
    monkeypatch.setenv("TF_XLA_FLAGS", flags)
    assert CompiledCode().prepare() is None
    assert names_in(tmp_path) == []


def test_without_a_folder_to_write_to_nothing_is_kept(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    for chosen in ("", str(tmp_path / "file")):
        monkeypatch.setenv("TFW2V_CACHE", chosen)
        assert CompiledCode().prepare() is None


def test_a_user_without_a_home_keeps_nothing_and_gets_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    assert chosen_folder() is None
    assert CompiledCode().prepare() is None
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="room cannot be probed here")
@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_keeps_nothing_and_the_probe_leaves_nothing(tmp_path, monkeypatch, reason):
    def full(*_):
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setenv("TFW2V_CACHE", str(tmp_path))
    monkeypatch.setattr(os, "posix_fallocate", full)
    code = CompiledCode()
    assert code.prepare() is None and code.folder is None
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("line", ["flags\t\t: fpu avx2", "Features\t: fp asimd"])
def test_compiled_code_depends_on_the_features_of_processors_of_intels_and_of_arms_kind(tmp_path, line):
    processors = tmp_path / "cpuinfo"
    processors.write_text(f"processor\t: 0\n{line}\n")
    assert compiled_code_module.compiler(processors)[-1] == line
