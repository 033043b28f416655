"""However a vocabulary came to be, a file trains what its sentences, given as lists, would train."""

import copy
import pickle
from collections import Counter

import numpy as np
from gensim.models import KeyedVectors
from gensim.models.word2vec import LineSentence
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.training import plan


def sentences_of(words, seed):
    """Of 20 words, all of them in the vocabulary, the first ones most frequent."""
    share = 1 / np.arange(1, len(words) + 1)
    return np.random.default_rng(seed).choice(words, (60, 12), p=share / share.sum()).tolist()


WORDS = [f"word{number}" for number in range(30)]

# Vocabularies of equal size: of one's words in another order, and of others
TEXTS = [sentences_of(words, seed) for seed, words in enumerate([WORDS[:20], WORDS[19::-1], WORDS[10:]])]

texts = st.integers(0, len(TEXTS) - 1)


def new_model():
    return Word2Vec(vector_size=4, min_count=1, workers=1, epochs=1)


def copy_of(model):
    return pickle.loads(pickle.dumps(model))


class Vocabularies(RuleBasedStateMachine):
    """One life of three models: their texts are files, lists, and lists of which the last model remembers nothing."""

    folder = None

    @initialize(text=texts)
    def begin(self, text):
        self.models = [new_model() for _ in range(3)]
        for number, sentences in enumerate(TEXTS):
            (self.folder / str(number)).write_text("".join(" ".join(sentence) + "\n" for sentence in sentences))
        self.build(text)

    def each(self, act, text=None):
        """Do the same to each model, with a text in the model's own form."""
        if text is None:
            for model in self.models:
                act(model)
        else:
            for model, sentences in zip(
                self.models, [LineSentence(self.folder / str(text)), TEXTS[text], TEXTS[text]], strict=True
            ):
                act(model, sentences)

    @rule(text=texts)
    def build(self, text):
        self.each(lambda model, sentences: model.build_vocab(sentences), text)

    @rule(text=texts)
    def grow(self, text):
        self.each(lambda model, sentences: model.build_vocab(sentences, update=True), text)

    @rule(text=texts)
    def take_frequencies(self, text):
        counts = Counter(word for sentence in TEXTS[text] for word in sentence)
        self.each(lambda model: model.build_vocab_from_freq(counts, corpus_count=len(TEXTS[text])))

    @rule(text=texts)
    def take_another_models_vocabulary(self, text):
        def take(model, sentences):
            other = new_model()
            other.build_vocab(sentences)
            model.reset_from(other)

        self.each(take, text)

    @rule()
    def sort(self):
        self.each(lambda model: model.wv.sort_by_descending_frequency())

    @rule(text=texts)
    def try_out(self, text):
        def try_out(model, sentences):
            model.scan_vocab(sentences)
            model.prepare_vocab(dry_run=True)

        self.each(try_out, text)

    @rule()
    def take_vectors(self):
        other = KeyedVectors(4)
        other.add_vectors(WORDS[5:15], np.full((10, 4), 0.1, np.float32))
        other.save_word2vec_format(str(self.folder / "vectors"))

        def intersect(model):
            model.wv.vectors_lockf = np.ones(len(model.wv), np.float32)  # gensim's own writes to each word's
            model.wv.intersect_word2vec_format(str(self.folder / "vectors"), lockf=1.0)

        self.each(intersect)

    @rule(pickled=st.booleans())
    def copy(self, pickled):
        self.models = [copy_of(model) if pickled else copy.deepcopy(model) for model in self.models]

    @invariant()
    def each_text_trains_the_same(self):
        for text in range(len(TEXTS)):
            self.models[2] = copy_of(self.models[2])
            self.each(lambda model, sentences: model.train(sentences, total_examples=60, epochs=1), text)
        expected = self.models[2]
        for model in self.models[:2]:
            assert model.wv.index_to_key == expected.wv.index_to_key
            for name, values in expected.wv.expandos.items():
                np.testing.assert_array_equal(model.wv.expandos[name], values)
            np.testing.assert_array_equal(model.wv.vectors, expected.wv.vectors)


def test_a_file_trains_what_its_sentences_would_train_whatever_the_vocabulary(tmp_path, monkeypatch):
    monkeypatch.setattr(plan, "WORDS_OF_ONE", 1 << 8)  # one size of blocks, so that one compiled step serves
    monkeypatch.setattr(Vocabularies, "folder", tmp_path)
    run_state_machine_as_test(
        Vocabularies,
        settings=settings(
            max_examples=10, stateful_step_count=8, derandomize=True, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
