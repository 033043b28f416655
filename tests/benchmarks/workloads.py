"""What is compared: each workload is a corpus, the constructor's arguments, and how to score the vectors."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from corpora import (
    BLOCKS,
    NODES,
    as_words,
    block_model,
    dependencies,
    digits,
    first_words,
    peoples_daily,
    sessions,
    themes,
    walks,
)  # fmt: skip
from scores import chinese, documents_alike, english, hit_rate, labelled, theme_found


@dataclass(frozen=True)
class Workload:
    """One row of the table; ``arguments`` are the constructor's, for every trainer."""

    name: str
    sentences: Callable[[], Iterable[Iterable[str]]]
    score: Callable  # of gensim's KeyedVectors
    seconds: float  # roughly what gensim takes, on two cores
    arguments: dict = field(default_factory=dict)
    source: str = ""  # name of the file that a text is taken from


SG = {"sg": 1}
WALKS = {"vector_size": 64, "window": 10, "min_count": 1}
WIDE = {"vector_size": 300}
TEXTS = (  # name, words, gensim's seconds, arguments
    ("text-100k", 100_000, 1, {}),
    ("text-500k", 500_000, 3, {}),
    ("text-500k-20-epochs", 500_000, 10, {"epochs": 20}),
    ("text-2m", 2_000_000, 10, {}),
    ("text-2m-20-epochs", 2_000_000, 40, {"epochs": 20}),
    ("text-2m-50-epochs", 2_000_000, 100, {"epochs": 50}),
    ("text-2m-window-2", 2_000_000, 9, {"window": 2}),
    ("text-2m-window-10", 2_000_000, 13, {"window": 10}),
    ("text-2m-sg", 2_000_000, 30, SG),
    ("text-2m-sg-20-epochs", 2_000_000, 120, {**SG, "epochs": 20}),
    ("text-2m-sg-50-epochs", 2_000_000, 300, {**SG, "epochs": 50}),
    ("text-4m-300d", 4_000_000, 50, {**WIDE, "window": 10, "min_count": 40}),
    ("text-17m", 17_000_000, 90, {}),
    ("text-17m-15-epochs", 17_000_000, 270, {"epochs": 15}),
    ("text-17m-sg", 17_000_000, 270, SG),
    ("text-17m-300d", 17_000_000, 150, WIDE),
)


def workloads(english_text=None, chinese_text=None, chinese_analogies=()) -> dict[str, Workload]:
    """Return all workloads by name; those of a text only where it is given."""
    from gensim.test.utils import datapath

    def block_walks():
        return as_words(walks(block_model()))

    def hub_walks():
        return as_words(walks(dependencies()[0], length=10))

    def digit_walks():
        return as_words(walks(digits()[0]))

    block_score = partial(labelled, labels=lambda: {str(i): i * BLOCKS // NODES for i in range(NODES)})
    digit_score = partial(labelled, labels=lambda: digits()[1])
    hub_score = partial(labelled, labels=lambda: {str(i): each for i, each in enumerate(dependencies()[1].tolist())})
    found = [Workload("lee", partial(first_words, datapath("lee_background.cor")), documents_alike, 1)]
    if english_text:
        for name, words, seconds, arguments in TEXTS:
            part, source = partial(first_words, english_text, words), Path(english_text).name
            found.append(Workload(name, part, english, seconds, arguments, source))
    if chinese_text:
        score, source = partial(chinese, files=chinese_analogies), Path(chinese_text).name
        found.append(Workload("chinese", partial(first_words, chinese_text), score, 90, source=source))
    found += [
        Workload("peoples-daily", lambda: peoples_daily()[0], partial(labelled, labels=lambda: peoples_daily()[1]), 4),
        Workload("blocks", block_walks, block_score, 5, WALKS),
        Workload("blocks-sg", block_walks, block_score, 20, WALKS | SG),
        Workload("digits", digit_walks, digit_score, 5, WALKS),
        Workload("digits-sg", digit_walks, digit_score, 20, WALKS | SG),
        Workload("hubs", hub_walks, hub_score, 30, WALKS),
        Workload("hubs-sg", hub_walks, hub_score, 120, WALKS | SG),
        Workload("sessions", lambda: as_words(sessions()), hit_rate, 3),
        Workload("sessions-sg", lambda: as_words(sessions()), hit_rate, 8, SG),
        Workload("million", lambda: as_words(themes()), theme_found, 70, {"epochs": 1}),
        Workload("million-300d", lambda: as_words(themes()), theme_found, 100, {"epochs": 1, **WIDE}),
    ]
    return {workload.name: workload for workload in found}
