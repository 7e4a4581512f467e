"""What programs send to the JSON API, and what it answers where something was not done."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.kernel.model.suspension import Why
from peelian.web.oversight.authorization_form import MOST_DAYS, MOST_FACTS

Text = Annotated[str, Field(max_length=20_000)]
Name = Annotated[str, Field(max_length=200)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Scalar = bool | int | Number | Name


class _Sent(BaseModel, extra="forbid", frozen=True):
    """What a program sends: nothing but what is named."""


class Ask(_Sent, frozen=True):
    """A use that is requested; `params` and `datasets` as GET /api/capabilities names them. What each of the
    `params` may be stands in the schema that is named as the capability is."""

    capability: Name
    purpose: Purpose
    params: dict[Name, Scalar | list[Scalar]] = {}
    datasets: dict[Name, Name] = {}


class Change(_Sent, frozen=True):
    """A selected place that a decision drops, or swaps for another."""

    place: Name
    instead: Name = ""
    reason: Text


class Decide(_Sent, frozen=True):
    """A decision: a choice that the capability allows, the reasons, what else was considered ("KIND: reference", one a
    line, or "none"), what is changed, the reason that the public reads, and words on exposure where a group is exposed
    more than others."""

    choice: Name
    reasons: Text
    other_evidence: Text
    changes: Annotated[list[Change], Field(max_length=1_000)] = []
    public_reason: Annotated[str, Field(max_length=8_000)] = ""
    exposure: Annotated[str, Field(max_length=8_000)] = ""


class Publish(_Sent, frozen=True):
    """What is said to the public of a decided case."""

    statement: Text


class Correct(_Sent, frozen=True):
    """The published case that stands in the place of one with an error, and what was wrong: it is public."""

    newer: Name
    reason: Text


class Issue(_Sent, frozen=True):
    """An authorization: for what, for which purposes and how long, and what it states."""

    kind: AuthorizationKind
    serves: Name
    purposes: Annotated[list[Purpose], Field(min_length=1)]
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)]
    states: Annotated[dict[Name, Scalar], Field(max_length=MOST_FACTS)] = {}


class Suspend(_Sent, frozen=True):
    """Why a technology is suspended: one of the reasons, and a text for the public."""

    reason: Why
    text: Text = ""


class Lift(_Sent, frozen=True):
    """Why a suspension is to be lifted: a second person reads it."""

    reason: Text


class Do(_Sent, frozen=True):
    """What a task takes, as GET /api/tasks names it."""

    params: dict[Name, Number | bool | Text | list[Scalar]] = {}


class NewUpload(_Sent, frozen=True):
    """A file that will be sent: its name, and its size in bytes."""

    name: Name
    size: Annotated[int, Field(ge=1)]


class Admit(_Sent, frozen=True):
    """What is declared about a file that has arrived, and how it is read; `partitions`: encrypted by month and region
    (without it: from 1 GiB on). A recording needs `people_list` (CSV), or `people`: "not_known"."""

    title: Text
    purposes: list[Purpose]
    legal_basis: Text
    minimisation: Text
    source: Text
    retention_days: Annotated[int, Field(ge=1, le=36_500)]
    format: Name = "auto"
    options: dict[Name, Name] = {}
    partitions: bool | None = None
    people: Literal["", "listed", "not_known"] = ""
    people_list: Annotated[str, Field(max_length=200_000)] = ""


class Search(_Sent, frozen=True):
    """A search that is saved: the list as GET /api/searches names it, the query of its address, and a name."""

    list: Name
    query: Annotated[str, Field(max_length=1_000)]
    name: Name


class Ids(_Sent, frozen=True):
    """What is meant of one's own, by its id."""

    ids: Annotated[list[Name], Field(min_length=1, max_length=200)]


class StepUp(_Sent, frozen=True):
    """A code from the terminal."""

    code: Annotated[str, Field(max_length=40)]


class Fault(BaseModel):
    """Why something was not done; of a refusal each reason, with what would put it right."""

    status: int
    title: str
    says: str
    detail: str
    reasons: list[dict[str, str]]
