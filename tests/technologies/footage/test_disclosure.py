"""A package holds what belongs together, is signed, shows no face in its manifest, and is for one recipient only."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import zipfile
from collections.abc import Iterator
from functools import cache
from typing import BinaryIO

import c2pa
import pytest

from peelian.errors import InputError
from peelian.kernel.model.capability import Context, Findings
from peelian.kernel.model.custody_declarations import stream_of
from peelian.storage.provenance_keys import provenance_in_memory
from peelian.technologies.footage.disclosure.declared import DISCLOSE, DiscloseParams
from peelian.technologies.footage.example import example_clip


class Forwards(io.RawIOBase):
    """A file that can only be written forwards, as a sealed object is."""

    def __init__(self) -> None:
        self.content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        self.content += bytes(data)  # type: ignore[call-overload]
        return len(bytes(data))  # type: ignore[call-overload]

    def tell(self) -> int:
        return len(self.content)


def made(**datasets: object) -> tuple[bytes, Findings]:
    out = Forwards()

    @contextlib.contextmanager
    def make(role: str) -> Iterator[BinaryIO]:
        yield out  # type: ignore[misc]

    example = DISCLOSE.arithmetic().example()
    context = Context(
        seed=1, progress=lambda s, x: None, make=make, provenance=provenance_in_memory(office="Town of Tests")
    )
    found = DISCLOSE.arithmetic().run(example.params, {**example.datasets, **datasets}, context)
    return bytes(out.content), found


@cache
def package() -> bytes:
    return made()[0]


def test_it_holds_the_copy_the_plan_the_history_and_a_page_in_both_languages() -> None:
    with zipfile.ZipFile(io.BytesIO(package())) as file:
        names = set(file.namelist())
        assert {"redacted.mp4", "plan.json", "provenance.case.jsonld", "package.json", "package.sig"} <= names
        text = file.read("README.txt").decode()
        assert "How to check." in text and "Vérification." in text
        listed = json.loads(file.read("package.json"))
    assert set(listed["files"]) == names - {"package.json", "package.sig"}


def test_the_manifest_is_valid_names_its_parent_and_has_no_thumbnail() -> None:
    with zipfile.ZipFile(io.BytesIO(package())) as file:
        content = file.read("redacted.mp4")
    with c2pa.Reader("video/mp4", io.BytesIO(content)) as reader:
        text = reader.json()
    told = json.loads(text)
    active = told["manifests"][told["active_manifest"]]
    assert told["validation_state"] == "Valid"
    assert "thumbnail" not in text and b"c2pa.thumbnail" not in content
    assert [i["relationship"] for i in active["ingredients"]] == ["parentOf"]
    actions = next(a for a in active["assertions"] if a["label"].startswith("c2pa.actions"))["data"]["actions"]
    assert [a["action"] for a in actions] == ["c2pa.opened", "c2pa.edited"]
    own = next(a for a in active["assertions"] if a["label"] == "org.peelian.redaction")["data"]
    assert own["original"] == DISCLOSE.arithmetic().example().datasets["item"].digest
    assert active["signature_info"]["issuer"] == "Town of Tests"


def test_what_does_not_belong_together_is_refused() -> None:
    example = DISCLOSE.arithmetic().example()
    item, redacted, plan = (example.datasets[role] for role in ("item", "redacted", "plan"))
    for wrong in (
        {"item": dataclasses.replace(item, digest="0" * 64)},
        {"plan": dataclasses.replace(plan, digest="0" * 64)},
        {"redacted": dataclasses.replace(redacted, facts={})},
        {"item": dataclasses.replace(item, stream=stream_of(example_clip() + b"x"))},
    ):
        with pytest.raises(InputError):
            made(**wrong)


@pytest.mark.parametrize("wrong", [{"recipient": "age1nobody"}, {"grounds": "curiosity"}, {"days": 0}, {"days": 366}])
def test_wrong_settings_are_refused_before_anything_is_made(wrong: dict[str, object]) -> None:
    good = DISCLOSE.arithmetic().example().params
    DISCLOSE.asks.check(good)
    with pytest.raises(InputError):
        DISCLOSE.asks.check(dataclasses.replace(good, **wrong))  # type: ignore[arg-type]


def test_the_public_sees_grounds_and_no_digest() -> None:
    _, found = made()
    shown = DISCLOSE.arithmetic().public(found)
    assert len(shown.table("parts")) == 0 and shown.facts == {"grounds": "access_request", "days": 30}
    delivery = DISCLOSE.delivers(DiscloseParams(recipient="age1x", days=9)) if DISCLOSE.delivers else None
    assert delivery is not None and (delivery.make, delivery.days) == ("package", 9)
