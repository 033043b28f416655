"""Other trainers' programs, fetched from their authors and compiled; nothing of them is part of this repository."""

import subprocess
from pathlib import Path

GITHUB = "https://github.com/"
PEERS = {  # where the source is, what compiles it, and the program that this makes
    "word2vec.c": (
        "tmikolov/word2vec",
        "gcc word2vec.c -o word2vec -Ofast -march=native -funroll-loops -Wno-unused-result -lm -pthread",
        "word2vec",
    ),
    "fasttext": ("facebookresearch/fastText", "make opt", "fasttext"),
    # without what its authors have from Intel: compiler, its headers, and matrix products
    "pword2vec": (
        "IntelLabs/pWord2Vec",
        "g++ pWord2Vec.cpp -o pWord2Vec -std=c++11 -fopenmp -Ofast -march=native -include cstdio -include immintrin.h",
        "pWord2Vec",
    ),
}


def built(trainer: str, folder: str | Path) -> str:
    """Return the path of a trainer's program, which is fetched and compiled unless the folder has it.

    Raises
    ------
    RuntimeError
        If one of the two fails; the message ends with what git or the compiler said.
    """
    source, command, program = PEERS[trainer]
    place = Path(folder, source.partition("/")[2])
    if not (place / program).exists():
        Path(folder).mkdir(parents=True, exist_ok=True)
        if not place.exists():
            call(["git", "clone", "--quiet", "--depth", "1", GITHUB + source, str(place.absolute())], folder)
        call(command.split(), place)
    return str((place / program).absolute())


def call(command: list[str], folder: str | Path) -> None:
    """Run a command in a folder."""
    try:
        finished = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise RuntimeError(f"{command[0]} is missing: {error}") from error
    if finished.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {finished.stderr.strip()[-2_000:]}")
