"""Charts of an audit as matplotlib figures (extra `plots`): a panel for each group, everybody behind it in grey.

Panels carry the group's name and share their axes, so that 18 groups stay readable. What is hidden is not drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from math import ceil
from typing import TYPE_CHECKING, Any

from peelian.audit.figures import ALL, CROSSED, EVERYONE, by_group, having, rows_of
from peelian.audit.model_card import FMR, FNMR, face_rows
from peelian.demos.trial import OUTSIDE
from peelian.errors import InputError, NotEnoughData
from peelian.kernel.model.capability import Findings
from peelian.pictures.panels import Say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREY = "#1f4e79", "#b3541e", "#9a9a9a"
MOST_COLUMNS, INCHES = 6, 1.9
ROW_INCHES, FOOT_INCHES = 0.28, 0.15

Points = tuple[list[float], list[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Lines by group, each with a colour; `everybody` stands behind every panel."""

    title: str
    x: str
    y: str
    groups: Mapping[str, Sequence[tuple[Points, str]]]
    everybody: Sequence[Points] = ()
    log: bool = False
    diagonal: bool = False
    at: float | None = None  # a vertical line
    key: Sequence[tuple[str, str]] = ()  # what a colour means


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """One measure by group: value, low and high (None where unknown)."""

    title: str
    rows: Sequence[tuple[str, float, float | None, float | None]]
    log: bool = False


def drawn(technology: str, findings: Findings, kind: str, *, say: Say) -> Figure:
    """The chart of this kind. InputError: no such kind, or matplotlib is not installed; NotEnoughData: all hidden."""
    known = KINDS[technology]
    if kind not in known:
        raise InputError("no such chart", column=str(kind)[:60], accepted=", ".join(known))
    if find_spec("matplotlib") is None:
        raise InputError("charts need the extra plots", accepted='pip install "peelian[plots]"')
    made = known[kind](findings, say)
    figure = _multiples(made) if isinstance(made, Curves) else _dotted(made)
    figure.text(0.005, 0.003, say(OUTSIDE), fontsize=6, color="#555555")
    return figure


def _calibration(findings: Findings, say: Say) -> Curves:
    observed, promised = rows_of(findings, "rates"), rows_of(findings, "figures")
    expected = {(r["axis"], r["group"], r["at"]): r["value"] for r in having(promised, metric="promised")}
    lines: dict[tuple[str, str], Points] = {}
    for row in having(observed, metric="observed"):
        x = expected.get((row["axis"], row["group"], row["at"]))
        if x is not None and row["value"] is not None:
            _add(lines, (row["axis"], row["group"]), x, row["value"])
    return Curves(
        title=say("Calibration by group"),
        x=say("expected share"),
        y=say("observed share"),
        groups={g: [(points, BLUE)] for g, points in _uncrossed(lines, say)},
        everybody=_everybody(lines),
        diagonal=True,
    )


def _thresholds(findings: Findings, say: Say) -> Curves:
    lines: dict[str, dict[tuple[str, str], Points]] = {"fpr": {}, "fnr": {}}
    for row in sorted(rows_of(findings, "rates"), key=lambda row: row["at"] or 0):
        if row["metric"] in lines and row["value"] is not None:
            _add(lines[row["metric"]], (row["axis"], row["group"]), row["at"], row["value"])
    groups: dict[str, list[tuple[Points, str]]] = {}
    for metric, colour in (("fpr", BLUE), ("fnr", ORANGE)):
        for group, points in _uncrossed(lines[metric], say):
            groups.setdefault(group, []).append((points, colour))
    return Curves(
        title=say("Error rates at every cut-off"),
        x=say("cut-off"),
        y=say("rate"),
        groups=groups,
        everybody=[*_everybody(lines["fpr"]), *_everybody(lines["fnr"])],
        at=float(findings.facts["cut"]),
        key=((say("FPR"), BLUE), (say("FNR"), ORANGE)),
    )


def _risk_errors(findings: Findings, say: Say) -> list[Dots]:
    rates, cut = rows_of(findings, "rates"), float(findings.facts["cut"])
    found = []
    for metric, title in (("fpr", say("False positive rate")), ("fnr", say("False negative rate"))):
        value, low, high = (by_group(rates, metric, name, at=cut) for name in ("value", "lo", "hi"))
        rows = [
            (_named(key, say), value[key], low[key], high[key])
            for key in value
            if key[0] != CROSSED and value[key] is not None
        ]
        found.append(Dots(title=title, rows=rows))
    return found


def _det(findings: Findings, say: Say) -> Curves:
    lines: dict[tuple[str, str], Points] = {}
    for row in rows_of(findings, "curves"):
        if row["fmr"] and row["fnmr"]:  # a logarithmic axis has no zero
            _add(lines, ("", row["group"]), row["fmr"], row["fnmr"])
    groups = {group: [(points, BLUE)] for (_, group), points in lines.items() if group != ALL}
    alone = {say(ALL): [(points, BLUE)] for (_, group), points in lines.items() if group == ALL}
    return Curves(
        title=say("DET curves by group"),
        x=FMR,
        y=FNMR,
        groups=groups or alone,
        everybody=[points for (_, group), points in lines.items() if group == ALL] if groups else (),
        log=True,
    )


def _face_errors(findings: Findings, say: Say) -> list[Dots]:
    rows = face_rows(findings)
    return [
        Dots(
            title=measure,
            rows=[
                (say(row["group"]), row[name], row[f"{name}_low"], row[f"{name}_high"])
                for row in rows
                if row[name] is not None
            ],
            log=measure == FMR and all(row[name] for row in rows if row[name] is not None),
        )
        for measure, name in ((FMR, "fmr"), (FNMR, "fnmr"))
    ]


Made = Callable[[Findings, Say], "Curves | list[Dots]"]
KINDS: Mapping[str, Mapping[str, Made]] = {
    "risk": {"calibration": _calibration, "errors": _risk_errors, "thresholds": _thresholds},
    "faces": {"det": _det, "errors": _face_errors},
}


def _add(lines: dict[tuple[str, str], Points], key: tuple[str, str], x: float, y: float) -> None:
    xs, ys = lines.setdefault(key, ([], []))
    xs.append(x)
    ys.append(y)


def _uncrossed(lines: Mapping[tuple[str, str], Points], say: Say) -> Iterable[tuple[str, Points]]:
    """Every group but everybody and the crossed ones; everybody where there is no other."""
    plain = {key: points for key, points in lines.items() if key[0] not in (EVERYONE, CROSSED)}
    drawable = {key: points for key, points in (plain or lines).items() if len(points[0]) > 1}
    return ((_named(key, say), points) for key, points in drawable.items())


def _named(key: tuple[str, str], say: Say) -> str:
    return say(key[1]) if key[0] == EVERYONE else f"{key[0]}: {say(key[1])}"


def _everybody(lines: Mapping[tuple[str, str], Points]) -> list[Points]:
    return [points for (axis, _), points in lines.items() if axis == EVERYONE]


def _sheet(width: float, height: float) -> Figure:
    """An empty figure of this size in inches, with room for a line at its foot."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    foot = FOOT_INCHES / height
    engine = ConstrainedLayoutEngine(rect=(0, foot, 1, 1 - foot))
    return Figure(figsize=(width, height), layout=engine, dpi=110)


def _multiples(made: Curves) -> Figure:
    if not made.groups:
        raise NotEnoughData("every group is hidden or too small for this chart", accepted="more people")
    columns = min(MOST_COLUMNS, ceil(len(made.groups) ** 0.5) + 1, len(made.groups))
    rows = ceil(len(made.groups) / columns)
    figure = _sheet(max(columns * INCHES, 3.6), rows * INCHES + 0.8)
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for panel, (group, lines) in zip(panels, made.groups.items(), strict=False):
        _panel(panel, group, lines, made)
    for panel in panels[len(made.groups) :]:
        panel.set_visible(False)
    figure.suptitle(made.title, fontsize=10)
    figure.supxlabel(made.x, fontsize=8)
    figure.supylabel(made.y, fontsize=8)
    return figure


def _panel(panel: Axes, group: str, lines: Sequence[tuple[Points, str]], made: Curves) -> None:
    for points in made.everybody:
        panel.plot(*points, color=GREY, linewidth=1)
    for points, colour in lines:
        panel.plot(*points, color=colour, linewidth=1.4, marker=".", markersize=3)
        name = next((name for name, known in made.key if known == colour), "")
        if name:
            panel.annotate(name, (points[0][-1], points[1][-1]), fontsize=6, color=colour, ha="right", va="bottom")
    if made.diagonal:
        panel.plot([0, 1], [0, 1], color=GREY, linewidth=0.6, linestyle=":")
    if made.at is not None:
        panel.axvline(made.at, color=GREY, linewidth=0.8, linestyle="--")
    if made.log:
        panel.set_xscale("log")
        panel.set_yscale("log")
    panel.set_title(group, fontsize=7)
    panel.tick_params(labelsize=6)


def _dotted(made: list[Dots]) -> Figure:
    names = list(dict.fromkeys(name for dots in made for name, *_ in dots.rows))[::-1]  # the first stands on top
    if not names:
        raise NotEnoughData("every group is hidden or too small for this chart", accepted="more people")
    figure = _sheet(7.5, len(names) * ROW_INCHES + 1.1)
    panels: Any = figure.subplots(1, len(made), sharey=True, squeeze=False)
    for panel, dots in zip(panels[0], made, strict=True):
        for name, value, low, high in dots.rows:
            place = names.index(name)
            if low is not None and high is not None:
                panel.plot([low, high], [place, place], color=BLUE, linewidth=1.2)
            panel.plot([value], [place], marker="o", markersize=4, color=BLUE)
            told = f"{value:.2g}" if value or high is None else f"≤ {high:.2g}"
            panel.text(1.01, place, told, transform=panel.get_yaxis_transform(), fontsize=6, va="center")
        panel.set_yticks(range(len(names)), names, fontsize=7)
        panel.set_title(dots.title, fontsize=9)
        panel.tick_params(axis="x", labelsize=7)
        panel.grid(axis="x", linewidth=0.3)
        if dots.log:
            panel.set_xscale("log")
    return figure
