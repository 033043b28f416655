"""Words get the numbers that a dictionary filled word by word would give them."""

import gzip
import sys

import numpy as np
import pytest
from gensim.models.word2vec import LineSentence
from hard_words import LETTERS, ONE_TO_A_KNOWN_HASH, SPREAD, WORDS, chained
from hypothesis import example, given
from hypothesis import strategies as st

from tfw2v_gensim.text import numbering
from tfw2v_gensim.text.numbering import Numbering, cut
from tfw2v_gensim.text.words import HashKeys, Words, words_in_lines

BLANKS = [chr(code) for code in range(sys.maxunicode) if chr(code).isspace() and chr(code) != "\n"]
TEXTS = st.lists(st.sampled_from([*LETTERS, *BLANKS, "\n", " ", " "]), max_size=60).map("".join)


def numbered_one_by_one(sentences):
    number_of = {}
    numbers = [number_of.setdefault(word, len(number_of)) for sentence in sentences for word in sentence]
    return numbers, [len(sentence) for sentence in sentences], list(number_of)


def collected(found, numbering):
    found = list(found)
    numbers = [number for numbers, _ in found for number in numbers.tolist()]
    return numbers, [length for _, lengths in found for length in lengths.tolist()], numbering.all_words()


def of_sentences(sentences):
    numbering = Numbering()
    return collected(numbering.of_sentences(sentences), numbering)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("texts") / "text"


@given(text=TEXTS, bytes_at_once=st.integers(1, 50), longest=st.integers(1, 5))
@example(text="a\x1fb\x85c\u3000d", bytes_at_once=1, longest=5)
@example(text="a\0 a\0\0 a", bytes_at_once=1, longest=5)
def test_lines_are_numbered_as_gensim_reads_them(file, text, bytes_at_once, longest):
    file.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbering, "_BYTES_AT_ONCE", bytes_at_once)
        words = Numbering()
        found = collected(words.of_files([file], longest), words)
    assert found == numbered_one_by_one(list(LineSentence(file, max_sentence_length=longest)))


def test_compressed_files_are_read_and_files_follow_each_other(tmp_path):
    for name, text in (("1.gz", b"a b\nc"), ("2.gz", b"b d\n")):
        with gzip.open(tmp_path / name, "wb") as compressed:
            compressed.write(text)
    words = Numbering()
    found = collected(words.of_files([tmp_path / "1.gz", str(tmp_path / "2.gz")], 9), words)
    assert found == ([0, 1, 2, 1, 3], [2, 1, 2], ["a", "b", "c", "d"])


def test_a_file_that_is_no_utf8_is_refused_as_gensim_does(tmp_path):
    (tmp_path / "latin").write_bytes("caf\xe9 au lait".encode("latin-1"))
    for read in (list, lambda sentences: list(Numbering().of_files([sentences.source], 9))):
        with pytest.raises(UnicodeDecodeError):
            read(LineSentence(tmp_path / "latin"))


@given(
    st.lists(
        st.lists(st.one_of(WORDS, st.sampled_from(["", "new york", "a\nb", "\n", "\ud800"])), max_size=5), max_size=20
    )
)
def test_sentences_may_have_words_that_no_line_could_have(sentences):
    assert of_sentences(sentences) == numbered_one_by_one(sentences)


@pytest.mark.parametrize("sentences", [
    [[1, 2], [2, "1", 1.0]],
    [["a", 1], ("b", None), ["a"]],
    [np.array(["a", "b"]), ["b", "a"]],
    ["letters", "are words"],
    [[b"a", "a"], [b"a"]],
])  # fmt: skip
def test_words_may_be_anything_that_a_dictionary_takes(sentences):
    assert of_sentences(sentences) == numbered_one_by_one(sentences)


def test_words_that_no_dictionary_takes_are_refused():
    with pytest.raises(TypeError, match="unhashable"):
        of_sentences([["a", ["b"]]])


def test_a_sentence_may_change_once_it_was_given():
    def reused():
        sentence = []
        for words in (["a", "b"], ["b", "c"]):
            sentence[:] = words
            yield sentence

    assert of_sentences(reused()) == ([0, 1, 1, 2], [2, 2], ["a", "b", "c"])


def test_many_words_find_their_place_whatever_their_hashes(monkeypatch):
    generator = np.random.default_rng(1)
    text = [str(word) for word in generator.integers(0, 90_000, 300_000)]
    expected = numbered_one_by_one([text])
    assert of_sentences([text]) == expected  # the table has grown: it begins with room for 32,768 words
    # of all words, the first place to look in is one of 128: most are found elsewhere
    monkeypatch.setattr(Numbering, "_home", lambda self, hashes: (hashes % np.uint64(128)).astype(np.int64))
    few = [text[:2000], text[1000:3000]]
    assert of_sentences(few) == numbered_one_by_one(few)
    assert len(np.unique(words_in_lines("\n".join(text)).hashes(HashKeys.drawn()))) == len(set(text))


def test_words_that_share_a_known_hash_are_different_words():
    assert all(chained(one, SPREAD) == chained(other, SPREAD) for one, other in ONE_TO_A_KNOWN_HASH)
    sentences = [[word for pair in ONE_TO_A_KNOWN_HASH for word in pair]]
    assert of_sentences(sentences) == numbered_one_by_one(sentences)


def flood(words):
    """Words of eight bytes that have one slot if they are hashed as x = x * SPREAD, then (x ^ x >> 32) * SPREAD."""
    spread, half = np.uint64(SPREAD), np.uint64(32)
    inverse = np.uint64(pow(SPREAD, -1, 1 << 64))
    parts, count = [], 0
    while count < words:
        hashes = np.arange(len(parts) << 18, (len(parts) + 1) << 18, dtype=np.uint64) + np.uint64(123 << 40)
        letters = hashes * inverse
        letters = (letters ^ letters >> half) * inverse
        parts.append(letters[letters & np.uint64(0x8080808080808080) == 0])  # ASCII
        count += len(parts[-1])
    found = np.concatenate(parts)
    hashes = found * spread
    assert len(set(((hashes ^ hashes >> half) * spread >> np.uint64(40)).tolist())) == 1
    text = found[:words].tobytes() + bytes(8)
    return Words(text, np.arange(0, 8 * words, 8), np.full(words, 8))


def test_a_flood_of_words_that_a_known_hash_puts_into_one_slot_takes_linear_effort(monkeypatch):
    words, probes = 200_000, 0
    next_slots = Numbering._next

    def counted(self, slots):
        nonlocal probes
        probes += len(slots)
        assert probes < 8 * words
        return next_slots(self, slots)

    monkeypatch.setattr(Numbering, "_next", counted)
    numbers = Numbering().of(flood(words))
    np.testing.assert_array_equal(numbers, np.arange(words))
    assert probes


@given(st.lists(st.integers(1, 30)), st.integers(1, 9))
def test_long_sentences_are_cut(lengths, longest):
    whole = [min(longest, length - begin) for length in lengths for begin in range(0, length, longest)]
    assert cut(np.array(lengths, np.int64), longest).tolist() == whole
