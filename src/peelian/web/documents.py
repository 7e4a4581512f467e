"""Documents that leave, drawn from their panels: one HTML file, or a tagged PDF, by the ending of its name."""

from __future__ import annotations

from peelian.acts.act import Document
from peelian.errors import InputError
from peelian.operations.office import Office
from peelian.web.pdf import pdf
from peelian.web.report import report


def drawn(document: Document, office: Office) -> bytes:
    """The file. InputError: it is neither, or the extra `pdf` is not installed."""
    say, kind = office.say(document.language), document.name.rpartition(".")[2]
    facts = [*document.facts]
    if kind == "pdf":
        made = document.made or office.kernel.now()
        return pdf(document.title, document.panels, language=document.language, facts=facts, say=say, made=made)
    if kind != "html":
        raise InputError("unknown letter format", accepted="html, pdf")
    return report(document.title, document.panels, language=document.language, facts=facts, say=say).encode()
