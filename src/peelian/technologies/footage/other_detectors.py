"""A town's own box detector, for plates or screens: an ONNX model that is kept as an object and only suggests boxes.

No detector of plates ships with anything we may use, so this is a socket, not a product. The model's contract:
one input, float32[1, 3, height, width], RGB from 0 to 1; one output, float32[n, 5 or more] or [1, n, 5 or more], each
row left, top, right, bottom in pixels of the input and a score from 0 to 1. Where the sizes vary, pictures are given as
640 x 640. A model is a program: keep only one whose maker you would let near the recordings. `model_guard` refuses what
reaches outside its own file; a picture may take `MOST_SECONDS`, between two operators. No recording is shown to a model
that has not passed `footage.detector_trial`, in exactly these bytes.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.kernel.model.capability import Dataset
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.table import Kind, table
from peelian.technologies.footage.detector import THREADS, Boxes, Detector, session_of, strongest
from peelian.technologies.footage.extras import library
from peelian.technologies.footage.model_guard import must_be_plain
from peelian.technologies.footage.shapes import DETECTOR

LARGEST = 256 << 20
MOST_BOXES = 2_000  # in one picture: the strongest
MOST_SECONDS = 10
_SIDE = 640
_CONTRACT = (
    "one input float32[1, 3, height, width] and one output float32[n, 5 or more]: left, top, right, bottom, score"
)


def other_detector(model: bytes, threads: int = THREADS) -> Detector:
    """A detector from an ONNX model's bytes. InputError: it cannot be loaded, or does not keep the contract."""
    must_be_plain(model)
    session = session_of(model, threads, ours=False)
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or len(outputs) != 1 or inputs[0].type != "tensor(float)" or len(inputs[0].shape) != 4:
        raise InputError("not a box detector", accepted=_CONTRACT)
    return Detector(session=session, digest=hashlib.sha256(model).hexdigest())


def boxes_by(detector: Detector, picture: NDArray[np.uint8], *, threshold: float) -> Boxes:
    """Boxes that a town's own detector finds in an RGB picture (uint8[height, width, 3]), strongest first."""
    source = detector.session.get_inputs()[0]
    tall, wide = (n if isinstance(n, int) and n > 0 else _SIDE for n in source.shape[2:])
    field, scale = _fitted(picture, tall, wide)
    try:
        found = np.asarray(_run(detector, {source.name: field})[0], dtype=np.float32)
    except InputError:
        raise
    except Exception as error:  # the runtime's own exceptions share no base class
        says = sentence("the town's detector failed (%(kind)s)", kind=type(error).__name__)
        raise InputError(says, accepted=_CONTRACT) from None
    rows = found[0] if found.ndim == 3 and found.shape[0] == 1 else found
    if rows.ndim != 2 or rows.shape[1] < 5:
        raise InputError("the town's detector did not return boxes", accepted=_CONTRACT)
    rows = rows[np.isfinite(rows[:, :5]).all(axis=1) & (rows[:, 4] > threshold)][:, :5]
    rows = rows[np.argsort(-rows[:, 4], kind="stable")][:MOST_BOXES]
    boxes = rows * np.array([1 / scale] * 4 + [1], dtype=np.float32)
    height, width = picture.shape[:2]
    boxes[:, :4] = boxes[:, :4].clip(0, [width, height, width, height])
    boxes = boxes[(boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])]
    return boxes[strongest(boxes)]


def _run(detector: Detector, inputs: Mapping[str, NDArray[np.float32]]) -> list[Any]:
    """The model's answer, within the time it may take; the runtime stops it between two operators."""
    options = library("onnxruntime").RunOptions()
    late = threading.Event()

    def stop() -> None:
        late.set()
        options.terminate = True

    clock = threading.Timer(MOST_SECONDS, stop)
    clock.daemon = True
    clock.start()
    try:
        found: list[Any] = detector.session.run(None, dict(inputs), options)
    except Exception:
        if late.is_set():
            accepted = sentence("at most %(most)d seconds a frame", most=MOST_SECONDS)
            raise InputError("the town's detector is too slow", accepted=accepted) from None
        raise
    finally:
        clock.cancel()
    return found


def _fitted(picture: NDArray[np.uint8], tall: int, wide: int) -> tuple[NDArray[np.float32], float]:
    """The picture scaled by nearest pixels into the model's field, the rest grey; and by how much."""
    height, width = picture.shape[:2]
    scale = min(tall / height, wide / width)
    rows = np.minimum((np.arange(max(1, int(height * scale))) / scale).astype(int), height - 1)
    columns = np.minimum((np.arange(max(1, int(width * scale))) / scale).astype(int), width - 1)
    field = np.full((1, 3, tall, wide), 0.5, dtype=np.float32)
    field[0, :, : len(rows), : len(columns)] = picture[rows][:, columns].transpose(2, 0, 1) / 255
    return field, scale


def inspected(file: BinaryIO, options: Mapping[str, str]) -> Admitted:
    """The size of a detector, after checking that it loads, keeps the contract and answers in time."""
    model = read_model(file)
    boxes_by(other_detector(model), np.zeros((360, 640, 3), dtype=np.uint8), threshold=0.5)
    return Admitted(table=table(DETECTOR, {"bytes": (Kind.COUNT, [len(model)])}, bytes="bins"), facts={"what": "plate"})


def model_of(dataset: Dataset) -> bytes:
    """The bytes of a kept detector; InputError for a dataset that is no object."""
    if dataset.stream is None:
        raise InputError("dataset is a table, not a detector", accepted="an ONNX file of the format box-detector")
    dataset.stream.seek(0)
    return read_model(dataset.stream)


def read_model(file: BinaryIO) -> bytes:
    """The model's bytes; InputError where it is larger than any detector of boxes."""
    model: Any = file.read(LARGEST + 1)
    if len(model) > LARGEST:
        raise InputError("model too large", accepted=sentence("at most %(most)d MiB", most=LARGEST >> 20))
    return bytes(model)


BOX_DETECTOR = Format(
    id="box-detector", title="Town's own box detector (ONNX)", shape=DETECTOR, kinds=("stream",), inspect=inspected
)
