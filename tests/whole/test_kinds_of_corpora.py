"""Every kind of corpus that gensim's users pass, and the files that smart_open reads."""

import functools
import http.server
import sqlite3
import threading

import numpy as np
import pytest
import smart_open
from gensim.models import Phrases
from gensim.models.word2vec import LineSentence, PathLineSentences, Text8Corpus
from gensim.utils import RepeatCorpusNTimes

from tfw2v_gensim import Word2Vec


def train(corpus, **arguments):
    return Word2Vec(corpus, **{"vector_size": 20, "sample": 0, "epochs": 2, **arguments})


@pytest.fixture(scope="module")
def from_lists(lee):
    return train(lee)


def assert_same(model, other):
    assert model.wv.index_to_key == other.wv.index_to_key
    assert (model.wv.vectors == other.wv.vectors).all()


class Rows:
    """Sentences from a database, read anew at each pass."""

    def __init__(self, connection):
        self.connection = connection

    def __iter__(self):
        for (line,) in self.connection.execute("SELECT line FROM sentence ORDER BY id"):
            yield line.split()


def test_a_database_cursor(lee, text, from_lists, tmp_path):
    connection = sqlite3.connect(tmp_path / "sentences.db", check_same_thread=False)
    connection.execute("CREATE TABLE sentence (id INTEGER PRIMARY KEY, line TEXT)")
    connection.executemany("INSERT INTO sentence (line) VALUES (?)", [(line,) for line in text.splitlines()])
    assert_same(train(Rows(connection)), from_lists)


def test_line_sentence(lee_file, from_lists):
    assert_same(train(LineSentence(str(lee_file))), from_lists)


def test_path_line_sentences(text, from_lists, tmp_path):
    lines = text.splitlines(keepends=True)
    (tmp_path / "1.txt").write_text("".join(lines[:100]))
    with smart_open.open(tmp_path / "2.txt.bz2", "w") as second:
        second.write("".join(lines[100:]))
    assert_same(train(PathLineSentences(str(tmp_path))), from_lists)


def test_text8_corpus(text, tmp_path):
    words = text.split()
    (tmp_path / "text8").write_text(" ".join(words))
    model = train(Text8Corpus(str(tmp_path / "text8"), max_sentence_length=500))
    assert_same(model, train([words[i : i + 500] for i in range(0, len(words), 500)]))


def test_phrases(lee):
    phrases = Phrases(lee, min_count=5, threshold=50)
    model = train(phrases[lee])
    assert "yasser_arafat" in model.wv
    assert_same(model, train([phrases[sentence] for sentence in lee]))


def test_a_corpus_that_is_repeated(lee):
    assert_same(train(RepeatCorpusNTimes(lee, 2)), train(lee + lee))


def test_tuples_and_arrays_of_words(lee, from_lists):
    assert_same(train([tuple(sentence) for sentence in lee]), from_lists)
    assert_same(train([np.array(sentence) for sentence in lee]), from_lists)


class RandomWalks:
    """Walks on a ring of 20 nodes, which are ints: others at each pass."""

    def __init__(self):
        self.generator, self.passes = np.random.default_rng(1), 0

    def __iter__(self):
        self.passes += 1
        for start in np.tile(np.arange(20), 25):
            steps = self.generator.choice([-1, 1], 15)
            yield [int(node) for node in (start + np.cumsum(steps)) % 20]


@pytest.mark.parametrize("sg", [0, 1])
def test_random_walks_over_ints(sg):
    walks = RandomWalks()
    model = train(walks, vector_size=20, window=3, min_count=0, epochs=20, sg=sg)
    assert walks.passes == 21
    assert set(model.wv.index_to_key) == set(range(20))
    near = np.mean([model.wv.similarity(node, (node + 2) % 20) for node in range(20)])
    far = np.mean([model.wv.similarity(node, (node + 10) % 20) for node in range(20)])
    assert near > far + 0.3


@pytest.fixture(scope="module")
def from_file(lee_file):
    return train(None, corpus_file=str(lee_file))


def test_a_corpus_file_is_trained_as_its_sentences(from_file, from_lists):
    """The rate falls with the words read instead of the sentences, so the vectors are close and not equal."""
    assert from_file.wv.index_to_key == from_lists.wv.index_to_key
    assert (from_file.wv.expandos["count"] == from_lists.wv.expandos["count"]).all()
    cosines = np.einsum("vd,vd->v", from_file.wv.get_normed_vectors(), from_lists.wv.get_normed_vectors())
    assert cosines.min() > 0.99


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz"])
def test_compressed_corpus_files(ending, text, from_file, tmp_path):
    path = tmp_path / f"corpus.txt{ending}"
    with smart_open.open(path, "w") as corpus:
        corpus.write(text)
    assert_same(train(None, corpus_file=str(path)), from_file)


def test_a_remote_corpus_file(text, from_file, tmp_path):
    with smart_open.open(tmp_path / "corpus.txt.gz", "w") as corpus:
        corpus.write(text)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        model = train(None, corpus_file=f"http://127.0.0.1:{server.server_port}/corpus.txt.gz")
    finally:
        server.shutdown()
        server.server_close()
    assert_same(model, from_file)


@pytest.mark.parametrize("path", ["there/is/none.txt", "there/is/none.txt.gz"])
def test_a_corpus_file_that_is_none(path):
    with pytest.raises(TypeError, match="must be a valid path"):
        train(None, corpus_file=path)


def test_gensims_own_trainer_keeps_gensims_check(text, tmp_path):
    path = tmp_path / "corpus.txt.gz"
    with smart_open.open(path, "w") as corpus:
        corpus.write(text)
    with pytest.raises(TypeError, match="compressed files"):
        train(None, corpus_file=str(path), hs=1, negative=0)


def test_only_one_corpus_is_taken(lee, tmp_path):
    (tmp_path / "corpus.txt").write_text("a b")
    with pytest.raises(TypeError, match="Both"):
        train(lee, corpus_file=str(tmp_path / "corpus.txt"))
