"""`peelian.audit.risk` and `.faces`: a frame or file enters as in `peelian try`, and an Audit comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from peelian.audit.frames import ARROW, Frame, frame_of, keep
from peelian.audit.result import Audit
from peelian.demos.trial import Attempt, attempt
from peelian.errors import InputError, sentence
from peelian.forms import fields_of
from peelian.intake.header import Header, TableHead, places
from peelian.intake.recognise import AUTO, chosen_format
from peelian.intake.sources import Source
from peelian.kernel.model.formats import Format
from peelian.kernel.model.technology import Technology
from peelian.operations.office import technologies

FIRST_ROW = 2  # of a file, whose header is row 1
NAMED = "pid"  # a column that formats know by this name only
COHORT = "risk-cohort"  # the format of a frame without a column of numbers of people


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a caller gives under one role: a frame or a path, its format, its options, and columns to call otherwise."""

    called: str
    data: Frame | Path
    format: str = AUTO
    options: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)  # column → what the formats call it


def risk(
    frame: Any,
    *,
    score: str | None = None,
    outcome: str | None = None,
    groups: Sequence[str] = (),
    n: str | None = None,
    pid: str | None = None,
    areas: Sequence[str] = (),
    features: Sequence[str] = (),
    cut: float | None = None,
    reference: Sequence[str] = (),
    probability: bool = False,
    language: str = "en",
    **params: Any,
) -> Audit:
    """Audit an instrument that scores people: a row for each assessment, or a tally with the number of people in `n`.

    `frame` is a data frame or a path. Columns that are not named are looked for under the formats' own names; without
    `groups` every other column is one. `params` are the other parameters of the capability `risk.audit` and options of
    its formats (`window_days=730`). InputError names column and row, never a value; rows of a frame count from 0.
    """
    lists = _listed(groups=groups, areas=areas, features=features, reference=reference)
    own = {"cut": cut, "reference": lists.pop("reference") or None, "probability": probability or None}
    texts = {"score": score, "outcome": outcome, "n": n, **{name: ",".join(names) for name, names in lists.items()}}
    asked, options = _parted("risk", "risk.audit", params)
    flags = _flags({**own, **asked})
    data = _frame_or_path(frame, "frame")
    given = Given(
        called="frame",
        data=data,
        format=COHORT if isinstance(data, Frame) and not n and not _has(data, "n") else AUTO,
        options={name: text for name, text in {**texts, **options}.items() if text},
        renamed={pid: NAMED} if pid else {},
    )
    return _audited("risk", {"tally": given}, flags, language)


def faces(
    scores: Any,
    subjects: Any = None,
    *,
    more_scores: Any = None,
    calibration: Any = None,
    candidates: Any = None,
    mates: Any = None,
    formats: Mapping[str, str] | None = None,
    options: Mapping[str, Mapping[str, str]] | None = None,
    language: str = "en",
    **params: Any,
) -> Audit:
    """Audit a face matcher from comparison scores made elsewhere, by group where `subjects` says who is in which.

    Each argument is a data frame or a path. `formats` and `options` are by argument, for files that do not say what
    they are: `formats={"scores": "pyeer-scores"}, options={"scores": {"kind": "genuine"}}`. `params` are the
    parameters of the capability `faces.audit`. InputError names argument, column and row, never a value.
    """
    parts = {
        "scores": scores,
        "subjects": subjects,
        "more_scores": more_scores,
        "calibration": calibration,
        "candidates": candidates,
        "mates": mates,
    }
    there = {role: data for role, data in parts.items() if data is not None or role == "scores"}
    if stray := sorted({*(formats or {}), *(options or {})} - set(there)):
        raise InputError("no file for this role", column=stray[0][:40], accepted=", ".join(sorted(there)))
    given = {
        role: Given(
            called=role,
            data=_frame_or_path(data, role),
            format=(formats or {}).get(role, AUTO),
            options=(options or {}).get(role, {}),
        )
        for role, data in there.items()
    }
    asked, strange = _parted("faces", "faces.audit", params)
    if strange:
        raise InputError("unknown parameter", column=min(strange)[:60], accepted=", ".join(sorted(asked)) or "–")
    return _audited("faces", given, _flags(asked), language)


def _audited(technology: str, parts: Mapping[str, Given], flags: Sequence[str], language: str) -> Audit:
    """Let everything in, run, and forget all but what was found. O(what the intake and the capability take)."""
    main = next(iter(parts.values())).data
    frames = {role: given for role, given in parts.items() if isinstance(given.data, Frame)}
    with TemporaryDirectory(prefix="peelian-") as folder, _in_the_callers_words(frames):
        files = {
            role: _kept(technology, role, given.data, given, Path(folder)) if isinstance(given.data, Frame)
            else (given.data, given.format, dict(given.options))
            for role, given in parts.items()
        }  # fmt: skip
        made = attempt(technology, files, flags=flags, language=language)
    return Audit(made=_counted_from_0(made, frames), library=main.library if isinstance(main, Frame) else ARROW)


def _kept(technology: str, role: str, frame: Frame, given: Given, folder: Path) -> tuple[Path, str, Mapping[str, str]]:
    """Write the columns of a frame that its format reads, for the intake to read."""
    names = tuple(given.renamed.get(name, name) for name in frame.names)
    if stray := [name for name in given.renamed if name not in frame.names]:
        raise InputError(
            "unknown column", file=given.called, column=stray[0][:60], accepted=", ".join(frame.names)[:200]
        )
    if not frame.rows:
        raise InputError("columns without rows", file=given.called, accepted="a table with rows")
    head = TableHead(source=Source(name=_file(role), kind="parquet", size=0, open=_unopened), names=names)
    known = [f for f in _technology(technology).formats() if "parquet" in f.kinds]
    path = folder / _file(role)
    try:
        whole = Header(name=_file(role), kind="parquet", tables=(head,))
        chosen = chosen_format(given.format, whole, known, given.options)
        wanted = _wanted(frame, chosen, head, given.options)
    except InputError as fault:
        raise fault.of_file(_file(role)) from None
    keep(frame, wanted, path, called=given.renamed)
    return path, chosen.id, dict(given.options)


def _frame_or_path(given: Any, called: str) -> Frame | Path:
    return Path(given) if isinstance(given, (str, PathLike)) else frame_of(given, called)


def _has(frame: Frame, column: str) -> bool:
    return column in {name.strip().lower() for name in frame.names}


def _wanted(frame: Frame, chosen: Format, head: TableHead, options: Mapping[str, str]) -> frozenset[str]:
    """The columns of a frame whose values its format reads."""
    known = {name: text for name, text in options.items() if name in chosen.options}
    return frozenset(frame.names[place] for place in places(chosen, head, known).values())


def _unopened() -> Any:
    raise InputError("a frame has no bytes")


def _file(role: str) -> str:
    return f"{role}.parquet"


@contextmanager
def _in_the_callers_words(frames: Mapping[str, Given]) -> Iterator[None]:
    """Faults of a file that was written from a frame, as faults of the frame, whose rows count from 0; of a parameter,
    as the caller spells it."""
    known = {_file(role): given.called for role, given in frames.items()}
    back: dict[str, str] = {}
    for given in frames.values():
        back |= {own: name for name, own in given.renamed.items()}
    try:
        yield
    except InputError as fault:
        if fault.file not in known and fault.column.startswith("--"):  # a parameter, which the caller gave as a word
            word = fault.column.removeprefix("--").replace("-", "_")
            raise type(fault)(fault.wrong, accepted=fault.accepted, column=word) from None
        if fault.file not in known:
            raise
        row = fault.row - FIRST_ROW if fault.row and fault.row >= FIRST_ROW else None
        column = back.get(fault.column, fault.column)
        called = known[fault.file]
        raise type(fault)(fault.wrong, accepted=fault.accepted, file=called, row=row, column=column) from None


def _counted_from_0(made: Attempt, frames: Mapping[str, Given]) -> Attempt:
    """The same attempt, its dropped rows counted as the frames count theirs."""
    admissions = {
        role: replace(
            admission,
            dropped=tuple({**drop, "first_row": int(drop["first_row"]) - FIRST_ROW} for drop in admission.dropped),
        )
        if role in frames
        else admission
        for role, admission in made.admissions.items()
    }
    return replace(made, admissions=admissions)


def _technology(name: str) -> Technology:
    return next(known for known in technologies() if known.id == name)


def _parted(technology: str, capability: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The capability's own parameters, and the rest as texts: options of a format."""
    own = next(c for c in _technology(technology).capabilities if c.id == capability)
    known = {one.name for one in fields_of(own.asks.params)}
    return (
        {name: value for name, value in given.items() if name in known},
        {name: str(value) for name, value in given.items() if name not in known},
    )


def _flags(params: Mapping[str, Any]) -> list[str]:
    """Parameters as the command line spells them; those that are None are not given."""
    return [f"--{name}={_spelled(value)}" for name, value in params.items() if value is not None]


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _listed(**lists: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Lists of names; InputError for a single text, whose letters would pass as names."""
    for name, names in lists.items():
        if isinstance(names, str):
            accepted = sentence("a list: %(name)s=[…]", name=name)
            raise InputError("one text instead of a list", column=name, accepted=accepted)
    return {name: tuple(map(str, names)) for name, names in lists.items()}
