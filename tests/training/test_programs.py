"""The compiled loops."""

import re

import numpy as np
import tensorflow as tf
from reference import DISTANCE_WEIGHTS, VOCABULARY, factors_of, random_block, random_weights

from tfw2v_gensim.training import programs
from tfw2v_gensim.training.losses import random_softmax
from tfw2v_gensim.training.merging import agreement

BLOCKS = 7


def optimised_code(program, *arguments):
    return program.experimental_get_compiler_ir(*arguments)(stage="optimized_hlo")


def trip_counts(code):
    """How often the loops of compiled code run, those that XLA knows of."""
    return [int(count) for count in re.findall(r'known_trip_count":\{"n":"(\d+)"', code)]


def arguments_of(replicas):
    tokens, left, right, noise = (np.stack([np.stack([x] * replicas)] * BLOCKS) for x in random_block((4, 4, 2, 1, 2)))
    lock = np.ones(VOCABULARY, np.float32)
    rates = np.full((BLOCKS, replicas), 0.1, np.float32)
    return factors_of(True), DISTANCE_WEIGHTS[:2], lock, (tokens, left, right, noise), rates


def test_the_number_of_blocks_is_a_constant_of_the_code_for_a_gpu():
    factors, distance_weights, lock, arrays, rates = arguments_of(replicas=2)
    words = np.tile(np.arange(VOCABULARY, dtype=np.int32), (2, 1))
    program = programs.compiled_side_by_side(0, True, 1, random_softmax)
    arguments = [[random_weights(True)[0]], words, factors, distance_weights, lock, None, None, *arrays, rates]
    code = optimised_code(program, *tf.nest.map_structure(lambda x: x if x is None else tf.constant(x), arguments))
    assert BLOCKS in trip_counts(code)
    assert not re.search(r"\b(infeed|outfeed|send|recv)\(", code)  # nothing is asked of the host meanwhile
    # the code for processors, which stops where a replica's blocks end, shows that the search can fail
    program = programs.compiled(0, True, 1, random_softmax)
    blocks, in_turn = np.arange(0, 2 * BLOCKS, 2), [array.reshape(-1, *array.shape[2:]) for array in (*arrays, rates)]
    arguments = [[random_weights(True)[0]], factors, distance_weights, lock, None, None, blocks, 3, *in_turn]
    code = optimised_code(program, *tf.nest.map_structure(lambda x: x if x is None else tf.constant(x), arguments))
    assert BLOCKS not in trip_counts(code)


def test_changes_are_merged_by_agreement():
    generator = np.random.default_rng(1)
    matrix, changes = (generator.normal(0, 1, (rows, 3)).astype(np.float32) for rows in (5, 6))
    words = np.array([0, 1, 3, 1, 3, 3])
    total, squares = np.zeros((5, 3)), np.zeros(5)
    np.add.at(total, words, changes)
    np.add.at(squares, words, (changes**2).sum(1))
    expected = matrix + total * agreement(squares, (total**2).sum(1))[:, None]
    merged = programs.merged(tf.constant(matrix), tf.constant(words), tf.constant(changes))
    np.testing.assert_allclose(merged, expected, atol=1e-6)
    np.testing.assert_array_equal(merged[2], matrix[2])
