"""admit in partitions: a file of any size is checked part by part, sealed by month and region, all or nothing.

The file is read once. Its rows wait in an encrypted scratch file (`partition_piles`) until all of it was read and
found to be in order: of a file with one bad row nothing was sealed. Then each partition is sealed under a key of its
own, and one manifest is admitted. Memory is that of a million rows, whatever the file holds.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing

from peelian.errors import InputError, Refused
from peelian.kernel.disclosure.intake_and_release_checks import MOST_AREAS, check_at_intake, declaration_faults
from peelian.kernel.disclosure.label_checks import must_be_known
from peelian.kernel.model.archive_partitions import DATA
from peelian.kernel.model.documents import Admission, Declaration
from peelian.kernel.model.formats import Admitted, Emit, Format, Parted
from peelian.kernel.model.partitions import MOST_ROWS, Manifest, Partition, manifest_of
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs.admission import admit, told_notes
from peelian.kernel.verbs.custody import ADMITTERS, KEEPING, Kept, all_or_nothing, format_of, kept_as, while_it_may
from peelian.kernel.verbs.partition_piles import Piles
from peelian.measure.geoparquet import write_points
from peelian.measure.table import Kind, Table

CHECKED_ROWS = 500_000  # about so many rows of consecutive months are judged together
Read = Callable[[Emit], tuple[str, Admitted]]
Progress = Callable[[str, float], None]


def admit_in_parts(
    kernel: Kernel,
    by: Operator,
    declaration: Declaration,
    read: Read,
    *,
    progress: Progress = lambda says, share: None,
    must: bool = True,
) -> Admission:
    """Check, seal and log what `read` hands over part by part, all or nothing. O(rows), memory of a million.

    1. The person may admit data, and the declaration is complete.
    2. `read(emit)` reads the file once. Every value of each part is what its column's kind says.
    3. Every label that stays is known; consecutive months are judged as the format says.
    4. The log says that sealing begins; each partition is sealed. After a crash nothing of it remains.
    5. The manifest's admission is signed and logged. From then on the dataset is there.

    Refused (1), InputError (2, 3). A file whose format has no parts was read whole: it is admitted as `admit` does, or
    refused where it `must` be in partitions.
    """
    # 1. The person may admit data, and the declaration is complete.
    must_hold_role(kernel, by, ADMITTERS, "the_admitter_may_admit")
    if reasons := tuple(declaration_faults(declaration)):
        raise Refused(reasons)

    with closing(kernel.stores.scratch()) as scratch:
        # 2. The file is read once, and every value checked.
        piles = Piles(scratch=scratch)
        format, taken = read(lambda part: _take(piles, part))
        known = format_of(kernel, format)
        if known.parted is None:
            if must:
                raise InputError("a file of this format cannot be sealed in partitions", accepted="incidents")
            return admit(kernel, by, declaration, taken, format=format)
        if taken.facts.get("n") != piles.rows:
            raise InputError("the file cannot be read: its parts are not what was announced")

        # 3. Labels are known, and months are in order.
        _must_be_known(kernel, known, taken, piles)
        _must_hold(known.parted, piles)

        # 4. and 5. Partitions are sealed, then their manifest is admitted.
        name = f"{known.shape}-{secrets.token_hex(6)}"
        with all_or_nothing(kernel, by, name, format=format):
            progress = while_it_may(kernel, format, progress)
            areas = {word for kept in piles.kept.values() for word in kept}
            manifest = manifest_of(_sealed(kernel, name, piles, taken, progress), areas=areas)
            keep_manifest(kernel, manifest)
            kept = Kept(
                dataset=name,
                format=format,
                object=manifest.name,
                digest=manifest.digest,
                rows=manifest.rows,
                declaration=declaration,
                facts=dict(taken.facts),
                dropped=tuple(dataclasses.asdict(d) for d in taken.dropped),
                notes=told_notes(kernel, taken),
            )
            kept_as(kernel, by, kept)
    return kernel.state.datasets[name]


def keep_manifest(kernel: Kernel, manifest: Manifest) -> None:
    """Archive a manifest under its name: until an admission names it, it says nothing."""
    kernel.stores.archive.put(manifest.name, manifest.to_bytes(), partition=kernel.partition(DATA))


def _take(piles: Piles, part: Table) -> None:
    """A part, once its values are found to be what they should; labels are judged when all are known."""
    checked = Table(name=part.name, columns=tuple(c for c in part.columns if c.kind is not Kind.PLACE))
    check_at_intake(Admitted(table=checked, facts={}))
    if len(part):
        piles.add(part)


def _must_be_known(kernel: Kernel, known: Format, taken: Admitted, piles: Piles) -> None:
    """InputError where a label that stays is not known, with the row it first stands in. Other labels are not kept."""
    labels = taken.table
    if len(labels) > MOST_AREAS:
        raise InputError("too many different words", column="area", accepted=f"at most {MOST_AREAS:,}")
    try:
        must_be_known(kernel, taken, known.words)
    except InputError as fault:
        row = None if fault.row is None else int(labels["row"][fault.row - 1])
        raise type(fault)(fault.wrong, accepted=fault.accepted, file=fault.file, row=row, column=fault.column) from None
    for column in piles.columns:
        if column.kind is Kind.PLACE:
            piles.kept[column.name] = frozenset(labels[column.name].tolist()) if column.name in labels else frozenset()


def _must_hold(parted: Parted, piles: Piles) -> None:
    """Judge all rows, consecutive months together: as many as have about half a million rows, at most a million."""
    windows = _windows(piles.months())
    for _, rows in piles.pieces(2 * CHECKED_ROWS, lambda key: windows[key[0]]):
        parted.must_hold(rows)


def _windows(months: Mapping[str, int]) -> dict[str, int]:
    """The number of the window that each month belongs to: windows of about as many rows each.

    >>> _windows({"2020-01": 450_000, "2020-02": 450_000, "2020-03": 100_000})
    {'2020-01': 0, '2020-02': 1, '2020-03': 1}
    """
    total = sum(months.values())
    n, before, found = max(1, round(total / CHECKED_ROWS)), 0, {}
    for month, rows in months.items():
        found[month] = (2 * before + rows) * n // (2 * total)
        before += rows
    return found


def _sealed(kernel: Kernel, name: str, piles: Piles, taken: Admitted, progress: Progress) -> Iterator[Partition]:
    """Seal each partition under a key of its own."""
    from peelian.measure.projection import Projection  # loads numpy: only for such a file

    centre = [float(taken.facts.get(axis, "nan")) for axis in ("centre_lon", "centre_lat")]
    projection, done = Projection(centre_lon=centre[0], centre_lat=centre[1]), 0
    for (month, region), rows in piles.pieces(MOST_ROWS, lambda key: key):
        with kernel.stores.vault.seal(name) as file:
            write_points(rows, projection, file)
        sealed = file.sealed
        yield Partition(month=month, region=region, object=sealed.object, rows=len(rows), digest=sealed.digest)
        done += len(rows)
        progress(KEEPING, min(0.99, done / piles.rows))
    progress(KEEPING, 1.0)
