"""The end of a demonstration: a breach drill, told in a few lines, and its record as pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from peelian.errors import sentence
from peelian.kernel.model.people import Operator
from peelian.operations.drill.drill import Script, run_drill
from peelian.operations.office import Office
from peelian.oversight.drills import SelfTest
from peelian.web.drills import self_test_report
from peelian.web.letters import write_letters
from peelian.web.pages import LANGUAGES

SCENARIO, SEED = "stolen-session", 1


def rehearse(office: Office, by: Operator, folder: Path, say: Callable[[str], None]) -> tuple[SelfTest, list[Path]]:
    """Go through one drill of the office and say what came of it; (the record, its page in each language)."""
    say("\nBreach drill on a copy of this office, with drill keys and invented people. Nothing is sent.")
    script = Script(scenario=SCENARIO, seed=SEED, folder=folder / "drills", write=write_letters)
    drill = run_drill(office, by, script)
    for line in told(drill.body):
        say(sentence("  %(line)s", line=line))
    pages = []
    (folder / "pages").mkdir(exist_ok=True)
    for language in LANGUAGES:
        pages.append(folder / "pages" / f"drill-{drill.name}-{language}.html")
        pages[-1].write_text(self_test_report(office, drill, language), encoding="utf-8")
    return drill, pages


def told(body: Mapping[str, Any]) -> list[str]:
    """A drill in three lines."""
    seconds = {stage: float(value) for stage, value in body["seconds"].items()}
    met = "All drill targets met. The signed record is in the log."
    return [
        sentence(
            "%(title)s: %(affected)d people affected, %(found)d found "
            "(recall %(recall)g %%, wrongly included %(extra)g %%).",
            title=sentence(body["title"]),
            affected=body["affected"],
            found=body["found"],
            recall=body["recall_permille"] / 10,
            extra=body["extra_permille"] / 10,
        ),
        sentence(
            "Detected after %(detect).2f s, contained after %(contain).2f s, "
            "%(n)d letters in English and French after %(all).2f s in all.",
            detect=seconds["detect"],
            contain=seconds["detect"] + seconds["contain"],
            n=body["letters"],
            all=sum(seconds.values()),
        ),
        sentence(met if body["criteria_met"] else "A drill target was missed. The signed record is in the log."),
    ]
