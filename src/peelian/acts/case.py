"""Cases: what leaves as a file, the map of a decided case; and the proposal to hand the register to a recipient."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

from peelian.acts.act import Acts, Done, asked
from peelian.acts.choices import LANGUAGES, MOST_CASES, case_name
from peelian.errors import sentence
from peelian.kernel.model.doors import Leaves, Suspended
from peelian.pictures.panels import Say

if TYPE_CHECKING:
    from peelian.acts.act import Roles
    from peelian.kernel.model.people import Operator
    from peelian.operations.office import Office
    from peelian.oversight.transparency.register import CaseSummary

acts = Acts("case", "Exports", "Cases: list, report, correct, export.")
KINDS = ("gpkg", "parquet", "geojson", "csv")
"""Kinds of map files (`integrations/gis_exports.WRITERS`)."""
RESOLUTIONS = ("", *map(str, range(5, 11)))
"""Resolutions of H3 hexagons; "": squares as they are."""


def _exporters() -> Roles:
    from peelian.kernel.verbs.export import EXPORTERS

    return EXPORTERS


def _proposers() -> Roles:
    from peelian.kernel.identity.dual_control import PROPOSERS

    return PROPOSERS


def _has_map(office: Office, one: CaseSummary) -> bool:
    """Whether a case found a map that is still there."""
    capability, history = office.kernel.past_capability(one.capability), office.kernel.state.histories[one.case]
    kinds = {entry["kind"] for _, entry in history.entries}
    return capability.arithmetic().shows.map is not None and "RAN" in kinds and "ERASED" not in kinds


def _with_map(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.oversight.transparency import register

    for one in register.page(office.kernel, most=MOST_CASES).cases:
        if one.choice and _has_map(office, one):
            yield one.case, case_name(one, say)


def _published(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.oversight.transparency import register

    cases = register.page(office.kernel, most=MOST_CASES, published=True).cases
    yield from ((one.case, case_name(one, say)) for one in cases)


def _resolutions(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    yield from ((n, say("resolution %(n)d", n=int(n))) for n in RESOLUTIONS if n)


@acts.does(
    "export",
    "Export the map of a case",
    "A file for map programs. Each row names its case, findings and decision.",
    whom=_exporters,
    leaves=Leaves.DATA,
    suspended=Suspended.STOPS,
    typed=("case",),
    offered={"case": _with_map, "hexagons": _resolutions},
    proves=True,
    writes="kind",
)
def export(
    office: Office,
    by: Operator,
    *,
    case: Annotated[str, asked("Decided case with a map")],
    kind: Annotated[str, asked("Format of the file", names=KINDS)] = "gpkg",
    language: Annotated[str, asked("Language", names=LANGUAGES)] = "en",
    hexagons: Annotated[str, asked("Squares as H3 hexagons", names=RESOLUTIONS)] = "",
) -> Done:
    """Write the map of a decided case; the log says who took it out."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    name = f"{case}-{language}.{kind}".replace("/", "-")
    with TemporaryDirectory(prefix="peelian-") as folder:
        file = Path(folder) / name
        places = office.export(by, case, file, language, hexagons=int(hexagons) if hexagons else None)
        says = sentence("Map of %(n)d cells.", n=places)
        return Done(says=says, file=(name, file.read_bytes()), record={"places": places})


@acts.does(
    "propose-export",
    "Propose a bulk export",
    "The public register, or many of its cases, for one recipient. Someone in another unit approves it. "
    "The custodian then writes the encrypted file at the terminal.",
    whom=_proposers,
    leaves=Leaves.SEALED,
    suspended=Suspended.STOPS,
    typed=("recipient",),
    offered={"cases": _published},
)
def propose_export(
    office: Office,
    by: Operator,
    *,
    recipient: Annotated[str, asked("Public key of the recipient: age1… or ssh-ed25519 …", lines=2)],
    cases: Annotated[tuple[str, ...], asked("Published cases. None: the whole register")] = (),
    reason: Annotated[str, asked("Who the recipient is, and why they get it", lines=3)],
) -> Done:
    """Propose it to a second person."""
    from peelian.operations.bulk_export import propose_export as propose

    digest = propose(office, by, recipient=recipient, cases=cases, words=reason)
    return Done(says="Proposed. Someone in another unit approves it.", proposal=digest)
