"""admit: a converted table is checked, sealed and logged, or nothing of it remains."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Mapping
from typing import Any

from peelian.errors import Refused
from peelian.kernel.disclosure.intake_and_release_checks import check_at_intake, declaration_faults
from peelian.kernel.disclosure.label_checks import WINDOWS, must_be_known, must_be_measured, on_counted_ground
from peelian.kernel.disclosure.signed_past import must_be_signed_past
from peelian.kernel.model.capability import Note, Scalar
from peelian.kernel.model.documents import Admission, Declaration
from peelian.kernel.model.formats import Admitted
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs.custody import ADMITTERS, Kept, all_or_nothing, format_of, kept_as

AFTER_TODAY = "The newest row is dated %(day)s, after the import date. Check the dates."


def admit(
    kernel: Kernel, by: Operator, declaration: Declaration, admitted: Admitted, *, format: str, warrant: str = ""
) -> Admission:
    """Check a converted table, seal it under a fresh key and log it, all or nothing. O(cells).

    1. The person may admit data.
    2. The declaration is complete, the format known, every value is what its column's kind says, and every label is of
       a public classification or in the register. Where it bears signs of a trace, two people signed past them. Of
       outlines what two people adopted to be counted is kept.
    3. The log says that sealing begins; the table is sealed. After a crash nothing of it remains.
    4. The admission is signed and logged. From then on the dataset is there.

    `warrant`: digest of the warrant under which it was collected. The same entry says so, for a later refusal of the
    warrant to find it. Refused (1, 2), OutOfOrder (an unknown format, signs), InputError (a value).
    """
    # 1. The person may admit data.
    must_hold_role(kernel, by, ADMITTERS, "the_admitter_may_admit")

    # 2. The declaration is complete, the format known, every value what its kind says, every label known.
    if reasons := tuple(declaration_faults(declaration)):
        raise Refused(reasons)
    check_at_intake(admitted)
    known = format_of(kernel, format)
    must_be_known(kernel, admitted, known.words)
    admitted = on_counted_ground(kernel, must_be_signed_past(kernel, by, admitted))
    if admitted.table.name == WINDOWS and not warrant:
        must_be_measured(kernel, admitted.table)

    # 3. Sealing is logged first; then the table is sealed.
    content = admitted.table.digest()
    name = f"{known.shape}-{content[:8]}-{secrets.token_hex(6)}"
    with all_or_nothing(kernel, by, name, format=format, warrant=warrant):
        with kernel.stores.vault.seal(name) as file:
            admitted.table.to_parquet(file)

        # 4. The admission is signed and logged.
        kept = Kept(
            dataset=name,
            format=format,
            object=file.sealed.object,
            digest=content,
            rows=len(admitted.table),
            declaration=declaration,
            facts=dict(admitted.facts),
            dropped=tuple(dataclasses.asdict(d) for d in admitted.dropped),
            notes=told_notes(kernel, admitted),
            warrant=warrant,
        )
        kept_as(kernel, by, kept)
    return kernel.state.datasets[name]


def told_notes(kernel: Kernel, admitted: Admitted) -> tuple[dict[str, Any], ...]:
    """What the door in had to say, as an admission holds it; and whether rows are dated after today."""
    ahead = _dated_ahead(admitted.facts, kernel.now().date().isoformat())
    return tuple(
        {"text": note.text, "values": dict(note.values), "kind": note.kind} for note in (*admitted.notes, *ahead)
    )


def _dated_ahead(facts: Mapping[str, Scalar], today: str) -> tuple[Note, ...]:
    """A caveat where the newest row is dated after the day on which it is admitted (ISO days)."""
    newest = str(facts.get("to_day", ""))
    return (Note(text=AFTER_TODAY, values={"day": newest}, kind="caveat"),) if newest > today else ()
