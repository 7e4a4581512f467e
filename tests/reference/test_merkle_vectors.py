"""196 published Merkle proof vectors (transparency-dev/merkle at 417fb0c, Apache-2.0, licence beside them)."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from peelian.kernel.log.merkle import Head, extends, includes

VECTORS = Path(__file__).parent / "vectors"


def vectors(name: str) -> list[Any]:
    found = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    return [pytest.param(vector, id=key) for key, vector in found.items()]


def proof_of(vector: dict[str, Any]) -> list[bytes]:
    return [b64decode(part) for part in vector["proof"] or []]


@pytest.mark.parametrize("vector", vectors("merkle_inclusion.json"))
def test_inclusion(vector: dict[str, Any]) -> None:
    leaf, root = b64decode(vector["leafHash"]), b64decode(vector["root"])
    good = includes(leaf, vector["leafIdx"], vector["treeSize"], proof_of(vector), root)
    assert good != vector["wantErr"]


@pytest.mark.parametrize("vector", vectors("merkle_consistency.json"))
def test_consistency(vector: dict[str, Any]) -> None:
    old = Head(size=vector["size1"], root=b64decode(vector["root1"] or ""))
    new = Head(size=vector["size2"], root=b64decode(vector["root2"] or ""))
    assert extends(old, new, proof_of(vector)) != vector["wantErr"]


def test_all_of_them_are_here() -> None:
    assert len(vectors("merkle_inclusion.json")) + len(vectors("merkle_consistency.json")) == 196
