"""Proves the limit the README states: nothing here finds, follows, enrols or names a person by face."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import re
import sys

from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.measure.table import NEVER_LEAVES
from peelian.technologies import faces
from peelian.technologies.faces.engine import Engine

MODULES = [
    importlib.import_module(m.name) for m in pkgutil.walk_packages(faces.__path__, "peelian.technologies.faces.")
]
VERBS = re.compile(
    r"\b(identify|identif(y|ies|ication)|recogni[sz]e|enrol|enroll|watch_?list|track|follow|find_person|who_is|match_face"
    r"|detect_faces?|search_gallery|live|stream_video|webcam|camera|infer_(race|sex|age|emotion))"
)
VISION = (
    "cv2",
    "dlib",
    "face_recognition",
    "insightface",
    "deepface",
    "torch",
    "tensorflow",
    "onnxruntime",
    "PIL",
    "av",
)


def _public():
    for module in MODULES:
        for name, thing in vars(module).items():
            mine = getattr(thing, "__module__", "") == module.__name__
            if mine and not name.startswith("_") and (inspect.isfunction(thing) or inspect.isclass(thing)):
                yield module, name, thing


def test_no_function_or_class_is_named_after_an_identification():
    names = [name for _, name, _ in _public()]
    assert len(names) > 120, "the collection itself works"
    assert [n for n in names if VERBS.search(n.lower())] == []


def test_no_function_takes_a_face_and_a_gallery():
    for _, name, thing in _public():
        if inspect.isfunction(thing):
            given = set(inspect.signature(thing).parameters)
            assert not given & {"face", "person", "watchlist", "image", "photo", "video", "frame"}, name
            assert not {"gallery", "images"} <= given, name


def test_the_engine_compares_two_images_and_can_do_nothing_else():
    methods = [name for name in vars(Engine) if not name.startswith("_")]
    assert methods == ["compare"]
    hints = inspect.signature(Engine.compare)
    assert list(hints.parameters) == ["self", "a", "b"]
    assert hints.return_annotation == "float"


def test_no_module_imports_anything_that_can_see_or_reach_out():
    for module in MODULES:
        tree = ast.parse(inspect.getsource(module))
        imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        imported |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        roots = {name.split(".")[0] for name in imported}
        assert roots <= {"__future__", "peelian", "numpy", "scipy", "pyarrow", *sys.stdlib_module_names}, (
            module.__name__
        )
        assert not roots & {*VISION, "socket", "urllib", "http", "subprocess", "os", "io", "pathlib", "multiprocessing"}


def test_capabilities_audit_and_nothing_leaves_that_could_name_somebody():
    for capability in faces.CAPABILITIES:
        assert capability.asks.purposes == {Purpose.AUDIT}
        assert {need.kind for need in capability.needs} <= {AuthorizationKind.CONSENT_MANIFEST}
        assert not {k for emit in capability.emits for k in emit.kinds.values()} & NEVER_LEAVES
        assert not {f.name for f in dataclasses.fields(capability.asks.params)} & {
            "person",
            "image",
            "probe",
            "subject_id",
        }


def test_candidate_lists_come_from_elsewhere():
    """The only modules that know a gallery are those that read how large somebody else's was."""
    knows = {m.__name__.rsplit(".", 1)[1] for m in MODULES if "gallery" in inspect.getsource(m)}
    assert "engine" in knows  # it says that there is none
    engine = inspect.getsource(importlib.import_module("peelian.technologies.faces.engine"))
    assert engine.count("gallery") == 1
