"""The comparison of trainers: its generated corpora are what they say, and its command measures, resumes and shows."""

import itertools
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.test.utils import datapath

BENCHMARKS = Path(__file__).parent / "benchmarks"


@pytest.fixture(autouse=True)
def path(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)


def vectors_of(rows):
    vectors = KeyedVectors(rows.shape[1])
    vectors.add_vectors([str(i) for i in range(len(rows))], rows.astype(np.float32))
    return vectors


def test_generated_corpora_follow_from_their_seed():
    import corpora

    def made(seed):
        edges = corpora.block_model(200, 4, 0.3, 0.02, seed=seed)
        yield edges
        yield corpora.walks(edges, 2, 8, seed=seed)
        yield np.concatenate(list(corpora.sessions(50, seed=seed)))
        yield np.stack(list(corpora.themes(2_000, 20_000, seed=seed)))

    for first, again, other in zip(made(1), made(1), made(2), strict=True):
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)


def test_block_model_has_the_edges_asked_for():
    from corpora import block_model

    edges = block_model(400, 4, 0.2, 0.02)
    same = edges[:, 0] // 100 == edges[:, 1] // 100
    assert (edges[:, 0] < edges[:, 1]).all()
    assert same.sum() / (4 * 100 * 99 / 2) == pytest.approx(0.2, rel=0.1)
    assert (~same).sum() / (6 * 100 * 100) == pytest.approx(0.02, rel=0.1)


def test_walks_begin_at_every_node_and_follow_edges():
    from corpora import block_model, walks

    edges = block_model(200, 4, 0.3, 0.02)
    walked = walks(edges, walks_of_node=3, length=7)
    assert walked.shape == (600, 7)
    assert (np.bincount(walked[:, 0]) == 3).all()
    known = {frozenset(edge) for edge in edges.tolist()}
    assert all(frozenset(step) in known for walk in walked.tolist() for step in itertools.pairwise(walk))


def test_sessions_stay_within_three_genres():
    from corpora import GENRES, ITEMS_OF_GENRE, sessions

    genres = [set((session // ITEMS_OF_GENRE).tolist()) for session in sessions(100)]
    assert max(map(len, genres)) == 3
    assert set.union(*genres) <= set(range(GENRES))


def test_every_word_of_a_theme_stands_in_each_of_its_sentences():
    from corpora import COMMON_WORDS, themes

    sentences = np.stack(list(themes(2_000, 20_000)))
    assert sentences.shape == (1_000, 20)
    assert len(np.unique(sentences[sentences >= COMMON_WORDS])) == 1_000
    for sentence in sentences:
        own = sentence[sentence >= COMMON_WORDS]
        assert len(own) == 14
        assert len(set(own)) == 10
        assert len(set(own // 10)) == 1


def test_scores_are_full_for_vectors_that_know_the_truth_and_chance_for_those_that_do_not():
    from scores import hit_rate, labelled, theme_found

    random = np.random.default_rng(1)
    labels = {str(i): i // 50 for i in range(200)}
    knowing, ignorant = np.repeat(np.eye(4), 50, axis=0), random.normal(size=(200, 4))
    assert labelled(vectors_of(knowing), lambda: labels) == {"F1": 100}
    assert labelled(vectors_of(ignorant), lambda: labels)["F1"] < 50
    directions = random.normal(size=(100, 16)).repeat(10, axis=0)
    themed = vectors_of(np.concatenate([random.normal(size=(1_000, 16)), directions]))
    assert theme_found(themed, 50) == {"neighbours": 100}
    assert theme_found(vectors_of(random.normal(size=(2_000, 16))), 50)["neighbours"] < 10
    angle = 2 * np.pi * (np.arange(10_000) % 200) / 200
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    shelves = np.eye(50).repeat(200, axis=0)
    assert hit_rate(vectors_of(np.concatenate([ring, shelves], axis=1)), users=500)["hits"] > 40
    assert hit_rate(vectors_of(random.normal(size=(10_000, 16))), users=500)["hits"] < 5


def test_documents_with_words_in_common_are_alike_to_people():
    from scores import documents_alike

    words = sorted(set(Path(datapath("lee.cor")).read_text("latin-1").split()))
    told_apart, at_random = KeyedVectors(len(words)), KeyedVectors(50)
    told_apart.add_vectors(words, np.eye(len(words), dtype=np.float32))
    at_random.add_vectors(words, np.random.default_rng(1).normal(size=(len(words), 50)).astype(np.float32))
    assert documents_alike(told_apart)["documents"] > 25  # words in common alone
    assert documents_alike(at_random)["documents"] < 15  # blurred


def test_first_words_are_whole_lines_and_too_short_a_text_is_refused(tmp_path):
    from corpora import first_words

    text = tmp_path / "text.txt"
    text.write_text("one two\nthree four five\nsix\n")
    assert list(first_words(text, 3)) == [["one", "two"], ["three", "four", "five"]]
    assert sum(map(len, first_words(text))) == 6
    with pytest.raises(ValueError, match="6 words, and 100"):
        list(first_words(text, 100))


@pytest.mark.slow
def test_command_measures_both_trainers_and_measures_nothing_twice(tmp_path):
    def run(*arguments):
        command = [sys.executable, BENCHMARKS / "compare.py", "--results", "results.jsonl", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    asked = "--quick", "--only", "lee", "--seeds", "1", "--set", "vector_size=8", "epochs=1"
    shown = run(*asked)
    results = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert [result["trainer"] for result in results] == ["gensim", "tfw2v_gensim"]
    for result in results:
        assert result["arguments"] == {"vector_size": 8, "epochs": 1}
        assert 0 < result["training_seconds"] < result["wall_seconds"]
        assert result["first_words_seconds"] > 0
        assert result["peak_memory_mb"] > 50
        assert result["scores"].keys() == {"documents"}
    assert "| lee vector_size=8 epochs=1 |" in shown
    assert run(*asked) == shown == run("--table")
    assert len((tmp_path / "results.jsonl").read_text().splitlines()) == 2


def result(workload, trainer, seed, seconds, score, commit="new", **arguments):
    return {
        "workload": workload, "trainer": trainer, "seed": seed, "words": 2_000_000, "arguments": arguments,
        "source": "text", "commit": commit, "processor": "one", "corpus_file": False, "wall_seconds": seconds,
        "peak_memory_mb": 100, "scores": {"analogies": score}, "date": "today", "versions": {"gensim": "4"},
    }  # fmt: skip


def test_table_takes_the_commit_measured_last_and_names_what_is_slower_and_not_better():
    from results import table

    measured = [
        result("text-2m", "gensim", 1, 10, 5, commit="old"),
        result("text-2m", "tfw2v_gensim", 1, 10, 5, commit="old"),
        *(result("text-2m", "gensim", seed, 10, 5 + seed) for seed in (1, 2, 3)),
        *(result("text-2m", "tfw2v_gensim", seed, 10 + seed, 8) for seed in (1, 2, 3)),
        result("text-2m-sg", "gensim", 1, 10, 5, sg=1),
        result("text-2m-sg", "tfw2v_gensim", 1, 20, 5, sg=1),
    ]
    row, other = table(measured).splitlines()[2:4]
    assert row == (
        "| text-2m | 10.0 ± 0.0 | 12.0 ± 1.0 | 1.20 ± 0.10 | – | 1.00 ± 0.00 | analogies | 7.0 ± 1.0 | 8.0 ± 0.0 |"
    )
    assert other.startswith("| text-2m-sg | 10.0 | 20.0 | 2.00 |")
    assert "not better than gensim (mean of the scores): 1 of 2: text-2m-sg." in table(measured)
    assert "old" not in table(measured)


def test_long_runs_are_not_repeated():
    from results import too_long

    assert too_long([result("long", "gensim", 1, 20, 5), result("long", "tfw2v_gensim", 1, 121, 5)])
    assert not too_long([result("short", "gensim", 1, 119, 5)])


@pytest.mark.slow
def test_pictures_are_drawn_for_light_and_dark_pages(tmp_path):
    from pictures import draw

    measured = [
        result(name, trainer, 1, seconds * epochs, epochs, epochs=epochs)
        for trainer, seconds in (("gensim", 2), ("tfw2v_gensim", 1), ("fasttext", 3))
        for name, epochs in (("text-2m", 5), ("text-2m-20-epochs", 20))
    ]
    files = draw(measured, tmp_path)
    assert {file.name for file in files} == {
        f"{name}{page}.svg" for name in ("quality_against_time", "time_by_size") for page in ("", "-dark")
    }
    for file in files:
        assert len(list(ElementTree.parse(file).iter("{http://www.w3.org/2000/svg}path"))) > 20


@pytest.mark.slow
def test_command_measures_on_several_numbers_of_cores():
    cores = sorted({1, min(2, len(os.sched_getaffinity(0)))})
    arguments = ["vector_size=8", "epochs=2", "--words", "20000", "--cores", *map(str, cores)]
    command = [sys.executable, BENCHMARKS / "measure_cores.py", datapath("lee_background.cor"), *arguments]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in shown[2 : 2 + len(cores)]]
    assert [row[0] for row in rows] == [str(count) for count in cores]
    assert rows[0][-2] == "1.00" and len({row[-1] for row in rows}) == 1
    assert all(float(row[2]) > 0 for row in rows)
    assert shown[-1].startswith("20,")


def test_what_more_cores_gain_is_told_by_the_speed_of_an_epoch():
    from measure_cores import table

    def figures(constructor, speed):
        return {"constructor": constructor, "training": 5.0, "speed": speed, "checksum": "1234abcd"}

    shown = table({2: {"gensim": figures(20.0, None), "tfw2v_gensim": figures(10.0, 1e6)},
                   8: {"gensim": figures(8.0, None), "tfw2v_gensim": figures(6.0, 3.1e6)}})  # fmt: skip
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in shown.splitlines()[2:]]
    assert [(row[3], row[7]) for row in rows] == [("0.50", "1.00"), ("0.75", "3.10")]


def test_the_gpus_table_has_gensim_and_the_processors_beside_it(monkeypatch):
    import measure_gpu

    figures = {"constructor": 20.0, "training": 15.0, "memory": None, "scores": {"analogies": 1.0}}
    by = {"gensim": figures | {"speed": 1e6}, "processors": figures | {"speed": 3e6}}
    shown = measure_gpu.table({"CBOW": by | {"GPU": figures | {"speed": 25e6, "memory": 2**31}}})
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in shown.splitlines()[2:]]
    assert [row[5] for row in rows] == ["1.0", "3.0", "25.0"]
    assert rows[2][4] == "25.00 million" and rows[2][7] == "2,048"


def test_without_a_gpu_there_is_nothing_to_measure(monkeypatch, capsys):
    import measure_gpu

    monkeypatch.setattr(sys, "argv", ["measure_gpu.py", datapath("lee_background.cor")])
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit):
        measure_gpu.main()
    assert "no GPU" in capsys.readouterr().err


def test_dependencies_have_hubs_and_sections():
    from corpora import dependencies

    edges, section = dependencies(nodes=5_000)
    degrees = np.sort(np.bincount(edges.ravel(), minlength=5_000))
    assert degrees[-1] > 500 and np.median(degrees) < 10
    own = (section[edges[:, 0]] == section[edges[:, 1]]).mean()
    assert 0.5 < own < 0.65
    assert len(np.unique(edges, axis=0)) == len(edges) and (edges[:, 0] != edges[:, 1]).all()


def test_generated_text_keeps_its_frequent_words_and_has_the_vocabulary_asked_for(monkeypatch):
    import long_training

    monkeypatch.setattr(long_training, "FREQUENT", 100)
    lee = datapath("lee_background.cor")
    sentences = list(long_training.generated([lee], 600_000, 15_000))
    words = Counter(itertools.chain.from_iterable(sentences))
    before = Counter(Path(lee).read_text().split())
    frequent = [word for word, _ in before.most_common(100)]
    assert 600_000 <= words.total() < 601_000
    assert sum(count >= 5 for count in words.values()) == pytest.approx(15_000, rel=0.2)
    assert [words[word] / words.total() for word in frequent] == pytest.approx(
        [before[word] / before.total() for word in frequent], rel=0.1
    )
    known = {" ".join(line.split()) for line in Path(lee).read_text().splitlines()}
    assert all(" ".join(word.partition("_")[0] for word in sentence) in known for sentence in sentences)
    assert all(len({word.partition("_")[2] for word in sentence} - {""}) < 2 for sentence in sentences)


def test_the_start_is_timed_of_the_checkout_that_is_named(tmp_path):
    """Python looks in the working folder first: run from this repository's, each checkout would be this one."""
    from measure_start import seconds, shown

    package = tmp_path / "tfw2v_gensim" / "__init__.py"
    package.parent.mkdir()
    package.write_text("TIMES = [2.0, 3.0]")
    program = "import tfw2v_gensim, json; print(json.dumps(tfw2v_gensim.TIMES))"
    assert seconds(program, tmp_path, cache="") == [2.0, 3.0]
    assert shown([[1.0, 2.0], [4.0, 5.0], [1.5, 2.5]]) == ["1.50 (1.00 to 4.00)", "2.50 (2.00 to 5.00)"]


@pytest.mark.slow
def test_long_training_is_measured_interrupted_and_resumed(tmp_path):
    lee, size = datapath("lee_background.cor"), "vector_size=8"
    command = [
        sys.executable,
        BENCHMARKS / "long_training.py",
        lee,
        "--folder",
        tmp_path,
        "--words",
        "900e3",
        "--gensim",
    ]
    run = subprocess.run([*command, "--vocabulary", "3e3", "--set", size], capture_output=True, text=True, check=True)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in run.stdout.splitlines() if line[:1] == "|"]
    assert [row[0] for row in rows[2:]] == ["first text, corpus_file", "corpus_file", "iterable", "gensim, corpus_file"]
    assert all(int(row[1].replace(",", "")) == pytest.approx(900_000, rel=0.1) for row in rows[3:])
    assert "training stopped in epoch 2 of 2" in run.stdout
    assert "of epoch 2; the very vectors of the unbroken run" in run.stdout


def test_peers_are_fetched_and_built_once(tmp_path, monkeypatch):
    import peers

    source = tmp_path / "someone" / "trainer"
    source.mkdir(parents=True)
    (source / "main.c").write_text("a program")
    identity = "-c", "user.name=someone", "-c", "user.email=someone@example.com"
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "a trainer"]):
        subprocess.run(["git", *command], cwd=source, check=True)
    monkeypatch.setattr(peers, "GITHUB", f"file://{tmp_path}/")
    monkeypatch.setattr(peers, "PEERS", {"one": ("someone/trainer", "cp main.c program", "program")})
    program = Path(peers.built("one", tmp_path / "peers"))
    assert program.read_text() == "a program"
    monkeypatch.setattr(peers, "call", None)
    assert peers.built("one", tmp_path / "peers") == str(program)


def test_peers_that_cannot_be_built_are_told(tmp_path, monkeypatch):
    import peers

    monkeypatch.setattr(peers, "GITHUB", f"file://{tmp_path}/")
    monkeypatch.setattr(peers, "PEERS", {"none": ("someone/nothing", "true", "program")})
    with pytest.raises(RuntimeError, match=r"git clone .*someone/nothing.* failed"):
        peers.built("none", tmp_path / "peers")
    with pytest.raises(RuntimeError, match="no-compiler is missing"):
        peers.call(["no-compiler"], tmp_path)


@pytest.mark.slow
def test_command_compares_workers_and_counts_what_they_send():
    command = [sys.executable, BENCHMARKS / "compare_workers.py", datapath("lee_background.cor"), "vector_size=8"]
    asked = "--workers", "1", "2", "--seeds", "1", "--epochs", "1"
    ended = subprocess.run([*command, *asked], capture_output=True, text=True, check=True)
    shown = ended.stdout
    rows = {line[:32].strip(): line[32:].replace(",", "").split() for line in shown.splitlines()}
    assert rows["workers"] == ["1", "2"]
    assert float(rows["merges"][1]) >= 20
    known = 1_762  # words of Lee; of two workers each sends a row and a number for each, all once
    assert [float(sent) for sent in rows["bytes that each sends a merge"]] == [0, known * (8 + 1) * 4]
    assert "words a merge, 64 machines" in shown
    of_runs = [line.partition(":")[0] for line in ended.stderr.splitlines() if " workers, seed " in line]
    assert of_runs == ["  1 workers, seed 1", "  2 workers, seed 1"]  # among TensorFlow's own lines
