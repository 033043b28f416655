import gensim
import pytest
from gensim.models.word2vec import MAX_WORDS_IN_BATCH
from gensim.test.utils import common_texts

from tfw2v_gensim.model import jobs


class Base(gensim.models.Word2Vec):
    """Stands for this package's class: its base method takes down."""

    def _do_train_job(self, sentences, alpha, inits):
        return jobs.record_job(self, sentences, alpha)


def passed_on(cls, sentences=common_texts, **arguments):
    model = cls(vector_size=4, min_count=1, **arguments)
    model.build_vocab(common_texts)
    return list(jobs.passed_on(model, sentences, 0.025))


@pytest.mark.parametrize("batch_words", [1, 7, 20, MAX_WORDS_IN_BATCH])
def test_jobs_are_those_of_gensim(batch_words):
    seen = []

    class Recording(gensim.models.Word2Vec):
        def _do_train_job(self, sentences, alpha, inits):
            seen.append(sentences)
            return 0, self._raw_word_count(sentences)

    Recording(common_texts, vector_size=4, min_count=1, workers=1, epochs=1, batch_words=batch_words)
    assert list(jobs.jobs_of(common_texts, batch_words)) == [job for job in seen if job]  # gensim begins with none


def test_a_class_that_overrides_nothing_passes_on_the_corpus():
    assert passed_on(Base) == common_texts
    assert passed_on(Base, iter([])) == []


def test_what_is_passed_on_takes_the_place_of_what_was_given():
    counts = []

    class Walks(Base):
        def _do_train_job(self, sentences, alpha, inits):
            counts.append(super()._do_train_job((sentence[::-1] for sentence in sentences), alpha, inits))
            counts.append(super()._do_train_job([["graph", "nowhere"]], alpha, inits))
            return 1, 1

    assert passed_on(Walks) == [*(sentence[::-1] for sentence in common_texts), ["graph", "nowhere"]]
    assert counts == [(29, 29), (1, 2)]


def test_work_is_done_job_by_job_as_the_corpus_is_read():
    read = []

    class Walks(Base):
        def _do_train_job(self, sentences, alpha, inits):
            return super()._do_train_job(sentences, alpha, inits)

    model = Walks(vector_size=4, min_count=1, batch_words=5)
    model.build_vocab(common_texts)
    sentences = jobs.passed_on(model, (read.append(text) or text for text in common_texts), 0.025)
    assert next(sentences) == common_texts[0]
    assert len(read) < len(common_texts)


def test_working_memory_is_the_subclasss_own():
    class Walks(Base):
        def _get_thread_working_mem(self):
            return "memory of its own"

        def _do_train_job(self, sentences, alpha, inits):
            assert inits == "memory of its own"
            return super()._do_train_job(sentences, alpha, inits)

    assert passed_on(Walks) == common_texts


def test_a_job_that_trains_by_itself_is_refused():
    class Alone(Base):
        def _do_train_job(self, sentences, alpha, inits):
            return 1, 1

    with pytest.raises(
        NotImplementedError, match=r"^Alone\._do_train_job trains by itself: it must pass its sentences"
    ):
        passed_on(Alone)


def test_jobs_may_pass_on_nothing_as_long_as_one_passes_on_something():
    class Sometimes(Base):
        def _do_train_job(self, sentences, alpha, inits):
            return super()._do_train_job([text for text in sentences if "graph" in text], alpha, inits)

    assert passed_on(Sometimes, batch_words=4) == [text for text in common_texts if "graph" in text]


def test_another_alpha_is_refused():
    class Slow(Base):
        def _do_train_job(self, sentences, alpha, inits):
            return super()._do_train_job(sentences, alpha / 2, inits)

    with pytest.raises(
        NotImplementedError, match=r"^Slow\._do_train_job passes on alpha=0\.0125, and was given 0\.025"
    ):
        passed_on(Slow)


def test_an_error_in_a_job_ends_the_epoch_and_leaves_no_job_behind():
    class Broken(Base):
        def _do_train_job(self, sentences, alpha, inits):
            raise KeyError("walk")

    with pytest.raises(KeyError, match="walk"):
        passed_on(Broken)
    model = Base(vector_size=4)
    with pytest.raises(RuntimeError, match=r"^_do_train_job does nothing of its own here: call train\(\)$"):
        model._do_train_job(common_texts, 0.025, None)
