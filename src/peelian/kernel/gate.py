"""The gate: what every door asks before something comes in, is opened, or leaves.

`enter` is asked by whatever brings something in, `the_opening_is_permitted` (`kernel/access/decryption_checks`) before
a key is unwrapped, `leave` before anybody sees what a case found and nobody published. A suspended technology takes
nothing in and gives nothing out; who may lift the suspension looks, on pages, and the log says so.
It also says who opened findings to decide on them.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from enum import StrEnum
from typing import BinaryIO

from peelian.errors import OutOfOrder, Reason, Refused, enumerated, sentence
from peelian.kernel.access.access_classes import why_not_see
from peelian.kernel.access.decryption_checks import the_opening_is_permitted as the_opening_is_permitted
from peelian.kernel.identity.sessions import why_not_enter
from peelian.kernel.model.capability import Capability, Findings
from peelian.kernel.model.documents import Evidence
from peelian.kernel.model.findings import unpack
from peelian.kernel.model.people import Operator, Person
from peelian.kernel.model.suspension import OVERSEERS
from peelian.kernel.policy.authorize import must_not_be_stopped, refusal, why_not_second, why_stopped
from peelian.kernel.policy.signed_entries import entry_by, shown, signer_of
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import CaseHistory, Kernel
from peelian.kernel.state.signed_documents import archived

UNDECIDED = "undecided"  # the room of what nobody has decided: a town's bylaws may narrow it
EVERY = 1 << 20  # bytes of an open object between two looks whether its technology was suspended


class Way(StrEnum):
    """How something leaves: looked at on a page, taken home as a report, or as data for a program."""

    LOOK = "look"
    FILE = "file"
    DATA = "data"


def enter(kernel: Kernel, technology: str) -> None:
    """Refused while the technology is suspended: nothing comes in for it, at whichever door."""
    must_not_be_stopped(kernel, technology)


def leave(kernel: Kernel, person: Person | None, case: str, way: Way) -> Findings | None:
    """What a case found, for this person; None where it found nothing yet or that was erased.

    Refused with every reason where it may not leave this way. The caller logs what leaves as file or data
    (`verbs/export`), and a look during a suspension (`looked`). OutOfOrder: no such case. O(entries of the case).
    """
    if reasons := tuple(why_not_leave(kernel, person, case, way)):
        raise Refused(reasons)
    return found_in(kernel, case)


def why_not_leave(kernel: Kernel, person: Person | None, case: str, way: Way) -> Iterator[Reason]:
    """Every reason why what a case found may not leave this way for this person; none where it found nothing yet.

    1. A suspended technology's findings are looked at by those who may lift the suspension, and leave as no file.
    2. What nobody decided is looked at by those who ask for such cases, decide or oversee them. A report of it is for
       who may decide it, and no data of it leaves.
    3. It is as close as the data that it was made from.
    """
    history = kernel.state.histories.get(case)
    if history is None:
        raise OutOfOrder("no case with this name")
    if not history.digests("RAN"):
        return
    declared, roles = kernel.past_capability(history.capability), person.roles if person else frozenset()
    # 1. A suspension stops it all.
    if way is not Way.LOOK or not roles & OVERSEERS:
        yield from why_stopped(kernel, declared.technology)
    # 2. Nobody takes home what nobody decided.
    if not is_decided(history):
        yield from _why_not_undecided(kernel, person, declared, history, way)
    # 3. What is held close is seen by few.
    yield from why_not_see(kernel, person, case)


def is_decided(history: CaseHistory) -> bool:
    """Whether somebody decided what the case's newest run found."""
    found = history.digests("RAN")
    return bool(found) and bool(history.after("DECIDED", found[-1]))


def _why_not_undecided(
    kernel: Kernel, person: Person | None, declared: Capability, history: CaseHistory, way: Way
) -> Iterator[Reason]:
    rule, roles = "nobody_decided_yet", person.roles if person else frozenset()
    if way is Way.DATA:
        yield refusal(rule, "No decision yet.", "Have the case decided, then export.")
    elif way is Way.FILE:
        if person is None or not roles & declared.asks.deciders:
            remedy = sentence("Ask one of these: %(roles)s", roles=enumerated(sorted(declared.asks.deciders)))
            yield refusal(rule, "No decision yet. A report is for whoever may decide.", remedy)
        else:
            yield from why_not_second((person.token, person.unit), (history.by, history.unit))
    elif not roles & (declared.asks.askers | declared.asks.deciders | OVERSEERS):
        yield refusal(rule, "No decision yet. Findings are visible to assigned staff.", "Wait for the decision.")
    else:
        yield from why_not_enter(kernel, person, UNDECIDED)


def found_in(kernel: Kernel, case: str) -> Findings | None:
    """What a case's newest run found, whoever sees it: for what the office works out itself. Whoever shows it asks
    `leave`. None where it found nothing, or that was erased. O(findings)."""
    history = kernel.state.histories.get(case)
    digests = history.digests("RAN") if history else []
    if history is None or not digests or any(entry["kind"] == "ERASED" for _, entry in history.entries):
        return None
    return unpack(kernel.stores.archive.get(archived(kernel, digests[-1], Evidence).findings))


@act
def looked(kernel: Kernel, by: Operator, case: str, *, whole: bool = False) -> None:
    """Log a look at findings: of a suspended technology, once a session and suspension; and where all of what was found
    is shown (`whole`) to a person who may decide on it, once a person and findings. Nothing otherwise. Refused where
    they may not look."""
    with kernel.lock:
        history = kernel.state.histories.get(case)
        if history is None or not (ran := history.digests("RAN")):
            return
        technology, person = history.capability.partition(".")[0], kernel.state.people.get(by.person.token)
        suspended = technology in kernel.state.suspended
        if not suspended and not (whole and _may_decide(kernel, person, history)):
            return
        if reasons := tuple(why_not_leave(kernel, person, case, Way.LOOK)):
            raise Refused(reasons)
        own, since = {"by": by.person.token}, -1
        if suspended:
            own, since = {**own, "session": by.session}, _suspended_at(kernel, technology)
        said = own | ({"before": ran[-1]} if whole else {})
        if not any(
            index > since and all(entry.get(name, "") == value for name, value in said.items())
            for index, entry in history.entries
            if entry["kind"] == "LOOKED"
        ):
            _log_look(kernel, by, {"case": case, **({"before": ran[-1]} if whole else {})}, signed=suspended)


def _log_look(kernel: Kernel, by: Operator, said: dict[str, str], *, signed: bool) -> None:
    """A look at a page is the session's, as every read is, unless it must be `signed`; elsewhere the person signs."""
    if signed and by.session:
        shown(kernel, by, "LOOKED", **said)
        return
    if not by.session:
        entry = entry_by(kernel, by, "LOOKED", **said)
        signer_of(kernel, entry)
    elif kernel.state.seated.get(by.session) != by.person.token:
        raise Refused([refusal("the_session_is_open", "session ended", "Log on again.")])
    else:
        entry = kernel.entry("LOOKED", {"by": by.person.token, "session": by.session, **said})
    kernel.take(entry)


def _may_decide(kernel: Kernel, person: Person | None, history: CaseHistory) -> bool:
    """Whether a person is one who may decide what a case's newest run found, and nobody did."""
    deciders = kernel.past_capability(history.capability).asks.deciders
    if person is None or is_decided(history) or not person.roles & deciders:
        return False
    return not any(why_not_second((person.token, person.unit), (history.by, history.unit)))


def _suspended_at(kernel: Kernel, technology: str) -> int:
    """The index of the entry that suspended it. O(suspensions)."""
    found = kernel.stores.log.read(kinds=("SUSPENDED",))
    return max((index for index, entry in found if entry["technology"] == technology), default=-1)


class WatchedFile(io.RawIOBase):
    """An open object of a technology, as a readable, seekable file that gives nothing more once that is suspended.

    It looks at every read, at least once in `EVERY` bytes. Refused from then on.
    """

    def __init__(self, kernel: Kernel, technology: str, file: BinaryIO) -> None:
        self._kernel, self._technology, self._file = kernel, technology, file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, into: object, /) -> int:
        """The next bytes; 0 at the end."""
        self._kernel.stores.follow()
        must_not_be_stopped(self._kernel, self._technology)
        view = memoryview(into).cast("B")[:EVERY]  # type: ignore[arg-type]  # io hands any writable buffer
        data = self._file.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()
