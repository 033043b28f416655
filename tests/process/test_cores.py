"""The cores that a process may use: those it is bound to, and what its container may take of them."""

import math
import os

import pytest

from tfw2v_gensim.process import cores as cores_module
from tfw2v_gensim.process.cores import cores, quota


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processes cannot be bound to cores here")
def test_only_the_cores_that_the_process_may_use_are_counted():
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)


@pytest.mark.parametrize(
    "files, expected",
    [
        ({"cpu.max": "150000 100000\n"}, 1.5),
        ({"cpu.max": "max 100000\n"}, math.inf),
        ({"cpu/cpu.cfs_quota_us": "50000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 0.5),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, math.inf),
        ({"cpu.max": "nonsense"}, math.inf),
        ({}, math.inf),
    ],
)
def test_a_containers_quota_is_read_in_both_versions_of_control_groups(tmp_path, files, expected):
    (tmp_path / "cpu").mkdir()
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    assert quota(tmp_path) == expected


@pytest.mark.parametrize("of_container, counted", [(0.5, 1), (1.5, 2), (math.inf, 16), (64.0, 16)])
def test_the_smaller_of_both_counts_and_a_started_core_is_one(monkeypatch, of_container, counted):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(16), raising=False)
    monkeypatch.setattr(cores_module, "quota", lambda: of_container)
    assert cores() == counted
