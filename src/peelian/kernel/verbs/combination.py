"""combine: datasets in partitions become one dataset, whose manifest lists the partitions of all.

Nothing is opened or sealed: the partitions stay the datasets' own, under their keys. So the new dataset serves only
what all of them serve, as long as all of them are there; a hold on it holds them, too.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from peelian.errors import InputError, Refused
from peelian.kernel.disclosure.intake_and_release_checks import declaration_faults
from peelian.kernel.model.documents import Admission, Declaration, new_salt
from peelian.kernel.model.partitions import manifest_of
from peelian.kernel.model.people import Operator
from peelian.kernel.model.vocabulary import Scalar
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.object_state import manifest_of_object
from peelian.kernel.verbs.custody import ADMITTERS, Kept, all_or_nothing, kept_as
from peelian.kernel.verbs.manifest_checks import SAME, member_of
from peelian.kernel.verbs.partitioned_admission import keep_manifest

FEWEST = 2


def combine(kernel: Kernel, by: Operator, datasets: Sequence[str], *, title: str) -> Admission:
    """One dataset of several in partitions, each admitted whole before. Its declaration is what all of theirs allow:
    the purposes they share, the time that is left of the shortest. O(partitions).

    Refused: the person may not, or no purpose is shared. OutOfOrder: a dataset is not there, not in partitions, or of
    another shape, time zone or centre. InputError: fewer than two.
    """
    must_hold_role(kernel, by, ADMITTERS, "the_admitter_may_admit")
    names = tuple(dict.fromkeys(datasets))
    if len(names) < FEWEST:
        raise InputError("too few datasets to combine", accepted="two or more different ones")
    first = kernel.state.datasets.get(names[0])
    shape, facts = (kernel.shape_of(first), first.facts) if first else ("", {})
    members = [member_of(kernel, name, shape, facts) for name in names]
    declaration = _declared(kernel, members, title)
    if reasons := tuple(declaration_faults(declaration)):
        raise Refused(reasons)
    lists = {one.dataset: manifest_of_object(kernel, one.object) for one in members}
    manifest = manifest_of(
        (dataclasses.replace(part, dataset=name) for name, of in lists.items() for part in of.partitions),
        combined=((one.dataset, one.digest) for one in members),
        areas=(area for of in lists.values() for area in of.areas),
        salt=new_salt(),
    )
    name = f"{members[0].shape}-{secrets.token_hex(6)}"
    with all_or_nothing(kernel, by, name, format=members[0].format):
        keep_manifest(kernel, manifest)
        kept = Kept(
            dataset=name,
            format=members[0].format,
            object=manifest.name,
            digest=manifest.digest,
            rows=manifest.rows,
            declaration=declaration,
            facts=_facts(members),
            dropped=tuple(dropped for one in members for dropped in one.dropped),
            notes=tuple(note for one in members for note in one.notes),
        )
        kept_as(kernel, by, kept)
    return kernel.state.datasets[name]


def _declared(kernel: Kernel, members: Sequence[Admission], title: str) -> Declaration:
    shared = [p for p in members[0].declaration["purposes"] if all(p in m.declaration["purposes"] for m in members)]
    ends = [datetime.fromisoformat(one.at) + timedelta(days=int(one.declaration["retention_days"])) for one in members]
    return Declaration(
        title=title,
        purposes=tuple(shared),
        legal_basis=_together(one.declaration["legal_basis"] for one in members),
        minimisation=_together(one.declaration["minimisation"] for one in members),
        retention_days=(min(ends) - kernel.now()).days,
        source=_together(one.declaration["source"] for one in members),
    )


def _facts(members: Sequence[Admission]) -> dict[str, Scalar]:
    """What is said of all: sums, the widest days, every category."""
    of = [one.facts for one in members]
    categories = dict.fromkeys(word for facts in of for word in str(facts.get("categories", "")).split(",") if word)
    return {
        **{key: of[0][key] for key in SAME if key in of[0]},
        "from_day": min(str(facts.get("from_day", "")) for facts in of),
        "to_day": max(str(facts.get("to_day", "")) for facts in of),
        "n": sum(one.rows for one in members),
        "source": _together(facts.get("source", "") for facts in of),
        "attribution": _together(facts.get("attribution", "") for facts in of),
        "months_only": all(bool(facts.get("months_only")) for facts in of),
        "categories": ",".join(categories),
    }


def _together(texts: Iterable[object]) -> str:
    """Each text once."""
    return "; ".join(dict.fromkeys(str(text) for text in texts if text))
