"""Word vectors as the files that TensorBoard's embedding projector opens."""

from __future__ import annotations

import os

from gensim.models import KeyedVectors

# Characters that would end a cell or a row of a tab-separated file
_ESCAPES = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r"})


def save_projector(wv: KeyedVectors, folder: str | os.PathLike) -> None:
    r"""Write the files that TensorBoard's embedding projector opens.

    ``tensorboard --logdir folder`` shows them; so does https://projector.tensorflow.org, which takes
    ``vectors.tsv`` and ``metadata.tsv``.

    Parameters
    ----------
    wv : gensim.models.KeyedVectors
    folder : str or os.PathLike
        Made if it is not there. Its files of the same names are overwritten: ``vectors.tsv`` (a row a word),
        ``metadata.tsv`` (word and count, under a header) and ``projector_config.pbtxt``.

    Examples
    --------
    >>> import tempfile
    >>> from gensim.models import KeyedVectors
    >>> wv = KeyedVectors(2)
    >>> wv.add_vectors(["left", "right"], [[-1.0, 0.0], [1.0, 0.0]])
    >>> wv.set_vecattr("left", "count", 3)
    >>> folder = tempfile.mkdtemp()
    >>> save_projector(wv, folder)
    >>> open(os.path.join(folder, "metadata.tsv")).read().splitlines()
    ['word\tcount', 'left\t3', 'right\t0']

    """
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "vectors.tsv"), "w", encoding="utf-8") as vectors:
        for vector in wv.vectors:
            vectors.write("\t".join(map(str, vector.tolist())) + "\n")
    with open(os.path.join(folder, "metadata.tsv"), "w", encoding="utf-8", newline="\n") as metadata:
        metadata.write("word\tcount\n")
        for word in wv.index_to_key:
            metadata.write(f"{str(word).translate(_ESCAPES)}\t{wv.get_vecattr(word, 'count')}\n")
    with open(os.path.join(folder, "projector_config.pbtxt"), "w", encoding="utf-8") as config:
        config.write(
            'embeddings {\n  tensor_name: "word vectors"\n'
            '  tensor_path: "vectors.tsv"\n  metadata_path: "metadata.tsv"\n}\n'
        )
