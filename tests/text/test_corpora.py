"""Which texts stay the same, and one worker's share of each."""

import gzip
import os
import sys

import pytest
from gensim.models.word2vec import LineSentence, PathLineSentences, Text8Corpus
from hypothesis import given
from hypothesis import strategies as st

from tfw2v_gensim.text.corpora import ByteRange, EveryNth, files_signature
from tfw2v_gensim.training.machines import Machines, Rank


@pytest.mark.parametrize("kind", [LineSentence, Text8Corpus, PathLineSentences])
def test_a_file_that_has_changed_is_another_text(kind, tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("a b c\n")
    before = files_signature(kind(str(path)))
    assert before is not None and before == files_signature(kind(str(path)))
    path.write_text("a b d\n")
    os.utime(path, ns=(1, 1))
    assert before != files_signature(kind(str(path)))


def test_limits_and_sentence_lengths_make_another_text(lee_file):
    states = [
        files_signature(LineSentence(lee_file)),
        files_signature(LineSentence(lee_file, limit=3)),
        files_signature(LineSentence(lee_file, max_sentence_length=7)),
        files_signature(PathLineSentences(str(lee_file))),
    ]
    assert len(set(states)) == len(states)


def test_corpora_that_may_differ_at_each_pass_are_not_kept(lee_file):
    class Shuffled(LineSentence):
        pass

    with open(lee_file, "rb") as stream:
        for sentences in ([["a"]], Shuffled(lee_file), LineSentence(stream), LineSentence("missing"), (["a"],)):
            assert files_signature(sentences) is None


@given(st.lists(st.lists(st.sampled_from(["a", "bc", "ü"]), max_size=4), max_size=12), st.booleans(), st.integers(1, 5))
def test_the_workers_shares_are_the_whole_corpus(tmp_path_factory, sentences, ends, workers):
    path = tmp_path_factory.getbasetemp() / "corpus.txt"
    text = "\n".join(map(" ".join, sentences)) + "\n" * ends
    path.write_bytes(text.encode())
    expected = [line.split() for line in text.splitlines()]
    ranks = [Rank(worker, workers) for worker in range(workers)]
    assert [sentence for rank in ranks for sentence in ByteRange(path, *rank)] == expected
    nth = [list(EveryNth(expected, *rank)) for rank in ranks]
    assert [nth[i % workers][i // workers] for i in range(len(expected))] == expected
    assert sum(map(len, nth)) == len(expected)


def test_only_plain_local_files_are_read_in_parts(tmp_path):
    second = Machines()
    second.rank = Rank(1, 2)
    (tmp_path / "corpus.txt").write_text("a\nb\n")
    with gzip.open(tmp_path / "corpus.txt.gz", "wt") as compressed:
        compressed.write("a\nb\n")
    for name, kind in (("corpus.txt", ByteRange), ("corpus.txt.gz", EveryNth)):
        share = second.share(LineSentence(str(tmp_path / name), max_sentence_length=sys.maxsize))
        assert type(share) is kind
        assert list(share) == list(share) == [["b"]]
    assert type(second.share(LineSentence(str(tmp_path / "corpus.txt")))) is EveryNth  # may cut lines in two
