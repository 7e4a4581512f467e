"""A document: parts with what the audit says, its figures, and what it leaves open. As JSON and as HTML."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peelian.catalogues import say_in
from peelian.demos.trial import OUTSIDE, Attempt
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Heading, Panel, Paragraph, Say
from peelian.web.report import report

SCHEMA = "peelian-audit-document/1"
WORDS = ("peelian.pictures", "peelian.web")
NOT_SHOWN = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part: the rule's own number or question id, a title, sentences, rows of figures, and what stays open.

    `columns` says how the rows are shown: key → title and text of a value.
    """

    id: str
    title: str
    says: tuple[str, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = ()
    columns: tuple[tuple[str, str, Callable[[Any], str]], ...] = ()
    caption: str = ""
    open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document made from an audit, outside any office."""

    id: str
    title: str
    source: str  # the rule or article whose form it follows
    parts: tuple[Part, ...]
    made: Attempt
    say: Say

    @property
    def record(self) -> dict[str, Any]:
        """The document as plain JSON values; a number that is hidden or unknown is null."""
        evidence = self.made.ran[0].evidence
        return {
            "schema": SCHEMA,
            "document": self.id,
            "title": self.title,
            "source": self.source,
            "made": self.say(OUTSIDE),
            "capability": self.made.capability.id,
            "version": evidence.version,
            "data": dict(evidence.data),
            "parts": [
                {
                    "id": part.id,
                    "title": part.title,
                    "says": list(part.says),
                    "rows": [{name: plain(value) for name, value in row.items()} for row in part.rows],
                    "open": list(part.open),
                }
                for part in self.parts
            ],
        }

    @property
    def html(self) -> str:
        """The document as one HTML file that loads nothing."""
        evidence, say = self.made.ran[0].evidence, self.say
        facts = [(say("Form"), self.source), (say("Run on"), moment(evidence.at, self.made.language))]
        facts += [(say("Digest of %(role)s", role=role), value) for role, value in evidence.data.items()]
        panels = [panel for part in self.parts for panel in _panels(part, say)]
        return report(self.title, panels, language=self.made.language, facts=facts, say=say, mark=say(OUTSIDE))

    def to_json(self) -> str:
        """The record as JSON text."""
        return json.dumps(self.record, ensure_ascii=False, indent=1, allow_nan=False)

    def write(self, folder: str | Path) -> tuple[Path, Path]:
        """Write HTML and JSON into a folder; their paths."""
        at = Path(folder)
        at.mkdir(parents=True, exist_ok=True)
        page, record = at / f"{self.id}.html", at / f"{self.id}.json"
        page.write_text(self.html, encoding="utf-8")
        record.write_text(self.to_json(), encoding="utf-8")
        return page, record


def say_for(made: Attempt) -> Say:
    """Sentences of documents in the language of an attempt."""
    return say_in(made.language, (*WORDS, f"peelian.technologies.{made.technology}", "peelian.audit"))


def sentences(made: Attempt, kind: str) -> tuple[str, ...]:
    """The notes of one kind, said: words of the capability in the reader's language, labels as they are."""
    say, words = made.say, made.capability.arithmetic().vocabulary
    notes = [note for note in made.ran[0].findings.notes if note.kind == kind]
    return tuple(say(n.text, **{k: say(str(v)) if v in words else v for k, v in n.values.items()}) for n in notes)


def percent(value: Any) -> str:
    """A share of 1 as per cent; a dash where it is hidden."""
    return NOT_SHOWN if plain(value) is None else f"{100 * value:.1f}%"


def number(value: Any) -> str:
    """A figure of up to three decimals; a dash where it is hidden."""
    return NOT_SHOWN if plain(value) is None else f"{value:,.3f}"


def count(value: Any) -> str:
    """A whole number; a dash where it is hidden."""
    return NOT_SHOWN if value is None else f"{value:,}"


def plain(value: Any) -> Any:
    """JSON knows no number that is none."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _panels(part: Part, say: Say) -> Iterator[Panel]:
    yield Heading(text=f"{part.id}. {part.title}" if len(part.id) == 1 else part.title)
    yield from (Paragraph(text=text) for text in part.says)
    if part.rows:
        yield _grid(part.caption or part.title, part.rows, part.columns)
    yield from (Paragraph(text=say("Open: %(what)s", what=text), tone="limit") for text in part.open)


def _grid(
    caption: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[tuple[str, str, Callable[[Any], str]]]
) -> Grid:
    return Grid(
        caption=caption,
        titles=tuple(title for _, title, _ in columns),
        rows=tuple(tuple(shown(row[key]) for key, _, shown in columns) for row in rows),
        numeric=frozenset(i for i, (_, _, shown) in enumerate(columns) if shown in (percent, number, count)),
    )
