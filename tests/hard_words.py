"""Words with letters of all kinds, and words that some hashes take for one another."""

from hypothesis import strategies as st

LETTERS = ["a", "b", "é", "语", "\0", "\x80", "\u200b", "\ufeff", "\U0001f600", "abcdefg", "0123456789" * 7]
WORDS = st.lists(st.sampled_from(LETTERS), min_size=1, max_size=12).map("".join)

# Each pair is one word to a chain of h = (h ^ h >> 29) + next eight bytes, times an odd number: the first pairs if that
# is SPREAD, the last for one odd number in eleven
ONE_TO_A_KNOWN_HASH = [
    ("tVcQCfWTFFw6IUXz", "1jIG6wBBnZ5yaqnU"),
    ("e0vOYoHZpKaubfX4", "2zELKvuMEUPQhz2W"),
    ("cgl1auXCsxZL30Gm", "zmMUw76dwKzvUDqp"),
    ("9dNIk0Y9BnFVxjVS", "g7yl55rNhApBxYqe"),
]
ONE_TO_A_CHAIN = ("abcdefgPaaaabaap", "abcdefgpaaaaaaaP")
SPREAD = 0x9E3779B97F4A7C15


def chained(word, multiplier):
    hashed = 0
    for start in range(0, len(word), 8):
        hashed = (hashed ^ hashed >> 29) + int.from_bytes(word[start : start + 8].encode(), "little")
        hashed = hashed * multiplier % 2**64
    return hashed
