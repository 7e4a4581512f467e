"""Known things: what the log names, by key, also where the document behind it is damaged.

A fault stays where it is: whoever asks for the damaged one is told, and all others are known as ever. Absence never
permits, so a damaged one is none of those that are gone through.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, Mapping, ValuesView
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from peelian.errors import DiskError, IntegrityError, Objection, OfficeShut, PeelianError

if TYPE_CHECKING:
    from peelian.kernel.state.kernel import Kernel

T = TypeVar("T")
E = TypeVar("E")


class Known(Mapping[str, T]):
    """Things by their key. `values`, `items` and `copy` have those that can be read; the keys of the others are known,
    too, and IntegrityError says why each cannot be had."""

    __slots__ = ("_whole", "faults")

    def __init__(self) -> None:
        self._whole: dict[str, T] = {}
        self.faults: dict[str, IntegrityError] = {}

    def __getitem__(self, key: str) -> T:
        if key in self.faults:
            raise self.faults[key]
        return self._whole[key]

    def __contains__(self, key: object) -> bool:
        return key in self._whole or key in self.faults

    def __iter__(self) -> Iterator[str]:
        yield from self._whole
        yield from self.faults

    def __len__(self) -> int:
        return len(self._whole) + len(self.faults)

    def __eq__(self, other: object) -> bool:
        mine = (self._whole, self.faults.keys())
        return mine == ((other._whole, other.faults.keys()) if isinstance(other, Known) else (other, {}.keys()))

    def values(self) -> ValuesView[T]:
        """Those that can be read."""
        return self._whole.values()

    def items(self) -> ItemsView[str, T]:
        """The same with their keys."""
        return self._whole.items()

    def copy(self) -> dict[str, T]:
        """The same, made in one step."""
        return self._whole.copy()

    def readable(self, key: str) -> T | None:
        """What is under a key, for a page that only names it; None where there is nothing or it is damaged."""
        return self._whole.get(key)

    def put(self, key: str, value: T) -> None:
        """This is under the key from now on."""
        self.faults.pop(key, None)
        self._whole[key] = value

    def damaged(self, key: str, fault: IntegrityError) -> None:
        """What is under this key cannot be read. OfficeShut and the like are raised: they shut more than that."""
        if not stays(fault):
            raise fault
        self._whole.pop(key, None)
        self.faults[key] = fault

    def drop(self, key: str) -> T | None:
        """Nothing is under the key any more; what was, as far as it could be read."""
        self.faults.pop(key, None)
        return self._whole.pop(key, None)

    def moves(self, key: str, to: Known[T]) -> None:
        """What is under this key is under it there from now on."""
        if key in self.faults:
            to.damaged(key, self.faults.pop(key))
        else:
            to.put(key, self._whole.pop(key))


def stays(fault: IntegrityError) -> bool:
    """Whether a fault shuts only what rests on the faulty thing."""
    return not isinstance(fault, (OfficeShut, DiskError, Objection))


def unless_damaged(notice: Callable[[IntegrityError], None], read: Callable[[], T], otherwise: E) -> T | E:
    """What `read` finds, for a page that also shows other things; `otherwise` where that is damaged, which is noticed.
    Nothing that grants is read so."""
    try:
        return read()
    except IntegrityError as fault:
        if not stays(fault):
            raise
        notice(fault)
        return otherwise


def faults_in(part: Any) -> list[IntegrityError]:
    """Why things that a part should know cannot be read."""
    own = [getattr(part, name) for name in getattr(type(part), "__slots__", ())]
    known = [one.faults for one in own if isinstance(one, Known)]
    every = (fault for faults in (*known, getattr(part, "faults", {})) for fault in faults.values())
    return [fault for fault in every if isinstance(fault, IntegrityError)]  # the alarms' are faults of sensors


def can_be_read(kernel: Kernel, fault: IntegrityError) -> bool:
    """Whether what a fault is of can be read now."""
    return why_damaged(kernel, fault.of) is None


def why_damaged(kernel: Kernel, of: str) -> PeelianError | None:
    """Why what a fault named so cannot be read now; None where it can."""
    what, _, name = of.partition(" ")
    read: Mapping[str, Callable[[str], object]] = {
        "document": kernel.stores.archive.get,
        "name": kernel.stores.directory.known,
        "row": partial(_row_read, kernel),
        "key": partial(_key_read, kernel),
        "entry": lambda index: kernel.stores.log.entry(int(index)),
        "head": lambda _: kernel.stores.log.size(),
    }
    try:
        read.get(what, str)(name)
    except PeelianError as wrong:
        return wrong
    return None


def _key_read(kernel: Kernel, name: str) -> None:
    keys = getattr(kernel.stores.archive, "keys", None)  # a registrar's client has none
    if keys is not None:
        keys.unwrapped(name)


def _row_read(kernel: Kernel, name: str) -> None:
    table, _, key = name.partition(" ")
    if key and not key.startswith("of entry "):
        kernel.stores.rows.row(table, key)
