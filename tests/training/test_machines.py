"""A machine that trains alone, and what of a text one of several trains."""

import numpy as np
import pytest

from tfw2v_gensim.training.machines import Machines, Rank


def test_a_machine_alone_sums_what_it_has_and_ends_when_it_has_nothing_left():
    arrays = np.ones(3), np.ones((3, 2))
    alone = Machines(["GPU:0", "GPU:1"])
    assert alone.rank == Rank(0, 1) and alone.devices == ["GPU:0", "GPU:1"]
    assert alone.sum_arrays(*arrays) == arrays and alone.sum_scalars(1, 2.5) == (1, 2.5)
    assert alone.broadcast("text", arrays) == ("text", arrays)
    assert alone.next_round(None) is None


@pytest.mark.parametrize("machines", [1, 2, 3])
def test_each_slab_and_each_sentence_is_one_machines(machines):
    slabs, sentences = [], []
    for worker in range(machines):
        machine = Machines()
        machine.rank = Rank(worker, machines)
        slabs += machine.share_slabs(iter(range(10)))
        sentences += machine.share([[str(number)] for number in range(10)])
    assert sorted(slabs) == [*range(10)] and slabs[:2] == [0, machines]
    assert sorted(sentences) == [[str(number)] for number in range(10)]
