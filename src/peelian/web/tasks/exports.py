"""What leaves as a file: the map of a decided case; and the proposal to hand the register to a recipient."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from peelian.errors import InputError, sentence
from peelian.integrations.gis_exports import WRITERS
from peelian.kernel.identity.dual_control import PROPOSERS
from peelian.kernel.model.people import Operator
from peelian.kernel.verbs.export import EXPORTERS
from peelian.operations.bulk_export import propose_export
from peelian.operations.office import Office
from peelian.oversight import register
from peelian.pictures.panels import Say
from peelian.web.drawn_maps import has_map
from peelian.web.pages import LANGUAGES
from peelian.web.tasks.accesses import MOST_CASES, case_name
from peelian.web.tasks.task import Done, Task, asked

GROUP = "Exports"
HEXAGONS = tuple(map(str, range(5, 11)))
KINDS = tuple(ending.removeprefix(".") for ending in WRITERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfCase:
    case: str = asked("Decided case with a map")
    kind: str = asked("Format of the file", default="gpkg")
    language: str = asked("Language", default="en")
    hexagons: str = asked("Squares as H3 hexagons", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    recipient: str = asked("Public key of the recipient: age1… or ssh-ed25519 …", lines=2)
    cases: tuple[str, ...] = asked("Published cases. None ticked: the whole register", default=())
    reason: str = asked("Who the recipient is, and why they get it", lines=3)


def _export(office: Office, by: Operator, given: OfCase) -> Done:
    for column, known in (("kind", KINDS), ("language", LANGUAGES), ("hexagons", ("", *HEXAGONS))):
        if getattr(given, column) not in known:
            raise InputError("not one of the choices", column=column, accepted=", ".join(filter(None, known)))
    hexagons = int(given.hexagons) if given.hexagons else None
    name = f"{given.case}-{given.language}.{given.kind}"
    with TemporaryDirectory(prefix="peelian-") as folder:
        file = Path(folder) / name.replace("/", "-")
        office.export(by, given.case, file, given.language, hexagons=hexagons)
        return Done(says="Written.", file=(file.name, file.read_bytes()))


def _propose(office: Office, by: Operator, given: Proposed) -> Done:
    digest = propose_export(office, by, recipient=given.recipient, cases=given.cases, words=given.reason)
    return Done(says=sentence("Proposed. Someone in another unit approves it."), href=f"/proposals/{digest}")


def _with_map(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    for one in register.page(office.kernel, most=MOST_CASES).cases:
        if one.choice and has_map(office, one, public=False):
            yield one.case, case_name(one, say)


def _published(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    cases = register.page(office.kernel, most=MOST_CASES, published=True).cases
    yield from ((one.case, case_name(one, say)) for one in cases)


TASKS = (
    Task(
        id="export-map",
        group=GROUP,
        title="Export the map of a case",
        about="A file for map programs. Each row names its case, findings and decision.",
        roles=EXPORTERS,
        params=OfCase,
        do=_export,
        offered={
            "case": _with_map,
            "kind": lambda office, say: [(kind, f".{kind}") for kind in KINDS],
            "language": lambda office, say: LANGUAGES.items(),
            "hexagons": lambda office, say: [(n, say("resolution %(n)d", n=int(n))) for n in HEXAGONS],
        },
    ),
    Task(
        id="export-propose",
        group=GROUP,
        title="Propose a bulk export",
        about="The public register, or many of its cases, for one recipient. Someone in another unit approves it. "
        "The custodian then writes the encrypted file at the terminal.",
        roles=PROPOSERS,
        params=Proposed,
        do=_propose,
        offered={"cases": _published},
    ),
)
