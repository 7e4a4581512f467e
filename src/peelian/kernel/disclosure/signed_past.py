"""Signed past: a file that bears a sign of what it may not be is admitted once two people of two units say why.

A format's notes of kind "sign" say what was found (`technologies/mapping/traces.py`). A sign is no limit: it makes a
second person look. One person proposes with a reason, one of another unit approves after a step-up, and exactly that
content is admitted, once. The board sees reason, approval and admission; the dataset's page keeps the signs.
"""

from __future__ import annotations

from dataclasses import replace

from peelian.errors import OutOfOrder, sentence
from peelian.kernel.identity import dual_control
from peelian.kernel.model.capability import Note
from peelian.kernel.model.formats import SIGN, SIGNED_PAST, Admitted
from peelian.kernel.model.people import Operator
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel

ACT = "signs"
FEWEST, MOST = 32, 128  # characters of a digest
PAST = "Two people of different units signed past this. Proposal: %(proposal)s"


@act
def propose_past_signs(kernel: Kernel, by: Operator, content: str, *, words: str) -> str:
    """Propose to admit the file with this content in spite of its signs; the proposal's digest."""
    if not FEWEST <= len(content) <= MOST or not content.isalnum():
        raise OutOfOrder("State the digest of the content, which the refused admission named.")
    return dual_control.propose(kernel, by, ACT, words=words, body={"content": content})


def must_be_signed_past(kernel: Kernel, by: Operator, admitted: Admitted) -> Admitted:
    """What was read, with the note of who signed past its signs where it bears some; OutOfOrder where nobody did.

    A file cannot say of itself that it was.
    """
    facts = {name: value for name, value in admitted.facts.items() if name != SIGNED_PAST}
    admitted = replace(admitted, facts=facts)
    if not any(note.kind == SIGN for note in admitted.notes):
        return admitted
    content = admitted.table.digest()
    for proposal, made, approved in dual_control.open_proposals(kernel):
        if approved and made.what == ACT and made.body.get("content") == content:
            dual_control.carry_out(kernel, by, ACT, proposal, body={"content": content})
            note = Note(text=PAST, values={"proposal": proposal}, kind="caveat")
            return replace(admitted, facts={**facts, SIGNED_PAST: proposal}, notes=(*admitted.notes, note))
    says = "Signs of a trace: nobody signed past them. peelian proposals propose signs --content %(content)s"
    raise OutOfOrder(sentence(says, content=content))
