"""The CASE record conforms, says what was done when and by which token, and follows from the digests alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from peelian.errors import InputError
from peelian.kernel.model.custody_declarations import Moment
from peelian.technologies.footage.disclosure import package as provenance
from peelian.technologies.footage.disclosure.declared import DISCLOSE


def record() -> dict[str, object]:
    import dataclasses

    data = DISCLOSE.arithmetic().example().datasets
    at = "2026-03-01T10:00:00.00Z"
    history = (
        Moment(index=3, entry={"v": 1, "t": at, "kind": "KEEPING", "by": "a" * 20}),
        Moment(index=5, entry={"v": 1, "t": at, "kind": "ADMITTED", "by": "a" * 20}),
        Moment(index=9, entry={"v": 1, "t": at, "kind": "DERIVED", "by": "office"}),
    )
    redacted = dataclasses.replace(data["redacted"], history=history)
    return provenance.case_record(data["item"], redacted, "5" * 64)


def test_it_follows_from_the_digests() -> None:
    assert record() == record()
    actions = [n for n in record()["@graph"] if n["@type"].endswith("InvestigativeAction")]  # type: ignore[index, union-attr, attr-defined]
    assert [a["uco-core:name"] for a in actions] == list(provenance.ACTS.values())


def test_other_peoples_validator_says_that_it_conforms(tmp_path: Path) -> None:
    validator = Path(sys.executable).with_name("case_validate")
    if not validator.exists():
        pytest.skip("case-utils is not installed: no case_validate beside this Python")
    file = tmp_path / "record.jsonld"
    file.write_text(json.dumps(record()), encoding="utf-8")
    done = subprocess.run(
        [str(validator), "--built-version", "case-1.4.0", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "Conforms: True" in done.stdout, done.stdout[:2000]


def test_without_the_library_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "c2pa", None)
    with pytest.raises(InputError, match="provenance"):
        provenance._library()
