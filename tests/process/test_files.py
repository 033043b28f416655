"""Files that appear whole or not at all."""

import os
from pathlib import Path

import pytest

from tfw2v_gensim.process.files import write_whole


def test_what_fails_half_way_leaves_the_former_file_and_nothing_else(tmp_path):
    target = tmp_path / "vectors"
    target.write_text("former")

    def write(path):
        Path(path).write_text("half")
        Path(path + ".npy").write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_whole(target, write)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"vectors": "former"}


def test_what_is_written_beside_goes_beside_the_target(tmp_path):
    def write(path):
        for name in (path, path + ".npy"):
            Path(name).write_text(os.path.basename(name))

    write_whole(tmp_path / "model", write)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"model": "model", "model.npy": "model.npy"}


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_whole(tmp_path / "link", lambda path: Path(path).write_text("new"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"


def test_devices_are_written_as_they_are():
    given = []
    write_whole("/dev/null", given.append)
    assert given == ["/dev/null"]
