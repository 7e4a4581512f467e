"""Windows of 15 minutes that the gateway sealed: kept, put together again, as hours for reports, as a day to release.

Opening them is an act of a named person and in the log, like every opening of what is sealed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.kernel.model.documents import Admission, Declaration
from peelian.kernel.model.formats import Admitted
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.records.sensor_register import RELEASERS, the_register
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.sensor_state import Listed
from peelian.kernel.verbs import ADMITTERS, admit
from peelian.kernel.verbs.custody import looked_into
from peelian.measure.table import Table
from peelian.oversight.sensors.gaps import ITS_QUARTERS, gap_seconds
from peelian.oversight.sensors.gate import GATEWAY, RETENTION_DAYS, store
from peelian.oversight.sensors.release import release
from peelian.technologies.sensors.release import Released
from peelian.technologies.sensors.sealed_windows import QUARTERS, quarters_table, windows_of
from peelian.technologies.sensors.windows import KEPT, SHORTEST, Window, merged

ITS_HOURS = "sensors.windows"  # a shape, with its owner
RELEASABLE = ("people", "vehicles")  # counts of events: one passage changes one window by one
A_DAY = timedelta(days=1)


def keep_windows(kernel: Kernel, by: Operator, windows: tuple[Window, ...], *, batch: str = "") -> Admission:
    """Seal windows that are over, for 90 days. At least one. `batch`: what their listener calls them. O(windows)."""
    declaration = Declaration(
        title="Windows of 15 minutes of the town's sensors",
        purposes=("safety", "audit", "oversight"),
        legal_basis="the public register of sensors",
        minimisation="sums of 15 minutes; single readings were never kept",
        retention_days=RETENTION_DAYS,
        source=GATEWAY,
    )
    starts = [window.start for window in windows]
    facts = {
        "from_day": f"{min(starts):%Y-%m-%d}",
        "to_day": f"{max(starts):%Y-%m-%d}",
        "until": (max(starts) + SHORTEST).isoformat(),
    } | ({"batch": batch} if batch else {})
    return admit(kernel, by, declaration, Admitted(table=quarters_table(windows), facts=facts), format=QUARTERS)


def kept_windows(kernel: Kernel, by: Operator, day: date) -> tuple[Window, ...]:
    """Every window of a day (UTC) that was sealed, its parts put together. O(windows of the day)."""
    found: list[Window] = []
    for made in _of_day(kernel, day):
        intent = looked_into(kernel, by, made.object, made.dataset)
        with kernel.stores.vault.open(made.object, intent=intent) as file:
            found += windows_of(Table.from_parquet(file))
    return merged(window for window in found if window.start.date() == day)


def counts_of_day(kernel: Kernel, by: Operator, sensor: str, day: date) -> list[int]:
    """A sensor's counts in the 96 quarters of a day (UTC), as they were sealed; 0 where nothing was.

    For those who may release. NotEnoughData: nothing of it is sealed. InputError: it counted two kinds of things, or
    what it sends is no count of events.
    """
    must_hold_role(kernel, by, RELEASERS, "the_publisher_may_publish")
    mine = [w for w in kept_windows(kernel, by, day) if w.sensor == sensor]
    if not mine:
        raise NotEnoughData("0 windows of this sensor and day stored, 1 needed")
    measures = {w.measure for w in mine}
    if len(measures) > 1 or not measures <= set(RELEASABLE):
        accepted = sentence("one of: %(known)s", known=", ".join(RELEASABLE))
        raise InputError("windows are not counts of one kind", column="measure", accepted=accepted)
    counts = [0] * (A_DAY // SHORTEST)
    for window in mine:
        counts[(window.start - _midnight(day)) // SHORTEST] += window.count
    return counts


def release_counted(
    kernel: Kernel, by: Operator, sensor: str, day: date, counts: Sequence[int] | None = None
) -> Released:
    """Publish a day of a sensor with noise: what the gateway sealed, with its gaps, or `counts` from elsewhere."""
    if counts is not None:
        return release(kernel, by, sensor, day, counts)
    gaps = gap_seconds(kernel, sensor, day)
    return release(kernel, by, sensor, day, counts_of_day(kernel, by, sensor, day), gaps=gaps)


def gather_days(kernel: Kernel, by: Operator, register: Mapping[str, Listed] | None = None) -> tuple[Admission, ...]:
    """Seal the hours of each day that is over and has none yet: what `sensors.report` reads. O(windows of the days)."""
    must_hold_role(kernel, by, ADMITTERS, "the_admitter_may_admit")
    listed = the_register(kernel) if register is None else register
    return tuple(store(kernel, by, kept_windows(kernel, by, day), listed) for day in sorted(_waiting(kernel)))


def _waiting(kernel: Kernel) -> set[date]:
    datasets = kernel.state.datasets.values()
    ours = [made for made in datasets if made.declaration["source"] == GATEWAY]
    done = {str(made.facts.get("from_day", "")) for made in ours if kernel.shape_of(made) == ITS_HOURS}
    sums = [made for made in ours if kernel.shape_of(made) == ITS_QUARTERS]
    days = {str(made.facts[name]) for made in sums for name in ("from_day", "to_day")}
    late = kernel.now() - KEPT
    return {day for day in map(date.fromisoformat, days - done) if _midnight(day) + A_DAY <= late}


def _of_day(kernel: Kernel, day: date) -> Iterator[Admission]:
    own = [made for made in list(kernel.state.datasets.values()) if kernel.shape_of(made) == ITS_QUARTERS]
    for made in own:
        if str(made.facts["from_day"]) <= day.isoformat() <= str(made.facts["to_day"]):
            yield made


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
