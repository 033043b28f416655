"""What the C library's allocator keeps."""

import platform
import re

import pytest
from processes import python

from tfw2v_gensim.process import allocator

ARENAS = """
import ctypes
def arenas():
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    file = ctypes.c_void_p(libc.fopen(b"/dev/stdout", b"a"))
    libc.malloc_info(0, file)
    libc.fclose(file)
"""

THREADS = """
import threading
from tfw2v_gensim.process.allocator import limit_arenas
limit_arenas(3)
all_there = threading.Barrier(21)
def allocate():
    held = bytearray(1 << 16)
    all_there.wait()
    all_there.wait()
for _ in range(20):
    threading.Thread(target=allocate).start()
all_there.wait()
arenas()
all_there.wait()
"""

TRAIN = """
import os
from gensim.test.utils import common_texts
from tfw2v_gensim import Word2Vec
os.sched_setaffinity(0, [*os.sched_getaffinity(0)][:1])
Word2Vec(common_texts, min_count=1, vector_size=12, epochs=3)
arenas()
"""

FREE = """
import os
from pathlib import Path
from tfw2v_gensim.process.allocator import give_memory_back
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
held = [bytes(1 << 14) for _ in range(1 << 12)]
few = held[:: 1 << 8]  # between them lies what can only be given back by asking
del held
before = resident()
give_memory_back()
print(before - resident())
"""


pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of glibc's allocator")


def output_of(program, **environment):
    """What a program prints where nothing else sets the allocator."""
    ended = python(program, TFW2V_CACHE="", **environment)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def arenas_of(program, **environment):
    """How many arenas a program ends with."""
    return len(re.findall("<heap nr=", output_of(ARENAS + program, **environment)))


def test_many_threads_share_a_few_arenas():
    assert arenas_of(THREADS) == 3


def test_what_the_user_has_said_of_arenas_holds():
    assert arenas_of(THREADS, MALLOC_ARENA_MAX="5") == 5
    assert arenas_of(THREADS, GLIBC_TUNABLES="glibc.malloc.arena_max=6") == 6


def test_a_training_has_no_more_arenas_than_the_process_may_use_cores():
    assert arenas_of(TRAIN) == 1 < arenas_of(TRAIN, MALLOC_ARENA_MAX="100")


def test_memory_that_is_free_goes_back():
    assert int(output_of(FREE)) > 32 << 20  # of 64 MiB


def test_another_c_library_is_left_alone():
    allocator.call("no_such_function", 1)
