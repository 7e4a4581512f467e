"""A random sample of a week's accesses that nobody could foresee and everybody can check afterwards.

Its seed is made of two parts: a number pledged before the week began (its digest is in the log, so it cannot be chosen
again) and the Merkle root of the log when the week was over (which the accesses themselves shape, so it is not known
while they happen). Neither whoever looks at records nor whoever draws can steer it alone.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.log.entry_schema import encode_entry, read_time
from peelian.kernel.log.merkle import Tree, leaf_hash
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.policy.signed_entries import acted
from peelian.kernel.records.office_records import MAKERS, keep, records_of
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import must_not_be_destroyed

REVIEWERS = MAKERS["review"]
FEWEST, SHARE = 5, 0.02  # of a week's accesses


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A drawn sample: the week, the two parts of its seed, and the log entries it picked."""

    week: str
    nonce: str  # what was pledged; "" in a week nobody pledged for, which the page says
    pledge: str  # the pledge's digest as it stands in the log
    size: int  # the log's size at the week's end
    root: str  # and its Merkle root there
    entries: tuple[int, ...]


def week_of(moment: datetime) -> str:
    """The ISO week a moment lies in.

    >>> week_of(datetime(2026, 11, 24, tzinfo=UTC))
    '2026-W48'
    """
    year, week, _ = moment.isocalendar()
    return f"{year}-W{week:02d}"


def bounds(week: str) -> tuple[datetime, datetime]:
    """Monday 00:00 UTC of the week and of the next; InputError where it is no week.

    >>> bounds("2026-W48")[0].isoformat()
    '2026-11-23T00:00:00+00:00'
    """
    try:
        year, number = week.split("-W")
        start = datetime.fromisocalendar(int(year), int(number), 1).replace(tzinfo=UTC)
    except ValueError:
        raise InputError("not a week", accepted="an ISO week as 2026-W48") from None
    return start, start + timedelta(days=7)


@act
def pledge(kernel: Kernel, by: Operator, week: str) -> str:
    """Pledge a secret number for a coming week: its digest goes into the log, the number into the archive."""
    must_hold_role(kernel, by, REVIEWERS, "the_reviewer_may_review")
    if kernel.now() >= bounds(week)[0]:
        raise OutOfOrder("Commit the number before its week begins.")
    with kernel.lock:
        if any(record.body["week"] == week for _, record in records_of(kernel, "pledge")):
            raise OutOfOrder("This week already has a committed number.")
        nonce = secrets.token_hex(32)
        keep(kernel, by, "pledge", {"week": week, "nonce": nonce}, week=week, pledge=_pledged(week, nonce))
    return week


def draw(kernel: Kernel, by: Operator, week: str, candidates: Sequence[int]) -> Sample:
    """Draw the sample of a week that is over from its accesses' indexes; drawn and logged once. O(entries)."""
    must_hold_role(kernel, by, REVIEWERS, "the_reviewer_may_review")
    if found := sample_of(kernel, week):
        return found
    if kernel.now() < bounds(week)[1]:
        raise OutOfOrder("The sample of a week is drawn once the week is over.")
    must_not_be_destroyed(kernel, _digest_of(kernel, week))
    if all(read_time(str(entry["t"])) < bounds(week)[1] for _, entry in kernel.stores.log.read()):
        acted(kernel, by, "WEEK_CLOSED", week=week)  # the first entry after the week, which its root covers
    sample = _drawn(kernel, week, sorted(candidates))
    with kernel.lock:  # whoever was as quick draws the same one
        if found := sample_of(kernel, week):
            return found
        body = {name: getattr(sample, name) for name in Sample.__slots__}
        keep(kernel, by, "sample", body, week=week, size=sample.size, root=sample.root, n=len(sample.entries))
        return sample


def _drawn(kernel: Kernel, week: str, known: Sequence[int]) -> Sample:
    nonce, told = _nonce(kernel, week)
    size, root = root_after(kernel, bounds(week)[1])
    many = min(len(known), max(FEWEST, round(SHARE * len(known))))
    return Sample(
        week=week, nonce=nonce, pledge=told, size=size, root=root, entries=pick(known, many, nonce=nonce, root=root)
    )


def sample_of(kernel: Kernel, week: str) -> Sample | None:
    """The sample that was drawn for a week, if it was."""
    return samples(kernel).get(week)


def samples(kernel: Kernel) -> dict[str, Sample]:
    """Every sample by its week; of two, which the office does not make, the first counts. O(samples)."""
    bodies = [record.body for _, record in records_of(kernel, "sample")]
    return {str(body["week"]): Sample(**{**body, "entries": tuple(body["entries"])}) for body in reversed(bodies)}


def holds(kernel: Kernel, sample: Sample, candidates: Iterable[int]) -> bool:
    """Whether anybody who draws again from what is published finds the same entries: pledge, root and picks. O(n)."""
    if sample.pledge and _pledged(sample.week, sample.nonce) != sample.pledge:
        return False
    if root_after(kernel, bounds(sample.week)[1]) != (sample.size, sample.root):
        return False
    known = sorted(candidates)
    return pick(known, len(sample.entries), nonce=sample.nonce, root=sample.root) == sample.entries


def pick(known: Sequence[int], many: int, *, nonce: str, root: str) -> tuple[int, ...]:
    """The `many` entries with the smallest keyed digests, in order. O(n log n).

    >>> pick([1, 2, 3, 4], 2, nonce="a", root="b") == pick([4, 3, 2, 1], 2, nonce="a", root="b")
    True
    """
    key = hashlib.sha256(f"sample {nonce} {root}".encode()).digest()
    ranked = sorted(known, key=lambda index: hmac.digest(key, str(index).encode(), "sha256"))
    return tuple(sorted(ranked[:many]))


def root_after(kernel: Kernel, moment: datetime) -> tuple[int, str]:
    """The log's size and root (RFC 9162, hexadecimal) just after the first entry made at `moment` or later. O(entries).

    Anybody can check them against the published checkpoints: they are one tree.
    """
    tree = Tree()
    for _, entry in kernel.stores.log.read():
        tree.append(leaf_hash(encode_entry(entry)))
        if read_time(str(entry["t"])) >= moment:
            break
    return tree.size, tree.root(tree.size).hex()


def _pledged(week: str, nonce: str) -> str:
    return hashlib.sha256(f"pledge {week} {nonce}".encode()).hexdigest()


def _digest_of(kernel: Kernel, week: str) -> str:
    """The digest of a week's sample that was drawn once; "" where none was. O(entries)."""
    drawn = (e for _, e in kernel.stores.log.read() if e["kind"] == "SAMPLED" and e["week"] == week)
    return next((str(entry["document"]) for entry in drawn), "")


def _nonce(kernel: Kernel, week: str) -> tuple[str, str]:
    for _, record in records_of(kernel, "pledge"):
        if record.body["week"] == week:
            nonce = str(record.body["nonce"])
            return nonce, _pledged(week, nonce)
    return "", ""
