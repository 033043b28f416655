"""lmsy_w2v_rfs: words that measure a topic are found near its seeds, and documents are scored by them."""

import random

from lmsy_w2v_rfs import Config, Pipeline


def use(folder):
    random.seed(1)
    topics = {name: [f"{name}{number}" for number in range(8)] for name in ("risk", "growth")}
    texts = [". ".join(" ".join(random.choices(words, k=9)) for _ in range(15)) for words in topics.values()] * 30
    config = Config(
        seeds={name: words[:2] for name, words in topics.items()}, n_cores=1, w2v_dim=16, w2v_epochs=10, n_words_dim=6,
        phrase_threshold=1000.0,
    )  # fmt: skip
    pipeline = Pipeline(texts=texts, work_dir=folder, config=config)
    pipeline.run()
    found = sum(word in topics[name] for name, words in pipeline.culture_dict.items() for word in words)
    assert found >= 12, pipeline.culture_dict
    scores = pipeline.score_df("TFIDF")
    assert len(scores) == len(texts)
    again = Pipeline(texts=texts, work_dir=folder, config=config)
    assert type(again.w2v) is type(pipeline.w2v) and (again.w2v.wv.vectors == pipeline.w2v.wv.vectors).all()
    return type(pipeline.w2v), f"{found} of 16 words of the own topic"
