"""The vault's rules without a disk: names cannot be paths, and headers name their dataset."""

from __future__ import annotations

import pytest

from peelian.errors import InputError, IntegrityError
from peelian.kernel.vault.vault import context_of, dataset_in, header_of, object_id

OBJECT = "0123456789abcdef" * 2


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", OBJECT + "0", OBJECT.upper(), OBJECT[:-1] + "\n"])
def test_a_name_is_never_a_path(name: str) -> None:
    with pytest.raises(InputError):
        object_id(name)


def test_the_header_names_the_dataset() -> None:
    start = header_of("incidents-é")
    assert dataset_in(start + b"ciphertext") == ("incidents-é", len(start))


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 256, "é" * 128])
def test_a_dataset_has_a_printable_name(name: str) -> None:
    with pytest.raises(InputError):
        header_of(name)


@pytest.mark.parametrize("start", [b"", b"PAR1", header_of("abc")[:-1], header_of("ab")[:-1] + b"\xff"])
def test_a_damaged_header_is_seen(start: bytes) -> None:
    with pytest.raises(IntegrityError):
        dataset_in(start)


def test_dataset_object_and_version_are_bound() -> None:
    assert context_of(dataset="a", object="b") == b'{"dataset":"a","object":"b","version":1}'
