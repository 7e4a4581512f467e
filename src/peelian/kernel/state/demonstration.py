"""The mark of a demonstration office: the first entry of its log. People and acts there are played."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.errors import OutOfOrder
from peelian.kernel.model.capability import Scalar
from peelian.kernel.state.kernel import Kernel

MARK = "DEMONSTRATION"
IN_A_BODY: Mapping[str, Scalar] = {"demonstration": 1}
"""What the body of every authorization says there, signed with it."""


def mark(kernel: Kernel) -> None:
    """Mark an office for good, before anything else is in its log. OutOfOrder: something is."""
    with kernel.lock:
        if kernel.stores.log.size():
            raise OutOfOrder("An office that is in use cannot become a demonstration.")
        kernel.append(MARK)


def is_demonstration(kernel: Kernel) -> bool:
    """Whether the first entry of the log marks this office; an entry further on marks nothing. O(1)."""
    log = kernel.stores.log
    return log.head()["size"] > 0 and log.entry(0)["kind"] == MARK


def marked(kernel: Kernel, body: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The body of an authorization as it is signed here."""
    return {**body, **IN_A_BODY} if is_demonstration(kernel) else dict(body)


def unmarked(body: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """What an authorization says besides: its criteria, its scope."""
    return {name: value for name, value in body.items() if name not in IN_A_BODY}
