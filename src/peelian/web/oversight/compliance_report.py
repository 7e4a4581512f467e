"""The compliance of an office as files to keep: one page in each language that needs no server."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from peelian.operations.office import Office
from peelian.oversight.compliance.catalogue import FAMILIES
from peelian.oversight.compliance.standing import BUILT, FAIL, HUMAN, PASS, Standing, tally
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Heading, Panel, Paragraph
from peelian.web.oversight.compliance import STATUS, Told, proof_text, titles_of
from peelian.web.pages import LANGUAGES
from peelian.web.report import report


def write_compliance(office: Office, folder: Path, found: tuple[Standing, ...]) -> list[Path]:
    """One file in each language; returns them."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for language in LANGUAGES:
        say = office.say(language)
        counted = tally(found)
        facts = [
            (say("Office"), office.kernel.office.name),
            (say("As of"), moment(office.kernel.now().isoformat(), language)),
        ]
        facts += [(say(STATUS[status]), say("%(n)d", n=counted[status])) for status in (PASS, BUILT, HUMAN, FAIL)]
        page = report(
            say("Compliance"),
            panels(found, (say, language, titles_of(office, say))),
            language=language,
            facts=facts,
            say=say,
        )
        files.append(folder / f"compliance-{language}.html")
        files[-1].write_text(page, encoding="utf-8")
    return files


def panels(found: tuple[Standing, ...], told: Told) -> list[Panel]:
    """Documents still required, then every requirement by family."""
    say = told[0]
    made: list[Panel] = [Paragraph(text=say("Each requirement is listed with its evidence."))]
    made += _asked(found, FAIL, say("Requirements not met"), told)
    made += _asked(found, HUMAN, say("Documents required"), told)
    for family, group in groupby(found, lambda one: one.requirement.family):
        made += [Heading(text=say(FAMILIES[family])), _grid(say(FAMILIES[family]), list(group), told)]
    return made


def _asked(found: tuple[Standing, ...], status: str, title: str, told: Told) -> list[Panel]:
    say = told[0]
    own = [one for one in found if one.status == status]
    rows = tuple((one.requirement.id, _wanted(one, told)) for one in own)
    if not rows:
        return []
    return [Heading(text=title), Grid(caption=title, titles=(say("Requirement"), say("Missing")), rows=rows)]


def _wanted(one: Standing, told: Told) -> str:
    """What is missing: contrary evidence, or a required document."""
    say, language, _ = told
    against = say("; ").join(proof_text(proof, told) for proof in one.proofs if not proof.holds)
    human = one.requirement.human
    return against or (human.of(language) if human else "")


def _grid(caption: str, group: list[Standing], told: Told) -> Grid:
    say, language, _ = told
    rows = tuple(
        (one.requirement.id, one.requirement.words.of(language), say(STATUS[one.status]), _evidence(one, told))
        for one in group
    )
    titles = (say("Requirement"), say("Requirement text"), say("State"), say("Evidence"))
    return Grid(caption=caption, titles=titles, rows=rows)


def _evidence(one: Standing, told: Told) -> str:
    say = told[0]
    shown = [proof_text(proof, told) for proof in one.proofs if proof.kind != "test"]
    tests = sum(proof.kind == "test" for proof in one.proofs)
    held = (
        [say("Built into the software, and held by %(n)d %(n:test|tests) of this version.", n=tests)] if tests else []
    )
    return say("; ").join([*shown, *held])
