"""The office that benchmarks of the kernel work in: the toy technology of the tests, and two people in two units."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from postgres import postgresql as postgresql
from toy import TOY, WellParams, wells

import peelian.operations.office
from peelian.integrations.person_keys import ThrownAway
from peelian.kernel import verbs
from peelian.kernel.model.capability import AuthorizationKind, Purpose, Role
from peelian.kernel.model.documents import Admission, Declaration, Permit
from peelian.kernel.model.formats import Admitted
from peelian.kernel.model.people import Operator
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs.authorizations import issue
from peelian.operations.office import Office, new_office

DECLARATION = Declaration(
    title="Benchmark",
    purposes=("proof", "advice"),
    legal_basis="none",
    minimisation="declared columns only",
    retention_days=30,
    source="made up, or shipped with attribution",
)
WORDS = {"choice": "adopt", "reasons": "only to be measured", "other_evidence": "none"}


def know_the_toy() -> None:
    """Have every office of this process know the toy technology and no other."""
    peelian.operations.office.technologies = lambda: (TOY,)


def toy_office(folder: Path, **places: str) -> Office:
    """A new office in which "one" may ask for `toy.prove`, and "two" of another unit decides."""
    office = new_office(folder, name="Town", **places).asking(ThrownAway())
    one = office.enrol("one", name="One", unit="a", roles=set(Role))
    office.enrol("two", name="Two", unit="b", roles=set(Role), by=one)
    kind, purposes = AuthorizationKind.ACCEPTANCE_CRITERIA, (Purpose.PROOF,)
    issue(office.kernel, one, kind, serves="toy.prove", purposes=purposes, days=9, body={})
    return office


def admitted(kernel: Kernel, by: Operator, number: int = 0) -> Admission:
    """Data of the toy technology, other data for each number."""
    return verbs.admit(kernel, by, DECLARATION, Admitted(table=wells(12 + number), facts={}), format="toy-wells")


def asked(kernel: Kernel, by: Operator, dataset: str) -> Permit:
    """A use of the data asked for."""
    given = {"purpose": "proof", "params": WellParams(), "datasets": {"wells": dataset}}
    return verbs.ask(kernel, by, "toy.prove", **given)
