"""Comparisons in the audit's form: score, kind, subject numbers and cell; cells are pairs of groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.measure.coded import joined
from peelian.measure.table import Table, Values
from peelian.technologies.faces.declared import ATTRIBUTES

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Digests = NDArray[np.int64]

JOIN = " / "
"""Between the parts of a crossed label: "female / 25-34 / black"."""

EVERYBODY, WITHIN = "all", "same group"

Codes = NDArray[np.int16]
Numbers = NDArray[np.int32]
ROWS = 1 << 18  # rows per step: temporaries stay small whatever the length of the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The cells of G groups: impostor pairs without order, then genuine comparisons by group.

    Impostor cells come first: one per unordered pair of groups (a cell pools both directions), then one for pairs
    with somebody outside every group. Then genuine cells: one per group, then one for those outside every group.

    >>> cells = Cells(groups=("a", "b"))
    >>> cells.size, cells.pair(0, 1), cells.pair(1, 0), cells.genuine(1)
    (7, 1, 1, 5)
    """

    groups: tuple[str, ...]

    @property
    def impostor_cells(self) -> int:
        """How many impostor cells there are; genuine cells are numbered from here on."""
        g = len(self.groups)
        return g * (g + 1) // 2 + 1

    @property
    def size(self) -> int:
        """How many cells there are."""
        return self.impostor_cells + len(self.groups) + 1

    def pair(self, g: int, h: int) -> int:
        """The impostor cell of groups g and h; -1 is outside every group."""
        return int(self.pairs()[g, h])

    def genuine(self, g: int) -> int:
        """The genuine cell of group g; -1 is outside every group."""
        return self.impostor_cells + (g if g >= 0 else len(self.groups))

    def pairs(self) -> Codes:
        """The impostor cell of every two codes, (G+1) x (G+1); the last row and column are "outside every group"."""
        g = len(self.groups)
        table = np.full((g + 1, g + 1), self.impostor_cells - 1, dtype=np.int16)
        upper = np.triu_indices(g)
        table[upper] = np.arange(len(upper[0]), dtype=np.int16)
        table[upper[1], upper[0]] = table[upper]
        return table

    def within(self) -> list[int]:
        """The impostor cells within each group, in the groups' order."""
        return [self.pair(g, g) for g in range(len(self.groups))]

    def named_pairs(self) -> list[tuple[int, int, int]]:
        """Every impostor cell as (g, h, cell) with g <= h, the one outside every group left out."""
        g = len(self.groups)
        return [(a, b, self.pair(a, b)) for a in range(g) for b in range(a, g)]


def coded(labels: Sequence[str], groups: Sequence[str]) -> Codes:
    """The groups' numbers of labels, -1 for labels that are no group.

    >>> coded(["b", "c", "a"], ["a", "b"]).tolist()
    [1, -1, 0]
    """
    known = {label: i for i, label in enumerate(groups)}
    return np.array([known.get(label, -1) for label in labels], dtype=np.int16)


def large_enough(labels: Sequence[str], subjects: NDArray[np.int64], least: int) -> tuple[list[str], list[str]]:
    """Groups with at least `least` subjects, and those hidden; a lone small group hides the next smallest with it.

    Were one group alone left out, its counts would be the total less the others (complementary suppression).

    >>> large_enough(["a", "b", "c"], np.array([40, 30, 4]), 11)
    (['a'], ['b', 'c'])
    """
    order = sorted(range(len(labels)), key=lambda i: (int(subjects[i]), labels[i]))
    small = [i for i in order if subjects[i] < least]
    alone = bool(small) and (len(small) == 1 or sum(int(subjects[i]) for i in small) < least)
    if alone and len(small) < len(order):
        small.append(order[len(small)])
    gone = set(small)
    return [labels[i] for i in range(len(labels)) if i not in gone], [labels[i] for i in sorted(gone)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Comparisons, row by row. A score at or above a threshold is a match; distances are held negated.

    `failed` marks comparisons that could not be made (their score is nan). `probe` and `ref` number the subjects from
    0, None where the file does not name them; `group_of` gives each subject's group (-1: none). `cell` is the row's
    cell, see `Cells`.
    """

    score: Floats
    genuine: Flags
    failed: Flags
    probe: Numbers | None
    ref: Numbers | None
    group_of: Codes
    cell: Codes
    cells: Cells
    distance: bool = False
    suppressed: tuple[str, ...] = ()
    absent: int = 0  # groups of the subjects table of which nobody is compared
    unlabelled: bool = False  # some subjects have no label while others do

    def __len__(self) -> int:
        return len(self.score)

    @property
    def subjects(self) -> int:
        """How many subjects there are; 0 where they are not known."""
        return len(self.group_of) if self.probe is not None else 0

    def named(self) -> tuple[Numbers, Numbers]:
        """Probe and reference subjects; InputError where the file does not name them."""
        if self.probe is None or self.ref is None:
            raise InputError("no subject pseudonyms in the comparisons", accepted="scores with both subject pseudonyms")
        return self.probe, self.ref

    def take(self, keep: Flags) -> Scores:
        """Only the rows marked; subjects keep their numbers."""
        return replace(
            self,
            score=self.score[keep],
            genuine=self.genuine[keep],
            failed=self.failed[keep],
            probe=None if self.probe is None else self.probe[keep],
            ref=None if self.ref is None else self.ref[keep],
            cell=self.cell[keep],
        )


def built(
    tables: Sequence[Table],
    subjects: Table | None,
    *,
    by: Sequence[str],
    least: int,
    groups: Sequence[str] | None = None,
) -> Scores:
    """Scores from admitted tables, grouped by the attributes `by`; groups with fewer than `least` subjects are closed.

    `groups`, where given, are the only ones formed (a calibration file takes those of the reported file).
    Similarity or distance is settled by `oriented`. InputError: rows whose kind and subjects disagree. O(rows).
    """
    score = _joined(tables, "score", np.float64)
    genuine, failed = (_joined(tables, name, np.int8).view(np.bool_) for name in ("genuine", "failed"))
    named = [("probe" in t and "ref" in t) for t in tables]
    if not all(named):
        if subjects is not None:  # or their groups would be left out without a word
            accepted = "comparisons with the columns probe_subject and ref_subject"
            raise InputError("subjects given, but comparisons without pseudonyms", file="scores", accepted=accepted)
        return _without_subjects(tables, (score, genuine, failed), least, groups)
    probe, ref, digests = _numbered(tables)
    if bool(((probe == ref) != genuine).any()):
        at = int(np.flatnonzero((probe == ref) != genuine)[0])
        raise InputError("kind and subjects disagree", row=at + 2, accepted="genuine for one subject, impostor for two")
    labels = labels_of(digests, subjects, by)
    if labels is None:
        labels = _labels_in_rows(tables, probe, ref, len(digests))
    formed, suppressed = _groups(labels, least) if groups is None else (list(groups), [])
    group_of = coded(labels, formed)
    cells = Cells(groups=tuple(formed))
    cell = np.empty(len(score), dtype=np.int16)
    for start in range(0, len(score), ROWS):
        part = slice(start, start + ROWS)
        cell[part] = _row_cells(cells, group_of[probe[part]], group_of[ref[part]], genuine[part])
    return Scores(
        score=score,
        genuine=genuine,
        failed=failed,
        probe=probe,
        ref=ref,
        group_of=group_of,
        cell=cell,
        cells=cells,
        suppressed=tuple(suppressed),
        absent=_absent(labels, subjects, by),
        unlabelled="" in labels and bool(formed),
    )


def oriented(scores: Scores, direction: str) -> Scores:
    """The scores as similarities: distances are negated, and `distance` says so.

    `direction` is similarity, distance or auto (genuine scores lie on the matching side). InputError: the stated
    direction contradicts the data, or one group's scores run against all others'. NotEnoughData: only one class.
    """
    share = genuine_above(scores)
    found = "similarity" if share >= 0.5 else "distance"
    if direction not in ("auto", found):
        says = sentence(
            "scores run as a %(found)s: genuine scores are higher in %(share).0f%% of pairs",
            found=sentence(found),
            share=100 * share,
        )
        accepted = sentence(
            "direction = %(found)s, or score files with genuine and impostor the right way round", found=found
        )
        raise InputError(says, column="direction", accepted=accepted)
    turned = replace(scores, score=-scores.score, distance=True) if found == "distance" else scores
    _refuse_mixed(turned)
    return turned


def digests_of(tables: Sequence[Table]) -> Digests:
    """The different subjects in admitted tables; none where they are not named. O(rows)."""
    named = [t for t in tables if "probe" in t and "ref" in t]
    if not named:
        return np.zeros(0, dtype=np.int64)
    known: dict[int, int] = {}
    for side in ("probe", "ref"):
        _numbers([t[side] for t in named], known)
    return np.fromiter(known, dtype=np.int64, count=len(known))


def genuine_above(scores: Scores, cells: tuple[int, int] | None = None) -> float:
    """The share of genuine-impostor pairs in which the genuine score is higher, ties as halves (evenly spread sample).

    `cells` restricts it to one genuine and one impostor cell. nan where either is absent.
    """
    made = ~scores.failed
    if cells is None:
        genuine, impostor = scores.genuine & made, ~scores.genuine & made
    else:
        genuine, impostor = (scores.cell == cells[0]) & made, (scores.cell == cells[1]) & made
    first, second = _sampled(scores.score, genuine), np.sort(_sampled(scores.score, impostor))
    if not len(first) or not len(second):
        if cells is not None:
            return float("nan")
        missing = "impostor" if len(first) else "genuine"
        says = sentence("no %(what)s comparison", what=sentence(missing))
        raise NotEnoughData(says, accepted="genuine and impostor comparisons; admit the second file as more_scores")
    below = np.searchsorted(second, first, side="left") + np.searchsorted(second, first, side="right")
    return float(below.mean() / (2 * len(second)))


def _sampled(score: Floats, rows: Flags, most: int = 100_000) -> Floats:
    step = max(1, int(rows.sum()) // most)
    found = score[::step][rows[::step]]
    return found if len(found) else score[np.flatnonzero(rows)[::step]]


def _refuse_mixed(scores: Scores) -> None:
    """InputError where a group's scores run the other way with enough comparisons to be sure."""
    cells = scores.cells
    counts = np.bincount(scores.cell, minlength=cells.size)
    for g, label in enumerate(cells.groups):
        both = (cells.genuine(g), cells.pair(g, g))
        if min(counts[both[0]], counts[both[1]]) >= 30 and genuine_above(scores, both) < 0.3:
            says = sentence("scores of group %(label)s run in the opposite direction", label=label)
            raise InputError(says, accepted="one direction in all files: similarities or distances, not both")


def _joined(tables: Sequence[Table], name: str, dtype: type[np.generic]) -> NDArray[Any]:
    parts = [t[name].astype(dtype, copy=False) for t in tables]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _numbered(tables: Sequence[Table]) -> tuple[Numbers, Numbers, Digests]:
    """Subjects as numbers from 0, and the digest of each: one dictionary over both sides and all files. O(rows)."""
    known: dict[int, int] = {}
    probe, ref = (_numbers([t[side] for t in tables], known) for side in ("probe", "ref"))
    return probe, ref, np.fromiter(known, dtype=np.int64, count=len(known))


def _numbers(columns: Sequence[Values], known: dict[int, int]) -> Numbers:
    """The numbers of digests, new ones added to `known`; a million rows at a time, so that little lies about."""
    numbers = np.empty(sum(len(values) for values in columns), dtype=np.int32)
    at = 0
    for values in columns:
        for start in range(0, len(values), ROWS):
            words, index = _encoded(values[start : start + ROWS])
            own = np.array([known.setdefault(word, len(known)) for word in words.tolist()], dtype=np.int32)
            np.take(own, index, out=numbers[at : at + len(index)])
            at += len(index)
    return numbers


def _encoded(digests: Values) -> tuple[Digests, Numbers]:
    """The different digests and which one stands in each row, by hashing: far faster than sorting them."""
    import pyarrow as pa

    plain = np.ascontiguousarray(digests, dtype=np.int64)
    made = pa.Array.from_buffers(pa.int64(), len(plain), [None, pa.py_buffer(plain)]).dictionary_encode()
    # The buffers are read as they are: to_numpy would load pandas where it is installed.
    words, index = made.dictionary, made.indices
    return (
        np.frombuffer(words.buffers()[1], dtype=np.int64, count=len(words)),
        np.frombuffer(index.buffers()[1], dtype=np.int32, count=len(index)),
    )


def labels_of(digests: Digests, subjects: Table | None, by: Sequence[str]) -> list[str] | None:
    """Each subject's crossed label from the table of subjects; "" for subjects it does not name."""
    if subjects is None:
        return None
    used = [name for name in ATTRIBUTES if name in by and name in subjects]
    if not used:
        raise InputError(
            "no requested attribute in the subjects table",
            column="by",
            accepted=", ".join(name for name in ATTRIBUTES if name in subjects),
        )
    words = zip(*(subjects[name].tolist() for name in used), strict=True)
    known: Mapping[int, str] = dict(
        zip(subjects["subject"].tolist(), (JOIN.join(parts) for parts in words), strict=True)
    )
    return [known.get(int(d), "") for d in digests.tolist()]


def _absent(labels: Sequence[str], subjects: Table | None, by: Sequence[str]) -> int:
    """How many labels of the subjects table no compared subject has."""
    if subjects is None:
        return 0
    listed = labels_of(subjects["subject"], subjects, by) or []
    return len({label for label in listed if label} - set(labels))


def _labels_in_rows(tables: Sequence[Table], probe: Numbers, ref: Numbers, subjects: int) -> list[str]:
    """Each subject's label from the rows themselves, "" where they carry none; InputError where rows disagree."""
    if not all("probe_group" in t and "ref_group" in t for t in tables):
        return [""] * subjects
    found: dict[str, int] = {}
    codes = np.full(subjects, -1, dtype=np.int32)
    for side, who in (("probe_group", probe), ("ref_group", ref)):
        words, rows = joined([t.column(side).coded() for t in tables])
        rows = np.array([found.setdefault(str(word), len(found)) for word in words], dtype=np.int32)[rows]
        first = codes.copy()
        first[who] = rows
        codes = np.where(codes < 0, first, codes)
        if bool((codes[who] != rows).any()):
            at = int(np.flatnonzero(codes[who] != rows)[0])
            raise InputError(
                "subject has two different groups", row=at + 2, column=side, accepted="one group per subject"
            )
    labels = list(found)
    return [labels[c] if c >= 0 else "" for c in codes.tolist()]


def _groups(labels: Sequence[str], least: int) -> tuple[list[str], list[str]]:
    named = sorted({label for label in labels if label})
    counts = np.bincount([named.index(label) for label in labels if label], minlength=len(named))
    return large_enough(named, counts, least)


def _without_subjects(
    tables: Sequence[Table],
    columns: tuple[Floats, Flags, Flags],
    least: int,
    groups: Sequence[str] | None,
) -> Scores:
    """Comparisons that name no subject: groups, if any, stand in the rows."""
    score, genuine, failed = columns
    codes = [np.full(len(score), -1, dtype=np.int16)] * 2
    formed: list[str] = []
    suppressed: list[str] = []
    if all("probe_group" in t and "ref_group" in t for t in tables):
        sides = [[str(w) for w in _joined(tables, name, np.object_)] for name in ("probe_group", "ref_group")]
        # How many subjects a group has is not known: no more than it has genuine comparisons is taken for granted.
        own = [label if same else "" for label, same in zip(sides[0], genuine.tolist(), strict=True)]
        formed, suppressed = _groups(own, least) if groups is None else (list(groups), [])
        codes = [coded(side, formed) for side in sides]
    cells = Cells(groups=tuple(formed))
    return Scores(
        score=score,
        genuine=genuine,
        failed=failed,
        probe=None,
        ref=None,
        group_of=np.zeros(0, dtype=np.int16),
        cell=_row_cells(cells, codes[0], codes[1], genuine),
        cells=cells,
        suppressed=tuple(suppressed),
    )


def _row_cells(cells: Cells, probe: Codes, ref: Codes, genuine: Flags) -> Codes:
    own = np.where(probe >= 0, probe, len(cells.groups)) + cells.impostor_cells
    return np.where(genuine, own, cells.pairs()[probe, ref]).astype(np.int16)
