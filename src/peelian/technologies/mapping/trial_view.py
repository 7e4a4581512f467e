"""The report of `peelian try`: which model beats the long-run average in which category, and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from peelian.kernel.model.capability import Findings
from peelian.pictures.charts import Interval, intervals
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Paragraph, Say
from peelian.technologies.mapping.area_view import RECORDED, town_map
from peelian.technologies.mapping.coincidence import CROWDED
from peelian.technologies.mapping.comparison import LEAST_REGIONS, SEEN, sure_sign
from peelian.technologies.mapping.declarations.backtest import BacktestParams
from peelian.technologies.mapping.declarations.models import BASELINE
from peelian.technologies.mapping.fitting import MOST_BELOW
from peelian.technologies.mapping.names import category_title, model_title
from peelian.technologies.mapping.views import figure, interval, records_of


def run_title(params: BacktestParams, say: Say) -> str:
    """The heading of one category's back-test."""
    return category_title(params.category, say)


def overview(found: Sequence[Findings], say: Say) -> Panels:
    """A sentence for each category, then all models and categories in one table."""
    told = [panel for one in found for panel in (Paragraph(text=_verdict(one, say)), *_crowded(one, say))]
    titles = (say("Category"), "n", say("Model"), say("Bits per incident"), say("95% interval"), say("p (Holm)"))
    rows = tuple(
        (
            category_title(str(one.facts["category"]), say),
            say("%(n)d", n=row["n"]),
            model_title(row["model"], say),
            figure(say, row["bits"]),
            interval(say, row["bits_low"], row["bits_high"]),
            figure(say, row["p_holm"]),
        )
        for one in found
        for row in _others(one)
    )
    caption = say("Models against the long-run average, by category")
    grid = Grid(caption=caption, titles=titles, rows=rows, numeric=frozenset({1, 3, 4, 5}), folded=True)
    return [*told, *(_pictures(found, say) if len(found) > 1 else ()), _bar(found, say), grid]


def _pictures(found: Sequence[Findings], say: Say) -> list[Panel]:
    """The map of the most frequent category, and the tested model in each category."""
    model = str(found[0].facts["model"])
    scores = [(one, row) for one in found for row in _others(one) if row["model"] == model]
    rows = [
        Interval(
            label=category_title(str(one.facts["category"]), say),
            value=row["bits"],
            low=row["bits_low"],
            high=row["bits_high"],
            note=f"n = {say('%(n)d', n=row['n'])}",
        )
        for one, row in scores
    ]
    if not rows:
        return []
    title = model_title(model, say)
    chart = intervals(
        rows,
        value_title=say("Bits per incident over the long-run average"),
        caption=say("%(model)s against the long-run average, by category", model=title),
        alternative=say("%(n)d categories, each with its 95%% interval. Zero is the long-run average.", n=len(rows)),
        label_title=say("Category"),
        reference=0.0,
        reference_name=say("Long-run average"),
        say=say,
    )
    first = category_title(str(found[0].facts["category"]), say)
    return [Heading(text=say("Map: %(category)s", category=first), level=3), *town_map(found[0], RECORDED, say), chart]


def _crowded(found: Findings, say: Say) -> list[Paragraph]:
    """The warning that comes first: one point that holds too many incidents."""
    return [Paragraph(text=say(n.text, **n.values), tone="limit") for n in found.notes if n.text == CROWDED]


def _bar(found: Sequence[Findings], say: Say) -> Paragraph:
    """The default criterion, and which categories meet it."""
    words: dict[bool, list[str]] = {True: [], False: []}
    for one in found:
        words[bool(one.facts["criteria_met"])].append(category_title(str(one.facts["category"]), say))
    met, missed = (", ".join(words[kind]) or say("none") for kind in (True, False))
    model = model_title(str(found[0].facts["model"]), say)
    says = (
        "No board set acceptance criteria for this trial. A default was checked, which does not ask that a model beats "
        "the long-run average: incidents are clustered, and %(model)s is at most %(bits).3f bits per incident below it "
        "(lower end of the 95%% interval). So it is in: %(met)s. Not so in: %(missed)s."
    )
    return Paragraph(text=say(says, model=model, bits=MOST_BELOW, met=met, missed=missed))


def _verdict(found: Findings, say: Say) -> str:
    """Which models beat the long-run average here, the best first, each with its interval."""
    better = [row for row in _others(found) if sure_sign(row["bits"], row["p_holm"]) > 0]
    category = category_title(str(found.facts["category"]), say)
    if not found.facts["concentrated"]:
        return say(
            "%(category)s (n = %(n)d): incidents are no more clustered than chance. Do not use a forecast map.",
            category=category,
            n=_n(found),
        )
    if "bits_low" not in found.facts:
        return say(
            "%(category)s (n = %(n)d): whether a model beats the long-run average cannot be told: the incidents lie in "
            "%(regions)d %(regions:region|regions); %(needed)d are needed.",
            category=category,
            n=_n(found),
            regions=int(found.facts["regions"]),
            needed=LEAST_REGIONS,
        )
    if not better and any(row["bits_low"] > 0 and row["bits"] >= SEEN for row in _others(found)):
        return say(
            "%(category)s (n = %(n)d): no model is sure to beat the long-run average when all %(tests)d are tested "
            "together (Holm). The interval of one model alone does not allow for that.",
            category=category,
            n=_n(found),
            tests=len(_others(found)),
        )
    if not better:
        says = "%(category)s (n = %(n)d): no model beats the long-run average. Use the long-run average."
        return say(says, category=category, n=_n(found))
    models = say("; ").join(
        say(
            "%(model)s by %(bits).3f bits (95%% interval %(low).3f to %(high).3f)",
            model=model_title(row["model"], say),
            bits=row["bits"],
            low=row["bits_low"],
            high=row["bits_high"],
        )
        for row in better
    )
    says = "%(category)s (n = %(n)d): models that beat the long-run average: %(models)s."
    return say(says, category=category, n=_n(found), models=models)


def _others(found: Findings) -> list[dict[str, Any]]:
    """The scores of all models but the long-run average, the best first."""
    rows = records_of(found, "scores")
    return sorted((row for row in rows if row["model"] != BASELINE), key=lambda row: -row["bits"])


def _n(found: Findings) -> int:
    return int(found.facts["n"])
