"""The command line, run in this process."""

import gzip
import lzma
import os
import re
import threading

import pytest
from gensim.models import KeyedVectors
from gensim.models.word2vec import LineSentence
from gensim.test.utils import common_texts

import tfw2v_gensim
from tfw2v_gensim import Word2Vec, distribution
from tfw2v_gensim.command_line import main
from tfw2v_gensim.training.machines import Machines

TEXT = "".join(" ".join(sentence) + "\n" for sentence in common_texts * 5)


SMALL = ["-size", "20", "-iter", "2"]


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text(TEXT)
    return path


def vectors_of(*arguments, output):
    assert main([*map(str, arguments), *SMALL, "-output", str(output)]) == 0
    return output.read_bytes()


def test_the_vectors_are_those_of_the_model_with_the_same_arguments(tmp_path, corpus):
    output = tmp_path / "vectors.txt"
    flags = "-size 20 -window 3 -sample 1e-2 -negative 7 -iter 2 -min_count 2 -alpha 0.05 -cbow 0 --no-shared-softmax"
    assert main(["-train", str(corpus), "-output", str(output), *flags.split(), "--seed", "4"]) == 0
    model = Word2Vec(
        LineSentence(str(corpus)), vector_size=20, window=3, sample=1e-2, negative=7, epochs=2, min_count=2, alpha=0.05,
        sg=1, shared_softmax=False, seed=4,
    )  # fmt: skip
    written = KeyedVectors.load_word2vec_format(str(output))
    assert written.index_to_key == model.wv.index_to_key
    assert (written.vectors == model.wv.vectors).all()


@pytest.mark.parametrize(
    "flags, expected",
    [
        # the command of the original tool's demo-word.sh, and gensim.scripts.word2vec_standalone's example
        (
            "-cbow 1 -size 200 -window 8 -negative 25 -hs 0 -sample 1e-4 -threads 20 -binary 1 -iter 15",
            {"sg": 0, "vector_size": 200, "window": 8, "negative": 25, "hs": 0, "sample": 1e-4, "workers": 20,
             "epochs": 15, "alpha": 0.025},
        ),
        ("-size 200 -sample 1e-4 -binary 0 -iter 3", {"vector_size": 200, "sample": 1e-4, "epochs": 3, "sg": 0}),
        ("-min-count 3 -debug 2", {"min_count": 3, "progress": None}),
        ("-min_count 3 -debug 0", {"min_count": 3, "progress": False}),
        ("-cbow 0 -hs 1 -negative 0", {"sg": 1, "hs": 1, "negative": 0, "alpha": 0.025}),
        ("-cbow 1 -hs 1", {"sg": 0, "hs": 1, "negative": 5, "alpha": 0.05}),
        ("-alpha 0.01", {"alpha": 0.01}),
        ("--loss nce --seed 7 --shared-softmax", {"loss": "nce", "seed": 7, "shared_softmax": True}),
        ("--no-progress", {"progress": False, "shared_softmax": None, "seed": 1}),
    ],
)  # fmt: skip
def test_flags_become_arguments(monkeypatch, corpus, flags, expected):
    passed = {}

    def refuse(**arguments):
        passed.update(arguments)
        raise ValueError("seen enough")

    monkeypatch.setattr(tfw2v_gensim, "Word2Vec", refuse)
    assert main(["-train", str(corpus), "-output", "vectors.txt", *flags.split()]) == 2
    assert expected.items() <= passed.items()
    assert ("loss" in passed) == ("--loss" in flags)


def test_without_output_the_names_are_those_of_gensims_script(tmp_path, corpus):
    assert main(["-train", str(corpus), *SMALL, "-binary", "1"]) == 0
    assert sorted(os.listdir(tmp_path)) == ["corpus.model", "corpus.model.bin", "corpus.txt"]
    written = KeyedVectors.load_word2vec_format(str(tmp_path / "corpus.model.bin"), binary=True)
    assert (written.vectors == Word2Vec.load(str(tmp_path / "corpus.model")).wv.vectors).all()


def test_a_text_gives_the_same_vectors_in_every_container(tmp_path, corpus):
    expected = vectors_of("-train", corpus, output=tmp_path / "plain")
    (tmp_path / "c.gz").write_bytes(gzip.compress(TEXT.encode()))
    assert vectors_of("-train", tmp_path / "c.gz", output=tmp_path / "from gz") == expected
    (tmp_path / "c.xz").write_bytes(lzma.compress(TEXT.encode()))
    assert vectors_of("-train", tmp_path / "c.xz", output=tmp_path / "from xz") == expected
    folder = tmp_path / "folder"
    folder.mkdir()
    lines = TEXT.splitlines(keepends=True)
    (folder / "1.txt").write_text("".join(lines[:20]))
    (folder / "2.gz").write_bytes(gzip.compress("".join(lines[20:]).encode()))
    assert vectors_of("-train", folder, output=tmp_path / "from folder") == expected
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(TEXT,))
    writer.start()
    assert vectors_of("-train", pipe, output=tmp_path / "from pipe") == expected
    writer.join()


def test_a_compressed_output_is_compressed(tmp_path, corpus):
    plain = vectors_of("-train", corpus, output=tmp_path / "vectors.txt")
    assert gzip.decompress(vectors_of("-train", corpus, output=tmp_path / "vectors.txt.gz")) == plain


def test_accuracy_is_printed_by_section(tmp_path, corpus, capsys):
    questions = tmp_path / "questions.txt"
    questions.write_text(": toy\nhuman interface computer user\ngraph trees minors survey\n: unknown\na b c d\n")
    assert main(["-train", str(corpus), "-output", str(tmp_path / "v"), *SMALL, "-accuracy", str(questions)]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"^toy: \d+\.\d% \([012]/2\)$", printed, re.MULTILINE)
    assert re.search(r"^Total accuracy: \d+\.\d% \([012]/2\)$", printed, re.MULTILINE)
    questions.write_text(": unknown\na b c d\n")
    assert main(["-train", str(corpus), "-output", str(tmp_path / "v"), *SMALL, "-accuracy", str(questions)]) == 0
    assert "no question has its four words in the vocabulary" in capsys.readouterr().out


def truncated_gzip(folder):
    path = folder / "cut.gz"
    path.write_bytes(gzip.compress(os.urandom(10_000).hex().encode())[:-100])
    return path


def binary_file(folder):
    path = folder / "binary"
    path.write_bytes(b"\xff\xfe\xfd words\n")
    return path


def empty_file(folder):
    path = folder / "empty"
    path.touch()
    return path


def empty_folder(folder):
    path = folder / "nothing here"
    path.mkdir()
    return path


@pytest.mark.parametrize(
    "text, message",
    [
        (lambda folder: folder / "missing", r"cannot read \S+missing: No such file or directory"),
        (empty_file, r"\S+empty: no word occurs 5 times"),
        (empty_folder, r".+nothing here: no word occurs 5 times"),
        (binary_file, r"cannot read \S+binary: .*decode"),
        (truncated_gzip, r"cannot read \S+cut.gz: .*end-of-stream"),
    ],
)
def test_a_text_that_cannot_be_used_is_one_line_and_status_2(tmp_path, capsys, text, message):
    path = text(tmp_path)
    before = sorted(os.listdir(tmp_path))
    assert main(["-train", str(path), "-output", str(tmp_path / "vectors")]) == 2
    shown = capsys.readouterr()
    assert re.fullmatch(rf"tfw2v: error: {message}.*\n", shown.err)
    assert shown.out == ""
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.parametrize(
    "flags, message",
    [
        (["-output", "{}/no/such/folder"], "cannot write .*: No such file or directory"),
        (["-output", "{}"], "cannot write .*: it is a folder"),
        (["-output", "{}/corpus.txt/v"], "cannot write .*: Not a directory"),
        (["-output", "{}/v", "-accuracy", "{}/missing"], "cannot read .*missing: No such file or directory"),
        (["-output", "{}/v", "-size", "0"], "vector_size must be an integer of at least 1, got 0"),
        (["-output", "{}/v", "-alpha", "nan"], "alpha must be a finite number of at least 0, got nan"),
    ],
)
def test_what_cannot_work_is_told_before_the_training(monkeypatch, tmp_path, corpus, capsys, flags, message):
    monkeypatch.setattr(Word2Vec, "build_vocab", lambda *_: pytest.fail("the text was read"))
    assert main(["-train", str(corpus), *(flag.format(tmp_path) for flag in flags)]) == 2
    assert re.fullmatch(rf"tfw2v: error: {message}\n", capsys.readouterr().err)
    assert os.listdir(tmp_path) == ["corpus.txt"]


def test_standard_input_needs_a_name_for_the_output(capsys):
    assert main(["-train", "-"]) == 2
    assert capsys.readouterr().err.startswith("tfw2v: error: -output is needed with -train -")


def test_a_training_that_diverges_writes_nothing(monkeypatch, tmp_path, corpus, capsys):
    def diverge(*_, **__):
        raise FloatingPointError("training diverged in epoch 0")

    monkeypatch.setattr(Word2Vec, "train", diverge)
    assert main(["-train", str(corpus), "-output", str(tmp_path / "vectors")]) == 2
    assert re.fullmatch("tfw2v: error: .*training diverged in epoch 0\n", capsys.readouterr().err)
    assert os.listdir(tmp_path) == ["corpus.txt"]


def test_when_the_disk_is_full_the_former_output_stays(monkeypatch, tmp_path, corpus, capsys):
    output = tmp_path / "vectors"
    output.write_text("former")

    def fill_the_disk(_, path, **__):
        with open(path, "w") as half:
            half.write("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(KeyedVectors, "save_word2vec_format", fill_the_disk)
    assert main(["-train", str(corpus), "-output", str(output), *SMALL]) == 2
    assert re.fullmatch("tfw2v: error: cannot write .*: No space left on device\n", capsys.readouterr().err)
    assert sorted(os.listdir(tmp_path)) == ["corpus.txt", "vectors"]
    assert output.read_text() == "former"


def test_an_output_that_is_a_link_stays_a_link(tmp_path, corpus):
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "vectors")
    written = vectors_of("-train", corpus, output=link)
    assert link.is_symlink()
    assert (tmp_path / "vectors").read_bytes() == written


def test_of_several_workers_the_first_writes(monkeypatch, be_worker, tmp_path, corpus):
    monkeypatch.setattr(distribution, "machines_of", lambda rank: Machines())
    for worker, written in ((1, False), (0, True)):
        be_worker(worker)
        assert main(["-train", str(corpus), "-output", str(tmp_path / "vectors.txt"), *SMALL]) == 0
        assert (tmp_path / "vectors.txt").exists() == written


def test_a_wrong_tf_config_is_told_in_one_line(monkeypatch, tmp_path, corpus, capsys):
    monkeypatch.setenv("TF_CONFIG", "{")
    assert main(["-train", str(corpus), "-output", str(tmp_path / "vectors.txt")]) == 2
    assert capsys.readouterr().err.startswith("tfw2v: error: cannot train: TF_CONFIG must be JSON")


def test_version(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"tfw2v_gensim {tfw2v_gensim.__version__}\n"


def test_an_unknown_flag_is_status_2(capsys):
    with pytest.raises(SystemExit) as left:
        main(["-train", "corpus.txt", "-windows", "5"])
    assert left.value.code == 2
    assert "unrecognized arguments: -windows 5" in capsys.readouterr().err
