"""Ports: every answer that ships has the methods its port asks for, with the same names of arguments."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from peelian.kernel.model import ports
from peelian.storage.document_rows import DocumentRows
from peelian.storage.log_publisher import PublishedLog
from peelian.storage.people_names import NameRows
from peelian.storage.rows import StoredRows
from peelian.storage.tickets import TicketRows
from peelian.storage.vault_files import FileVault
from peelian.storage.vault_memory import MemoryVault

ANSWERS: list[tuple[Any, Any]] = [
    (ports.Log, PublishedLog),
    (ports.Receipts, PublishedLog),
    (ports.Rows, StoredRows),
    (ports.Tickets, TicketRows),
    (ports.Directory, NameRows),
    (ports.Vault, FileVault),
    (ports.Vault, MemoryVault),
    (ports.Archive, DocumentRows),
]


def _methods(port: Any) -> list[str]:
    return [name for name, one in vars(port).items() if inspect.isfunction(one) and not name.startswith("_")]


@pytest.mark.parametrize(("port", "answer"), ANSWERS)
def test_an_answer_has_every_method_of_its_port(port: Any, answer: Any) -> None:
    assert _methods(port)
    for name in _methods(port):
        asked, given = inspect.signature(getattr(port, name)), inspect.signature(getattr(answer, name))
        assert list(given.parameters) == list(asked.parameters), name
        for wanted, has in zip(asked.parameters.values(), given.parameters.values(), strict=True):
            assert (wanted.kind, wanted.default) == (has.kind, has.default), name


def test_what_a_document_says_is_in_no_trace_of_it() -> None:
    assert "Jane" not in repr(ports.Leaf(digest="m" * 64, document=b"Jane Doe"))


def test_what_is_sealed_is_a_value() -> None:
    sealed = ports.Sealed(object="a", dataset="b", digest="c", size=1)
    with pytest.raises(AttributeError):
        sealed.size = 2  # type: ignore[misc]
