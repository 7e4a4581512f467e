"""Custody declarations: derivatives, deliveries, and moments in the history of an object kept whole.

How they work together is told in `kernel/verbs/custody`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from peelian.kernel.model.capability import Findings
    from peelian.kernel.model.formats import Admitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One entry of the log that concerns a dataset: its index, the entry, and its receipt (C2SP tlog-proof)."""

    index: int
    entry: Mapping[str, str | int]
    receipt: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Make:
    """A derivative a capability writes through `Context.make(role)`: its shape, and the read role it derives from.

    `describe(params, findings)` gives its description and facts, as a format's `inspect` does for what comes in. It is
    sealed and logged as DERIVED; `Evidence.made[role]` is its dataset, which later cases may read under `shape`. No
    format may have that shape: what is made here cannot be brought in from outside.
    """

    role: str
    shape: str
    of: str
    describe: Callable[[Any, Findings], Admitted]
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """To whom a derivative may be handed once its case was accepted, and for how many days after the decision."""

    make: str  # the role of the derivative
    recipient: str  # the recipient's public key: `age1…` or `ssh-ed25519 …`
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerDesk:
    """What a bench may lean on: the reviewer's token, the time in UTC, where to keep, and what to let go in the end.

    `viewed(role)` logs that the reviewer looked through all of an object.
    """

    by: str
    now: Callable[[], str]
    keep: Callable[[bytes], Any]
    viewed: Callable[[str], None]
    done: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """How a person looks a proposal through: `open(files, desk)` over what the case read and made, by role.

    It returns what a page asks for (technologies say what that is), with `close()`. What the person confirms is kept
    with `desk.keep(bytes)` under the format `keeps` and the declaration of the object read as `of`.
    """

    open: Callable[[Mapping[str, BinaryIO], ReviewerDesk], Any]
    keeps: str
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The office's signature for provenance manifests: Ed25519 over bytes, and the certificates that vouch for it."""

    certificates: bytes  # PEM, the signer's first
    sign: Callable[[bytes], bytes]


def stream_of(content: bytes) -> BinaryIO:
    """Bytes as the readable, seekable file that a `Dataset.stream` is, and that can be written: for examples, and
    where no kernel is around."""
    return io.BytesIO(content)
