"""What an office can show of itself: each check looks at its log, its authorizations and its settings and returns
proofs.

A check that finds nothing to look at returns no proof: it neither passes nor fails. Checks judge acts, never people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, requires

from peelian.kernel.model.capability import AuthorizationKind, Role, Scalar
from peelian.kernel.model.drill_due import is_recent
from peelian.kernel.model.org_units import same_unit
from peelian.kernel.state.kernel import Kernel
from peelian.measure.table import NEVER_LEAVES
from peelian.oversight import drift
from peelian.oversight.assessment import tools
from peelian.oversight.review import privileges
from peelian.oversight.review.week import overdue_weeks, weeks
from peelian.oversight.transparency import yearly

STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{2}Z")
TOKEN = re.compile(r"office|[0-9a-f]{8,64}")
SEPARATE = (Role.CUSTODIAN, Role.BOARD, Role.COUNCIL)
OPEN = re.compile(r"apache|bsd|mit|mpl|isc|psf|python|unlicense|lgpl|zlib|public domain", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One piece of evidence: whether it speaks for the requirement, of which kind, where it lies, what it says.

    `ref` is a log index for kind log, a digest for kind document, a test's name for kind test, else a word.
    """

    holds: bool
    kind: str  # log, document, setting, test
    ref: str
    says: str  # a message id
    values: Mapping[str, Scalar] = field(default_factory=dict)


Check = Callable[[Kernel], Iterator[Proof]]


def decided_by_others(kernel: Kernel) -> Iterator[Proof]:
    """Every decision is by a person of another unit than the requester's."""
    for n, wrong, last in (_decisions(kernel),):
        if n:
            says = "%(n)d %(n:decision|decisions), %(wrong)d made by the requester or their unit"
            yield Proof(holds=not wrong, kind="log", ref=str(last), says=says, values={"n": n, "wrong": wrong})


def overruled(kernel: Kernel) -> Iterator[Proof]:
    """How often a person did not follow the system."""
    entries = [(i, e) for i, e in kernel.stores.log.read() if e["kind"] == "DECIDED"]
    against = [i for i, e in entries if e["choice"] in ("decline", "reject", "change")]
    if entries:
        says = (
            "%(against)d of %(n)d %(n:decision|decisions) declined, rejected or changed what a case found. "
            "Each is logged."
        )
        last = against[-1] if against else entries[-1][0]
        yield Proof(
            holds=True, kind="log", ref=str(last), says=says, values={"against": len(against), "n": len(entries)}
        )


def trained(kernel: Kernel) -> Iterator[Proof]:
    """Everybody's training holds today."""
    today = kernel.now().date().isoformat()
    people = list(kernel.state.people.values())
    late = sum(person.trained_until < today for person in people)
    if people:
        says = "%(n)d %(n:person|people) enrolled, %(late)d with expired training: refused until it is renewed."
        yield Proof(holds=not late, kind="setting", ref="people", says=says, values={"n": len(people), "late": late})


def accurate(kernel: Kernel) -> Iterator[Proof]:
    """Every capability that gave advice did so under an accuracy report that a case earned."""
    found = drift.reports(kernel)
    for origin in found:
        says = "a case earned the report for %(serves)s, valid until %(until)s"
        values = {"serves": origin.authorization.serves, "until": origin.authorization.ends[:10]}
        yield Proof(holds=True, kind="document", ref=origin.digest, says=says, values=values)


def drifting(kernel: Kernel) -> Iterator[Proof]:
    """No report in force is older than a quarter without a check on new data."""
    for found in drift.checks(kernel)[-3:]:
        says = (
            "%(serves)s met its acceptance criteria on new data"
            if found.holds
            else ("%(serves)s missed its acceptance criteria on new data. Its report was revoked.")
        )
        yield Proof(holds=True, kind="log", ref=str(found.index), says=says, values={"serves": found.serves})
    for origin in drift.due(kernel):
        says = (
            "%(serves)s not checked on new data for a quarter. Test it under Tasks, or with `peelian oversight drift`"
        )
        yield Proof(
            holds=False, kind="document", ref=origin.digest, says=says, values={"serves": origin.authorization.serves}
        )


def no_person(kernel: Kernel) -> Iterator[Proof]:
    """No capability declares a table that could hold a person."""
    tables = [emit for t in kernel.technologies for c in t.capabilities for emit in c.emits]
    bad = sum(bool(set(emit.kinds.values()) & NEVER_LEAVES) for emit in tables)
    says = "%(n)d tables can be released, %(bad)d with a column for persons"
    yield Proof(holds=not bad, kind="setting", ref="capabilities", says=says, values={"n": len(tables), "bad": bad})


def no_points(kernel: Kernel) -> Iterator[Proof]:
    """No capability declares coordinates: places leave as cells and named areas."""
    names = {name for t in kernel.technologies for c in t.capabilities for e in c.emits for name in e.columns}
    bad = sorted(names & {"lat", "lon", "latitude", "longitude", "x", "y"})
    says = (
        "no table that can be released has point coordinates"
        if not bad
        else "tables that can be released have coordinates"
    )
    yield Proof(holds=not bad, kind="setting", ref="capabilities", says=says)


def no_plates(kernel: Kernel) -> Iterator[Proof]:
    """No technology of this office reads plates, devices or faces against a list."""
    shapes = {read.shape.rpartition(".")[2] for t in kernel.technologies for c in t.capabilities for read in c.reads}
    bad = sorted(shapes & {"plates", "devices", "gallery", "watchlist"})
    says = "no capability of this office reads plates or devices" if not bad else "a capability reads plates or devices"
    yield Proof(holds=not bad, kind="setting", ref="capabilities", says=says)


def _kept_for(days: int) -> Check:
    """A check that the log still holds its first entry, and that this entry is some days old: a younger log shows no
    keeping."""

    def log_kept(kernel: Kernel) -> Iterator[Proof]:
        index, entry = next(iter(kernel.stores.log.read()), (0, None))
        old = entry is not None and str(entry["t"]) <= (kernel.now() - timedelta(days=days)).isoformat()
        if entry is not None and (old or index):
            says = "the log is complete from entry 0, on %(day)s"
            yield Proof(holds=index == 0, kind="log", ref=str(index), says=says, values={"day": str(entry["t"])[:10]})

    return log_kept


KEPT_HALF_A_YEAR, KEPT_A_YEAR = _kept_for(183), _kept_for(365)


def yearly_report(kernel: Kernel) -> Iterator[Proof]:
    """The year's uses are counted from the log; where nobody requested any there is nothing to report."""
    year = kernel.now().year
    lines = yearly.yearly(kernel, year)
    if not any(x.asked for x in lines):
        return
    says = "%(asked)d %(asked:use|uses) requested and %(refused)d refused in %(year)s, published in the inventory"
    values: dict[str, Scalar] = {
        "asked": sum(x.asked for x in lines),
        "refused": sum(x.refused for x in lines),
        "year": str(year),
    }
    yield Proof(holds=True, kind="setting", ref="log", says=says, values=values)


def declared(kernel: Kernel) -> Iterator[Proof]:
    """Every dataset came in with a complete declaration."""
    admissions = list(kernel.state.datasets.values())
    wanted = ("title", "purposes", "legal_basis", "minimisation", "retention_days", "source")
    bad = sum(not all(a.declaration.get(key) for key in wanted) for a in admissions)
    if admissions:
        says = "%(n)d %(n:dataset|datasets), %(bad)d without a complete declaration"
        values = {"n": len(admissions), "bad": bad}
        yield Proof(holds=not bad, kind="setting", ref="datasets", says=says, values=values)


def privileges_reviewed(kernel: Kernel) -> Iterator[Proof]:
    """Privileges were reviewed within a year."""
    newest = privileges.last_review(kernel)
    late = privileges.overdue(kernel)
    if newest:
        says = "access rights reviewed on %(day)s"
        yield Proof(holds=not late, kind="log", ref=str(newest[0]), says=says, values={"day": newest[1][:10]})
    elif late:
        yield Proof(holds=False, kind="setting", ref="people", says="access rights not reviewed for a year")


def separated(kernel: Kernel) -> Iterator[Proof]:
    """No one person holds the custodian's, the board's and the council's parts; roles without a holder show nothing."""
    people = list(kernel.state.people.values())
    bad = sum(sum(role in person.roles for role in SEPARATE) > 1 for person in people)
    if bad or all(any(role in person.roles for person in people) for role in SEPARATE):
        says = (
            "%(bad)d %(bad:person holds|people hold) more than one of these roles: custodian, oversight board, council"
        )
        yield Proof(holds=not bad, kind="setting", ref="people", says=says, values={"bad": bad})


def opened(kernel: Kernel) -> Iterator[Proof]:
    """Every opening of a dataset is an entry with its case or its act."""
    entries = [i for i, e in kernel.stores.log.read() if e["kind"] in ("OPENED", "OPENED_SET")]
    if entries:
        says = "%(n)d %(n:opening|openings) of encrypted data, each with its own log entry"
        yield Proof(holds=True, kind="log", ref=str(entries[-1]), says=says, values={"n": len(entries)})


def tokens(kernel: Kernel) -> Iterator[Proof]:
    """People stand in the log as tokens only."""
    entries = [(i, e) for i, e in kernel.stores.log.read() if "by" in e]
    wrong = [i for i, e in entries if not TOKEN.fullmatch(str(e["by"]))]
    if entries:
        says = "%(n)d %(n:entry says|entries say) who acted, %(wrong)d of them other than by a token"
        values = {"n": len(entries), "wrong": len(wrong)}
        yield Proof(
            holds=not wrong, kind="log", ref=str(wrong[0] if wrong else entries[-1][0]), says=says, values=values
        )


def stamps(kernel: Kernel) -> Iterator[Proof]:
    """Every entry's time is UTC to a hundredth of a second."""
    entries = list(kernel.stores.log.read())
    wrong = [i for i, e in entries if not STAMP.fullmatch(str(e["t"]))]
    if entries:
        says = "%(n)d %(n:entry|entries), %(wrong)d without a UTC time to a hundredth of a second"
        values = {"n": len(entries), "wrong": len(wrong)}
        yield Proof(
            holds=not wrong, kind="log", ref=str(wrong[0] if wrong else entries[-1][0]), says=says, values=values
        )


def weekly(kernel: Kernel) -> Iterator[Proof]:
    """No week's review of accesses is overdue."""
    known, late = weeks(kernel), overdue_weeks(kernel)
    if known:
        says = "%(n)d %(n:week|weeks) with accesses, %(late)d %(late:review|reviews) overdue"
        values = {"n": len(known), "late": len(late)}
        yield Proof(holds=not late, kind="setting", ref="review", says=says, values=values)


def drilled(kernel: Kernel) -> Iterator[Proof]:
    """People played a breach drill that counts within twelve months (or an earlier version counted a machine's)."""
    counts = {"DRILL_COUNTERSIGNED": "counts", "DRILLED": "met"}
    drilled = list(kernel.stores.log.read(kinds=counts.keys()))
    found = [(i, e) for i, e in drilled if e.get(counts[str(e["kind"])]) == 1]
    if not found:
        says = "no breach drill that counts" if drilled else "no breach drill completed yet"
        yield Proof(holds=False, kind="setting", ref="drill", says=says)
        return
    index, entry = found[-1]
    at = str(entry["t"])
    says = "last successful breach drill: %(day)s"
    yield Proof(holds=is_recent(at, kernel.now()), kind="log", ref=str(index), says=says, values={"day": at[:10]})


def reported_tools(kernel: Kernel) -> Iterator[Proof]:
    """No tool reported before approval is past the day it had to be paused."""
    known, late = tools.tools(kernel), tools.overdue(kernel)
    for tool in late:
        says = "a tool had to be paused by %(day)s and is still in use"
        yield Proof(holds=False, kind="log", ref=str(tool.index), says=says, values={"day": tool.pause_by})
    if known and not late:
        last = max(tool.index for tool in known.values())
        says = "%(n)d %(n:tool|tools) reported before approval, none overdue"
        yield Proof(holds=True, kind="log", ref=str(last), says=says, values={"n": len(known)})


def open_source(kernel: Kernel) -> Iterator[Proof]:
    """Every component this program needs is under an open-source licence, by its own metadata."""
    names = [re.split(r"[^\w.-]", line)[0] for line in requires("peelian") or () if "extra ==" not in line]
    closed = sorted(name for name in names if not OPEN.search(_licence(name)))
    says = "%(n)d %(n:component|components), %(closed)d without an open-source licence"
    values = {"n": len(names), "closed": len(closed)}
    yield Proof(holds=not closed, kind="setting", ref="components", says=says, values=values)


@cache
def _licence(name: str) -> str:
    """What an installed component says of its licence: its fields, or else the first lines of the licence it brings."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return ""
    keys = ("License-Expression", "License", "Classifier")
    fields = [text for key in keys for text in found.metadata.get_all(key) or []]
    said = " ".join(text for text in fields if text and ("License" in text or "::" not in text))
    brought = [file for file in found.files or () if file.name.upper().startswith("LICEN")]
    return said or " ".join(file.read_text(encoding="utf-8")[:400] for file in brought)


def _decisions(kernel: Kernel) -> tuple[int, int, int]:
    """Decisions, those by the asker or the asker's unit, and the index of the last one."""
    n, wrong, last = 0, 0, 0
    for history in kernel.state.histories.values():
        for index, entry in history.entries:
            if entry["kind"] == "DECIDED":
                n, last = n + 1, max(last, index)
                wrong += entry["by"] == history.by or same_unit(str(entry["unit"]), history.unit)
    return n, wrong, last


def authorizations_in_force(kernel: Kernel, authorization: AuthorizationKind) -> list[str]:
    """Marks of the authorizations of one kind in force now."""
    now = kernel.now().isoformat()
    return [
        digest
        for digest, p in kernel.state.authorizations.items()
        if p.kind is authorization and p.starts <= now < p.ends
    ]
