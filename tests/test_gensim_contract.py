"""What of gensim this package overrides and calls is as gensim has it, so that a release that changes it is named here.

The table holds for gensim 4.3.3 and 4.4.0. Where a newer gensim differs, look at what it does now, change the package,
and write down both: a dict from the version's beginning to the signature.
"""

import inspect

import gensim
import pytest
from gensim import matutils, utils
from gensim.models import KeyedVectors, Word2Vec
from gensim.models.callbacks import CallbackAny2Vec
from gensim.models.word2vec import MAX_WORDS_IN_BATCH, LineSentence, PathLineSentences, Text8Corpus

import tfw2v_gensim
from tfw2v_gensim.keyedvectors import KeyedVectors as OurKeyedVectors

CONSTRUCTOR = (
    "(self, sentences=None, corpus_file=None, vector_size=100, alpha=0.025, window=5, min_count=5, "
    "max_vocab_size=None, sample=0.001, seed=1, workers=3, min_alpha=0.0001, sg=0, hs=0, negative=5, "
    "ns_exponent=0.75, cbow_mean=1, hashfxn=<built-in function hash>, epochs=5, null_word=0, trim_rule=None, "
    "sorted_vocab=1, batch_words=10000, compute_loss=False, callbacks=(), comment=None, max_final_vocab=None, "
    "shrink_windows=True)"
)
TRAIN = (
    "(self, corpus_iterable=None, corpus_file=None, total_examples=None, total_words=None, epochs=None, "
    "start_alpha=None, end_alpha=None, word_count=0, queue_factor=2, report_delay=1.0, compute_loss=False, "
    "callbacks=(), **kwargs)"
)

OVERRIDDEN = {
    (Word2Vec, "__init__"): CONSTRUCTOR,
    (Word2Vec, "_check_corpus_sanity"): "(self, corpus_iterable=None, corpus_file=None, passes=1)",
    (Word2Vec, "_check_training_sanity"): "(self, epochs=0, total_examples=None, total_words=None, **kwargs)",
    (Word2Vec, "_do_train_job"): "(self, sentences, alpha, inits)",
    (Word2Vec, "_scan_vocab"): "(self, sentences, progress_per, trim_rule)",
    (Word2Vec, "_train_epoch"): (
        "(self, data_iterable, cur_epoch=0, total_examples=None, total_words=None, queue_factor=2, report_delay=1.0, "
        "callbacks=())"
    ),
    (Word2Vec, "_train_epoch_corpusfile"): (
        "(self, corpus_file, cur_epoch=0, total_examples=None, total_words=None, callbacks=(), **kwargs)"
    ),
    (Word2Vec, "add_lifecycle_event"): "(self, event_name, log_level=20, **event)",
    (Word2Vec, "estimate_memory"): "(self, vocab_size=None, report=None)",
    (Word2Vec, "init_weights"): "(self)",
    (Word2Vec, "load"): "(*args, rethrow=False, **kwargs)",
    (Word2Vec, "make_cum_table"): "(self, domain=2147483647)",
    (Word2Vec, "predict_output_word"): "(self, context_words_list, topn=10)",
    (Word2Vec, "prepare_vocab"): (
        "(self, update=False, keep_raw_vocab=False, trim_rule=None, min_count=None, sample=None, dry_run=False)"
    ),
    (Word2Vec, "reset_from"): "(self, other_model)",
    (Word2Vec, "save"): "(self, *args, **kwargs)",
    (Word2Vec, "scan_vocab"): (
        "(self, corpus_iterable=None, corpus_file=None, progress_per=10000, workers=None, trim_rule=None)"
    ),
    (Word2Vec, "score"): "(self, sentences, total_sentences=1000000, chunksize=100, queue_factor=2, report_delay=1)",
    (Word2Vec, "train"): TRAIN,
    (Word2Vec, "update_weights"): "(self)",
    (KeyedVectors, "intersect_word2vec_format"): (
        "(self, fname, lockf=0.0, binary=False, encoding='utf8', unicode_errors='strict')"
    ),
    (KeyedVectors, "resize_vectors"): "(self, seed=0)",
    (KeyedVectors, "save"): "(self, *args, **kwargs)",
    (KeyedVectors, "save_word2vec_format"): (
        "(self, fname, fvocab=None, binary=False, total_vec=None, write_header=True, prefix='', append=False, "
        "sort_attr='count')"
    ),
    (KeyedVectors, "set_vecattr"): "(self, key, attr, val)",
}

CALLED = {
    (Word2Vec, "_get_next_alpha"): "(self, epoch_progress, cur_epoch)",
    (Word2Vec, "_get_thread_working_mem"): "(self)",
    (Word2Vec, "_log_train_end"): "(self, raw_word_count, trained_word_count, total_elapsed, job_tally)",
    (KeyedVectors, "__init__"): "(self, vector_size, count=0, dtype=<class 'numpy.float32'>, mapfile_path=None)",
    (CallbackAny2Vec, "on_train_begin"): "(self, model)",
    (CallbackAny2Vec, "on_epoch_begin"): "(self, model)",
    (CallbackAny2Vec, "on_epoch_end"): "(self, model)",
    (CallbackAny2Vec, "on_train_end"): "(self, model)",
    (LineSentence, "__init__"): "(self, source, max_sentence_length=10000, limit=None)",
    (PathLineSentences, "__init__"): "(self, source, max_sentence_length=10000, limit=None)",
    (Text8Corpus, "__init__"): "(self, fname, max_sentence_length=10000)",
    (utils.SaveLoad, "save"): (
        "(self, fname_or_handle, separately=None, sep_limit=10485760, ignore=frozenset(), pickle_protocol=4)"
    ),
    (utils.SaveLoad, "load"): "(fname, mmap=None)",
    (utils, "to_unicode"): "(text, encoding='utf8', errors='strict')",
    (matutils, "argsort"): "(x, topn=None, reverse=False)",
}


def of_version(signature):
    """A signature that differs by version is a dict; the longest beginning counts."""
    if isinstance(signature, str):
        return signature
    return signature[max((start for start in signature if gensim.__version__.startswith(start)), key=len)]


@pytest.mark.parametrize(
    ("owner", "name", "signature"),
    [(*key, signature) for key, signature in (OVERRIDDEN | CALLED).items()],
    ids=[f"{owner.__name__}.{name}" for owner, name in OVERRIDDEN | CALLED],
)
def test_gensim_has_it_as_this_package_knows_it(owner, name, signature):
    assert str(inspect.signature(getattr(owner, name))) == of_version(signature), f"gensim {gensim.__version__}"


@pytest.mark.parametrize(("ours", "theirs"), [(tfw2v_gensim.Word2Vec, Word2Vec), (OurKeyedVectors, KeyedVectors)])
def test_all_that_is_overridden_is_on_the_contract(ours, theirs):
    pythons_own = (set(dir(object)) | {"__module__", "__deepcopy__", "__getstate__", "__setstate__"}) - {"__init__"}
    overridden = {
        name
        for name in set(dir(ours)) & set(dir(theirs)) - pythons_own
        if inspect.getattr_static(ours, name) is not inspect.getattr_static(theirs, name)
    }
    assert overridden == {name for owner, name in OVERRIDDEN if owner is theirs}


def parameters_of(function):
    return list(inspect.signature(function).parameters.values())


@pytest.mark.parametrize(("owner", "name"), OVERRIDDEN, ids=[f"{owner.__name__}.{name}" for owner, name in OVERRIDDEN])
def test_what_overrides_takes_what_gensim_passes(owner, name):
    """gensim's parameters in its order, with its defaults, or whatever comes; others are this package's, by name."""
    ours = getattr(tfw2v_gensim.Word2Vec if owner is Word2Vec else OurKeyedVectors, name)
    parameters, theirs = parameters_of(ours), parameters_of(getattr(owner, name))
    kinds = {parameter.kind for parameter in parameters}
    if {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD} <= kinds:
        return
    known = [parameter.name for parameter in parameters]
    for place, parameter in enumerate(theirs):
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            assert inspect.Parameter.VAR_KEYWORD in kinds
        else:
            assert known[place] == parameter.name
            assert parameters[place].default == parameter.default
    others = [p for p in parameters[len(theirs) :] if p.kind is not inspect.Parameter.VAR_KEYWORD]
    assert all(parameter.kind is inspect.Parameter.KEYWORD_ONLY for parameter in others)


def test_the_modules_constant_is_the_limit_that_line_sentence_has():
    assert MAX_WORDS_IN_BATCH == 10_000
