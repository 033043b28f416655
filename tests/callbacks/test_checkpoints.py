"""Checkpoint files: whole or not at all, and a broken one is told."""

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest
from cutting import assert_same, cut_off, train

from tfw2v_gensim.callbacks.checkpoints import Checkpoints

pytestmark = pytest.mark.usefixtures("a_checkpoint_after_every_round", "several_rounds")


def newest(folder):
    return Checkpoints(folder, 0).load()[1]


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_checkpoint_is_told_and_the_one_before_it_is_taken(articles, tmp_path, caplog, seed):
    unbroken = train(articles)
    cut_off(articles, tmp_path, 4)
    path, generator = newest(tmp_path), np.random.default_rng(seed)
    content = bytearray(path.read_bytes())
    if seed % 2:
        content = content[: generator.integers(len(content))]
    else:  # somewhere in the vectors: not all of an archive's own bytes say anything
        content[content.find(b"vectors.npy") + 200 + generator.integers(1000)] ^= 1 << generator.integers(8)
    path.write_bytes(content)
    assert_same(train(articles, checkpoint=tmp_path), unbroken)
    assert f"broken checkpoint {path}" in caplog.text


def test_without_a_whole_checkpoint_nothing_is_trained(articles, tmp_path):
    cut_off(articles, tmp_path, 4)
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match=r"no whole checkpoint, .*train-0\.0\.npz .*train-0\.1\.npz"):
        train(articles, checkpoint=tmp_path)


def test_checkpoints_hold_no_pickle(articles, tmp_path):
    train(articles, checkpoint=tmp_path, shared_softmax=False)
    with np.load(newest(tmp_path), allow_pickle=False) as arrays:
        read = {name: arrays[name] for name in arrays.files}
    assert set(read) == {"vectors", "syn1neg", "count", "words", "state"}
    assert json.loads(read["state"].tobytes())["epoch"] == 3


def test_when_the_disk_is_full_the_former_checkpoint_stays(articles, tmp_path, monkeypatch):
    unbroken = train(articles)
    cut_off(articles, tmp_path, 3)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    def fill_the_disk(path, **_):
        Path(path).write_text("half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(np, "savez", fill_the_disk)
        with pytest.raises(OSError, match=r"cannot write checkpoint .*npz: No space left on device"):
            train(articles, checkpoint=tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert_same(train(articles, checkpoint=tmp_path), unbroken)


def test_a_file_system_that_takes_no_more_is_told_and_the_former_checkpoint_stays(articles, tmp_path):
    resource = pytest.importorskip("resource")
    cut_off(articles, tmp_path, 3)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1]))
    try:
        with pytest.raises(OSError, match=r"cannot write checkpoint .*npz: File too large"):
            train(articles, checkpoint=tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
