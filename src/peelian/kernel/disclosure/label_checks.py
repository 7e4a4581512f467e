"""Label checks: what an area, a landmark or a group is called must be in the register, or in a public classification.

1. One person keeps a vocabulary as a signed record and proposes to adopt it (`propose_vocabulary`).
2. Somebody of another unit approves it after a step-up (`dual_control.approve`): it is in force from then on.
3. `must_be_known` holds what is admitted against the vocabularies in force. To withdraw one takes two people, too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace
from typing import Any

from peelian.errors import InputError, OutOfOrder, sentence
from peelian.kernel.disclosure.intake_and_release_checks import CELL
from peelian.kernel.identity import dual_control
from peelian.kernel.model.area_ground import mapped, must_not_overlap, with_ground
from peelian.kernel.model.formats import Admitted
from peelian.kernel.model.labels import MOST_GROUPS, LabelKind, Vocabulary, body_of, check_vocabulary, outline_digest
from peelian.kernel.model.people import Operator
from peelian.kernel.model.sensors import KWH_A_HOME, MEASURED_BY, MOST_AN_HOUR, Sensor
from peelian.kernel.model.vocabulary import Scalar
from peelian.kernel.records.label_register import ACCEPTED, NO_OUTLINE, WITH_OUTLINE, LabelRegister, adopted
from peelian.kernel.records.office_records import keep
from peelian.kernel.records.sensor_register import must_be_apart, the_register
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.measure.legible import unseen
from peelian.measure.table import Kind, Table
from peelian.measure.vocabularies import bare, is_public_group, is_public_landmark, plain

ACT, WINDOWS, ENERGY = "vocabulary", "windows", "energy"
FEWEST_ROWS = 20  # people of a file in a group whose label is the town's own
CROSSED = re.compile(r" × | / ")
ELSEWHERE = frozenset({"", "elsewhere", "unknown"})


@act
def propose_vocabulary(kernel: Kernel, by: Operator, vocabulary: Vocabulary, *, words: str) -> str:
    """Keep a vocabulary as a record and propose to adopt it; the proposal's digest. InputError for a label that may be
    none, and for an area without ground enough that counts (`area_ground`). O(labels, and points of outlines)."""
    check_vocabulary(vocabulary)
    vocabulary = with_ground(vocabulary, counted_grounds(kernel))
    with kernel.lock:
        record = keep(kernel, by, "vocabulary", body_of(vocabulary), labels=len(vocabulary.labels))
        body: dict[str, Scalar] = {"record": record, "kind": str(vocabulary.kind), "labels": len(vocabulary.labels)}
        return dual_control.propose(kernel, by, ACT, words=words, body=body)


def counted_grounds(kernel: Kernel) -> list[str]:
    """What is counted of every adopted area, WKT in degrees. O(areas)."""
    return [one.ground for one in adopted(kernel).labels[LabelKind.AREA].values() if one.ground]


@act
def propose_withdrawal(kernel: Kernel, by: Operator, record: str, *, words: str) -> str:
    """Propose to withdraw a vocabulary: data admitted under it stays as it is."""
    if record not in adopted(kernel).vocabularies:
        raise OutOfOrder("No adopted vocabulary has this digest.")
    return dual_control.propose(kernel, by, ACT, words=words, body={"record": record, "withdraw": 1})


def must_be_adopted(kernel: Kernel, params: Any) -> None:
    """InputError where a request names an instrument or an outcome that two people have not adopted."""
    for kind in (LabelKind.INSTRUMENT, LabelKind.OUTCOME):
        named = str(getattr(params, kind, ""))
        if named and adopted(kernel).find(kind, named) is None:
            raise InputError(f"{kind} not in the register", column=str(kind), accepted=ACCEPTED[kind])


def must_be_known(kernel: Kernel, admitted: Admitted, words: Set[str]) -> None:
    """InputError names row and column of the first label that nobody adopted, of an area with another boundary than the
    adopted one, or of a group of too few people of the file; `words` are the format's own. O(bytes)."""
    free = list(_free(admitted, words))
    if not free:
        return
    known = adopted(kernel)
    for kind, label, row, column in free:
        found = known.find(kind, label)
        if found is None:
            raise InputError(f"{kind} not in the register", row=row, column=column, accepted=ACCEPTED[kind])
        if kind is LabelKind.AREA and not found.ground:
            raise InputError(NO_OUTLINE, row=row, column=column, accepted=WITH_OUTLINE)
    _must_be_few(free)
    must_have_few_groups(admitted, words)
    _must_be_as_adopted(admitted.table, known)
    few = _of_few(admitted.table, {label for kind, label, *_ in free if kind is LabelKind.GROUP})
    if few is not None:
        row, column = few
        accepted = sentence("at least %(n)d people of the file in each group the town named", n=FEWEST_ROWS)
        raise InputError("group of too few people", row=row, column=column, accepted=accepted)


def _must_be_as_adopted(table: Table, known: LabelRegister) -> None:
    """InputError where an area has another boundary than the adopted one, or overlaps another of the file. O(bytes)."""
    for row, (area, outline) in enumerate(outlines(table).items(), start=1):
        listed = known.find(LabelKind.AREA, area)
        if listed is not None and listed.outline != outline:
            accepted = "the boundary that two people adopted with the area: `peelian data vocabulary`"
            raise InputError("boundary differs from the register", row=row, column="outline", accepted=accepted)
    if grounds := _grounds(table, known):
        must_not_overlap(mapped(grounds)[1])


def _must_be_few(free: Iterable[tuple[LabelKind, str, int | None, str]]) -> None:
    """InputError where a label is spelled in two ways, each of which could be a home. O(labels)."""
    own: dict[tuple[LabelKind, str], str] = {}
    for kind, label, row, column in free:
        if own.setdefault((kind, plain(label)), label) != label:
            accepted = "one spelling of each label"
            raise InputError("two spellings of one label", row=row, column=column, accepted=accepted)


def must_have_few_groups(admitted: Admitted, words: Set[str]) -> None:
    """InputError where groups of the town's own naming are more than one list may have, of however many lists they
    are; it names the column with most of them. O(rows)."""
    groups = {
        label: column for kind, label, _, column in reversed([*_free(admitted, words)]) if kind is LabelKind.GROUP
    }
    if len(groups) > MOST_GROUPS:
        says = "%(n)d different names of groups in the file, too many to audit"
        accepted = "at most %(most)d in all columns. Merge groups, or leave a column out (option groups)"
        column = Counter(groups.values()).most_common(1)[0][0]
        raise InputError(sentence(says, n=len(groups)), column=column, accepted=sentence(accepted, most=MOST_GROUPS))


def must_have_outlines(kernel: Kernel, data: Iterable[Table]) -> None:
    """InputError where data that an earlier version let in is about an area without an outline, or about a sensor's
    name in the place of an area: it stays as it is, and nothing new is made of it. O(areas)."""
    areas = {str(area) for one in data if "area" in one for area in one.column("area").first_rows()} - ELSEWHERE
    known, sensors = (adopted(kernel), the_register(kernel)) if areas else (LabelRegister({}), {})
    for area in areas:
        found = known.find(LabelKind.AREA, area)
        if (found is None and area in sensors) or (found is not None and not found.ground):
            raise InputError(NO_OUTLINE, column="area", accepted=WITH_OUTLINE)


def on_counted_ground(kernel: Kernel, admitted: Admitted) -> Admitted:
    """The same, each area's outline cut to what two people adopted to be counted. Call it once its labels are known.
    O(bytes)."""
    import numpy as np

    grounds = _grounds(admitted.table, adopted(kernel)) if outlines(admitted.table) else []
    if not grounds or grounds == admitted.table["outline"].tolist():
        return admitted
    cut = replace(admitted.table.column("outline"), values=np.array(grounds, dtype=object))
    columns = tuple(cut if one.name == "outline" else one for one in admitted.table.columns)
    return replace(admitted, table=Table(name=admitted.table.name, columns=columns))


def _grounds(table: Table, known: LabelRegister) -> list[str]:
    """What is counted of each area of a table with outlines, in the order of its rows; its own outline where the area
    is none of the town's naming. O(bytes)."""
    if "outline" not in table or "area" not in table:
        return []
    pairs = zip(table["area"].tolist(), table["outline"].tolist(), strict=True)
    return [found.ground if (found := known.find(LabelKind.AREA, a)) else str(wkt) for a, wkt in pairs]


def outlines(table: Table) -> dict[str, str]:
    """The digest of each area's boundary, in the order of the rows; none in a table without boundaries. O(bytes)."""
    if "outline" not in table or "area" not in table:
        return {}
    return {a: outline_digest(wkt) for a, wkt in zip(table["area"].tolist(), table["outline"].tolist(), strict=True)}


def free_labels(admitted: Admitted, words: Set[str]) -> dict[LabelKind, list[str]]:
    """The labels that no public classification has, by kind, each once, in order. O(rows)."""
    made: dict[LabelKind, dict[str, None]] = {
        kind: {} for kind in (LabelKind.AREA, LabelKind.LANDMARK, LabelKind.GROUP)
    }
    for kind, label, *_ in _free(admitted, words):
        made[kind][label] = None
    return {kind: list(labels) for kind, labels in made.items()}


def _free(admitted: Admitted, words: Set[str]) -> Iterator[tuple[LabelKind, str, int | None, str]]:
    """Labels that are of no public classification: kind, label, row (from 1) and column. O(rows)."""
    landmarks = admitted.table.name == "landmarks"
    groups = LabelKind.LANDMARK if landmarks else LabelKind.GROUP
    for column in admitted.table.columns:
        kind = {Kind.PLACE: LabelKind.AREA, Kind.GROUP: groups}.get(column.kind)
        if kind is not None:
            for label, row in column.first_rows().items():
                if not _is_public(kind, str(label), words):
                    yield kind, str(label), row + 1, column.name
    for word in [] if landmarks else str(admitted.facts.get("groups", "")).split(","):
        for part in CROSSED.split(word):
            if not _is_public(LabelKind.GROUP, part, words):
                yield LabelKind.GROUP, part, None, "groups"


def _is_public(kind: LabelKind, label: str, words: Set[str]) -> bool:
    if label in words or unseen(label):
        return label in words
    if kind is LabelKind.AREA:
        return bare(label) in ELSEWHERE or bool(CELL.fullmatch(label))
    return is_public_landmark(label) if kind is LabelKind.LANDMARK else is_public_group(label)


def _of_few(table: Table, own: Set[str]) -> tuple[int, str] | None:
    """Row and column of the first group of the town's own naming that has too few people in the file. O(rows)."""
    import numpy as np

    weights = table["n"] if "n" in table.names else None
    for column in table.columns if own else ():
        if column.kind is Kind.GROUP:
            labels, codes = column.coded()
            people = np.bincount(codes, weights, minlength=len(labels))
            few = [
                row
                for (label, row), n in zip(column.first_rows().items(), people, strict=True)
                if label in own and n < FEWEST_ROWS
            ]
            if few:
                return min(few) + 1, column.name
    return None


def must_be_measured(kernel: Kernel, table: Table) -> None:
    """InputError where no registered sensor measures, at a place of this table of windows, what it says; where the
    values are not plausible for it; where its area overlaps another of this measure, for one of them may have been
    adopted anew; and where it says more homes than two people stated. O(rows + areas).

    What the public register does not show is not counted: an hour of somebody's home cannot come in as vehicles.
    """
    known, register = adopted(kernel), the_register(kernel)
    kinds: dict[str, dict[str, Sensor]] = {}
    for listed in register.values():
        kinds.setdefault(plain(listed.sensor.area), {})[listed.sensor.kind] = listed.sensor
    for (area, measure), row in first_rows_of(table, "area", "measure").items():
        there = MEASURED_BY.get(measure, frozenset()) & kinds.get(plain(area), {}).keys()
        if not there:
            accepted = sentence("places where a registered sensor measures %(measure)s", measure=sentence(measure))
            raise InputError("no registered sensor measures this", row=row + 1, column="area", accepted=accepted)
        must_be_apart(kinds[plain(area)][min(there)], (one.sensor for one in register.values()), known)
        if measure == ENERGY:
            label = known.find(LabelKind.AREA, area)
            _must_be_of_homes(table, area, label.homes if label else 0, row)
    for measure, most in MOST_AN_HOUR.items():
        over = [n > most and of == measure for n, of in zip(table["count"], table["measure"], strict=True)]
        if any(over):
            accepted = sentence("at most %(most)d in an hour", most=int(most))
            raise InputError("value out of range", row=over.index(True) + 1, column="count", accepted=accepted)


def _must_be_of_homes(table: Table, area: str, homes: int, row: int) -> None:
    """The homes that a table says are behind an area's energy: no more than two people stated, and as many as would
    use what it took."""
    rows = (table["area"] == area) & (table["measure"] == ENERGY)
    if int(table["homes"][rows].max()) > homes:
        accepted = sentence("at most %(n)d homes, as two people stated of this area", n=homes)
        raise InputError("more homes than stated", row=row + 1, column="homes", accepted=accepted)
    each = float((table["kwh"][rows] / table["homes"][rows]).mean())
    if not KWH_A_HOME[0] <= each <= KWH_A_HOME[1]:
        accepted = sentence("%(low)g to %(high)g kWh per home and hour", low=KWH_A_HOME[0], high=KWH_A_HOME[1])
        raise InputError("energy does not fit the number of homes", row=row + 1, column="homes", accepted=accepted)


def first_rows_of(table: Table, one: str, other: str) -> dict[tuple[str, str], int]:
    """Each pair of values of two columns, with the first row it stands in (from 0). O(rows)."""
    pairs = list(zip(table[one].tolist(), table[other].tolist(), strict=True))
    return {pair: row for row, pair in reversed(list(enumerate(pairs)))}
