"""What an office that keeps recordings of body cameras can show of its policy: acts in the log, each with its entry.

The log is complete, so it also shows what did not happen: "0 handed over" is a count, not a missing piece. What a
policy asks to be *done* (an audit, a sample, a category) is shown by its act or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from peelian.kernel.gate import found_in, is_decided
from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.org_units import same_unit
from peelian.kernel.model.ports import Entry
from peelian.kernel.model.retention_schedule import due_at
from peelian.kernel.retention.retention import item_of, needed
from peelian.kernel.state.kernel import CaseHistory, Kernel, is_of
from peelian.oversight.compliance.checks import Check, Proof, authorizations_in_force
from peelian.technologies.footage import shapes
from peelian.technologies.footage.shapes import FEWEST_PUBLIC

PURPOSES = frozenset({"disclosure", "oversight", "audit"})
AUDIT_DAYS, SAMPLE_DAYS, JOB_DAYS = 365, 62, 2
FOOTAGE, REDACTED, PACKAGE = (f"footage.{one}" for one in (shapes.FOOTAGE, shapes.REDACTED, shapes.PACKAGE))
HERE = (FOOTAGE, *(f"footage.{one}" for one in (shapes.DISPATCH, shapes.RECORDINGS)))  # shapes, with their owner


def used(kernel: Kernel) -> bool:
    """Whether this office ever kept a recording, or dispatch records or lists to compare with them."""
    return any(_is(kernel, e, "ADMITTED", one) for _, e in kernel.stores.log.read() for one in HERE)


def bwc_assessed(kernel: Kernel) -> Iterator[Proof]:
    """An impact assessment that serves the footage technology is in force."""
    for digest in authorizations_in_force(kernel, AuthorizationKind.IMPACT_ASSESSMENT):
        if kernel.state.authorizations[digest].serves.startswith("footage"):
            says = "impact assessment of body cameras in force"
            yield Proof(holds=True, kind="document", ref=digest, says=says)


def bwc_purposes(kernel: Kernel) -> Iterator[Proof]:
    """Every recording was kept for purposes of disclosure, oversight or audit, and no others."""
    kept = [a for a in kernel.state.datasets.values() if kernel.shape_of(a) == FOOTAGE]
    bad = sum(not set(a.declaration["purposes"]) <= PURPOSES for a in kept)
    says = "%(n)d %(n:recording|recordings) kept, %(bad)d for purposes other than disclosure, oversight and audit"
    yield _counted(kernel, lambda e: _is(kernel, e, "ADMITTED", FOOTAGE), says, not bad, n=len(kept), bad=bad)


def bwc_audited(kernel: Kernel) -> Iterator[Proof]:
    """The board adopted an audit of activation within a year."""
    found = _decided(kernel, "footage.activation")
    if found:
        index, day = found[-1]
        fresh = day > kernel.now() - timedelta(days=AUDIT_DAYS)
        says = "camera activation audit adopted on %(day)s"
        yield Proof(holds=fresh, kind="log", ref=str(index), says=says, values={"day": day.date().isoformat()})


def bwc_reasons(kernel: Kernel) -> Iterator[Proof]:
    """How many deactivations gave no reason, by the newest audit of activation that was decided.

    The page is public: nothing of a suspended technology, and no count from one to ten.
    """
    histories = [t for t in _histories(kernel, "footage.activation") if is_decided(t)]
    if not histories or "footage" in kernel.state.suspended:
        return
    newest = max(histories, key=lambda t: _last(t, "RAN")[0])
    found = found_in(kernel, newest.case)
    if found is None:
        return
    reasons = found.table("reasons")
    n = int(reasons["n"].sum())
    without = int(reasons["n"][reasons["reason"] == "none_given"].sum())
    index = str(_last(newest, "RAN")[0])
    says = "%(n)d %(n:deactivation|deactivations) before the end of a call, %(without)d without a reason"
    values = {"n": n, "without": without}
    if 0 < without < FEWEST_PUBLIC:
        says = "deactivations before the end of a call without a reason: at least 1, fewer than %(k)d"
        values = {"k": FEWEST_PUBLIC}
    elif 0 < n < FEWEST_PUBLIC:
        says = "deactivations before the end of a call: at least 1, fewer than %(k)d, none without a reason"
        values = {"k": FEWEST_PUBLIC}
    yield Proof(holds=not without, kind="log", ref=index, says=says, values=values)


def bwc_sealed(kernel: Kernel) -> Iterator[Proof]:
    """Recordings are sealed under their digest; every opening of one names the case or the person."""
    names = {a.dataset for a in _ever(kernel) if kernel.shape_of(a) == FOOTAGE}
    opened = [(i, e) for i, e in kernel.stores.log.read() if e["kind"] == "OPENED" and e.get("dataset") in names]
    bare = sum("case" not in e and "by" not in e for _, e in opened)
    says = (
        "%(n)d %(n:recording|recordings) encrypted and opened %(opened)d %(opened:time|times), "
        "%(bare)d without a named person"
    )
    yield _counted(
        kernel,
        lambda e: _is(kernel, e, "ADMITTED", FOOTAGE),
        says,
        not bare,
        n=len(names),
        opened=len(opened),
        bare=bare,
    )


def bwc_categories(kernel: Kernel) -> Iterator[Proof]:
    """Every recording has a category, and what was due went into the queue."""
    defined = [i for i, e in kernel.stores.log.read() if e["kind"] == "CATEGORY"]
    if not defined:
        return
    kept = [a for a in kernel.state.datasets.values() if kernel.shape_of(a) == FOOTAGE]
    wanted, late = needed(kernel), kernel.now() - timedelta(days=JOB_DAYS)
    items = [item_of(kernel, a, wanted) for a in kept]
    bare = sum(not item.categories for item in items)
    overdue = sum((at := due_at(item)) is not None and at <= late for item in items)
    says = (
        "%(n)d %(n:recording|recordings), %(bare)d without a category, "
        "%(overdue)d past the retention period and not queued"
    )
    values = {"n": len(kept), "bare": bare, "overdue": overdue}
    yield Proof(holds=not bare and not overdue, kind="log", ref=str(defined[-1]), says=says, values=values)


def bwc_close(kernel: Kernel) -> Iterator[Proof]:
    """There is a category that holds close what is sensitive."""
    close = {key for key, category in kernel.state.retention.categories.items() if category.access}
    defined = [i for i, e in kernel.stores.log.read() if e["kind"] == "CATEGORY" and e["category"] in close]
    if defined:
        n = sum(bool(close & set(tags)) for tags in kernel.state.retention.tags.values())
        says = "%(close)d restricted or confidential %(close:category|categories), on %(n)d %(n:item|items)"
        values = {"close": len(close), "n": n}
        yield Proof(holds=True, kind="log", ref=str(defined[-1]), says=says, values=values)


def bwc_handed(kernel: Kernel) -> Iterator[Proof]:
    """Every hand-over is of an accepted case that a person of another unit decided."""
    n = wrong = 0
    for history in kernel.state.histories.values():
        for _, entry in history.entries:
            if entry["kind"] == "DELIVERED":
                n += 1
                wrong += not _by_another(history)
    says = "%(n)d %(n:package|packages) delivered, %(wrong)d without approval from another unit"
    yield _counted(kernel, lambda e: e["kind"] == "DELIVERED", says, not wrong, n=n, wrong=wrong)


def bwc_redacted(kernel: Kernel) -> Iterator[Proof]:
    """Packages are made of redacted copies."""
    made = [e for _, e in kernel.stores.log.read() if e["kind"] == "DERIVED"]
    copies, packages = (sum(is_of(kernel, e, shape) for e in made) for shape in (REDACTED, PACKAGE))
    says = (
        "%(copies)d redacted %(copies:copy|copies) made from reviewed plans, %(packages)d %(packages:package|packages)"
    )
    holds = bool(copies) or not packages
    yield _counted(kernel, lambda e: _is(kernel, e, "DERIVED", REDACTED), says, holds, copies=copies, packages=packages)


def bwc_sampled(kernel: Kernel) -> Iterator[Proof]:
    """Supervisors had a sample within two months."""
    drawn = [_last(t, "RAN") for t in _histories(kernel, "footage.sample") if t.digests("RAN")]
    if drawn:
        index, entry = max(drawn, key=lambda pair: pair[0])
        day = datetime.fromisoformat(str(entry["t"]))
        fresh = day > kernel.now() - timedelta(days=SAMPLE_DAYS)
        says = "latest supervisor sample drawn on %(day)s"
        yield Proof(holds=fresh, kind="log", ref=str(index), says=says, values={"day": day.date().isoformat()})


FOOTAGE_CHECKS: dict[str, Check] = {
    "bwc_assessed": bwc_assessed,
    "bwc_purposes": bwc_purposes,
    "bwc_audited": bwc_audited,
    "bwc_reasons": bwc_reasons,
    "bwc_sealed": bwc_sealed,
    "bwc_categories": bwc_categories,
    "bwc_close": bwc_close,
    "bwc_handed": bwc_handed,
    "bwc_redacted": bwc_redacted,
    "bwc_sampled": bwc_sampled,
}
"""Every check by the name that `body_cameras.toml` uses."""


def _counted(kernel: Kernel, of: Callable[[Entry], bool], says: str, holds: bool, **values: int) -> Proof:
    """A count over the whole log, with the last entry that it counted, else the last one there is."""
    entries = list(kernel.stores.log.read())
    own = [i for i, e in entries if of(e)]
    return Proof(holds=holds, kind="log", ref=str(own[-1] if own else entries[-1][0]), says=says, values=values)


def _is(kernel: Kernel, entry: Entry, kind: str, shape: str) -> bool:
    return entry["kind"] == kind and is_of(kernel, entry, shape)


def _histories(kernel: Kernel, capability: str) -> Iterator[CaseHistory]:
    return (t for t in kernel.state.histories.values() if t.capability == capability)


def _last(history: CaseHistory, kind: str) -> tuple[int, Entry]:
    return next((i, e) for i, e in reversed(history.entries) if e["kind"] == kind)


def _decided(kernel: Kernel, capability: str) -> list[tuple[int, datetime]]:
    """Index and day of every acceptance, the last one last."""
    made = [(i, e) for t in _histories(kernel, capability) for i, e in t.entries if e["kind"] == "DECIDED"]
    return sorted((i, datetime.fromisoformat(str(e["t"]))) for i, e in made if e["choice"] == "accept")


def _by_another(history: CaseHistory) -> bool:
    return any(
        e["kind"] == "DECIDED"
        and e["choice"] == "accept"
        and e["by"] != history.by
        and not same_unit(str(e["unit"]), history.unit)
        for _, e in history.entries
    )


def _ever(kernel: Kernel) -> Iterator[Admission]:
    state = kernel.state
    yield from (*state.datasets.values(), *state.queued.values(), *state.destroyed.values())
