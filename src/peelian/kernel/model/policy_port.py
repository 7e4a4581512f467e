"""Policy port: a use or an action to be judged, and who may issue which authorization."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from peelian.errors import Reason
from peelian.kernel.model.capability import AuthorizationKind, Capability, Need, Role
from peelian.kernel.model.documents import Admission, Authorization
from peelian.kernel.model.people import Person
from peelian.kernel.model.watch import Watch

ISSUERS: Mapping[AuthorizationKind, frozenset[Role]] = {
    AuthorizationKind.COUNCIL_APPROVAL: frozenset({Role.COUNCIL}),
    AuthorizationKind.IMPACT_ASSESSMENT: frozenset({Role.PRIVACY_OFFICER}),
    AuthorizationKind.ACCEPTANCE_CRITERIA: frozenset({Role.BOARD}),
    AuthorizationKind.ACCURACY_REPORT: frozenset({Role.BOARD}),
    AuthorizationKind.CONSENT_MANIFEST: frozenset({Role.PRIVACY_OFFICER}),
    AuthorizationKind.WARRANT: frozenset({Role.PRIVACY_OFFICER}),  # recorded on behalf of the court that issued it
    AuthorizationKind.DISCOVERED_OFFENCES: frozenset({Role.BOARD}),
}
"""Who may issue which authorization. An accuracy report, besides, is only ever earned by a case that the board
adopted."""

SIGNERS: Mapping[AuthorizationKind, frozenset[Role]] = {
    **ISSUERS,
    AuthorizationKind.WARRANT: ISSUERS[AuthorizationKind.WARRANT] | {Role.BOARD},  # whoever confirms it signs it
}
"""Whose signature an authorization may bear. A warrant is recorded by one person and signed by a second."""

TITLES: Mapping[AuthorizationKind, str] = {
    AuthorizationKind.COUNCIL_APPROVAL: "council approval",
    AuthorizationKind.IMPACT_ASSESSMENT: "impact assessment",
    AuthorizationKind.ACCEPTANCE_CRITERIA: "acceptance criteria",
    AuthorizationKind.ACCURACY_REPORT: "accuracy report",
    AuthorizationKind.CONSENT_MANIFEST: "consent manifest",
    AuthorizationKind.WARRANT: "warrant",
    AuthorizationKind.DISCOVERED_OFFENCES: "decision admitting offences discovered by police",
}

HOW: Mapping[AuthorizationKind, str] = {
    AuthorizationKind.ACCURACY_REPORT: "Test on held-out data, then ask the board to adopt the report.",
    AuthorizationKind.IMPACT_ASSESSMENT: (
        "Assess it as it is used now, then ask the privacy officer to sign: `peelian assess`"
    ),
    AuthorizationKind.WARRANT: (
        "Ask a privacy officer to record the court's paper, and somebody of another unit to confirm it: "
        "`peelian warrant record`"
    ),
}
"""How an authorization comes to be that nobody simply issues."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Everything the policy may look at when it judges one use."""

    capability: Capability | Watch
    purpose: str
    params: Any
    datasets: Mapping[str, Admission | None]  # role → the admitted dataset, None where the id is unknown
    person: Person | None  # None: not enrolled, or no longer
    authorizations: tuple[Authorization, ...]  # every one issued and not revoked, in the order of their issue
    issuers: Mapping[str, Person]  # token → person
    suspended: frozenset[str]  # technologies that a board member has stopped
    now: datetime
    action: str = "ask"  # or "run", under a permit
    used: Mapping[str, int] = field(default_factory=dict)  # how often each warrant was used, by its first digest
    bylaws: str = ""  # the digest of the bylaws that two people adopted
    drill_is_recent: bool = False  # whether the office rehearsed a breach within twelve months
    owner_of: Callable[[str], str] = lambda format: ""  # the technology that a dataset's format belongs to

    @property
    def needs(self) -> tuple[Need, ...]:
        """The authorizations it needs: its capability's, and those of the data it names, which must state their digest.

        A body states it as `ROLE_sha256`. Of a dataset that is unknown no digest agrees.
        """
        own = [self._bound(need, read.role) for read in self.capability.reads for need in read.needs
               if read.role in self.datasets]  # fmt: skip
        return tuple(need for need in (*self.capability.needs, *own) if need.when is None or need.when(self.params))

    def _bound(self, need: Need, role: str) -> Need:
        admission = self.datasets[role]
        digest = admission.digest if admission else "unknown"
        return replace(need, covers=lambda params: {**need.covers(params), f"{role}_sha256": digest})


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An act of the office, as the policy looks at it: act, decide, approve, open_record, export, suspend or enter.

    approve, open_record and export want a fresh step-up, decide and approve a first person of another unit; who may
    enter which room of the pages is for the policy alone.
    """

    action: str
    rule: str  # the name under which it is refused: "the_issuer_may_issue"
    person: Person | None
    roles: frozenset[Role]  # any of them will do
    now: datetime
    first: str = ""  # the token of who asked or proposed
    first_unit: str = ""
    proved: datetime | None = None  # when the person last proved that they are at the desk
    room: str = ""  # for enter: the room of the office's pages, by its name in rooms.cedar
    stands_in: bool = False  # their training ended, and nobody else in one of their oversight roles is trained


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Of one use: every reason against it (none: it is permitted), and the authorization that satisfies each of its
    needs, without the needs that none satisfies."""

    reasons: tuple[Reason, ...]
    held: tuple[Authorization, ...]


class Policy(Protocol):
    """Judges uses and acts. No reasons means it is permitted."""

    def judge(self, use: Use) -> tuple[Reason, ...]: ...

    def judge_each(self, uses: Sequence[Use]) -> list[Judgement]:
        """The same of several uses, each judged by itself."""
        ...

    def authorizations(self, need: Need, use: Use) -> Iterator[Authorization]:
        """The authorizations that satisfy a need, newest first, each judged as it is taken."""
        ...

    def judge_action(self, act: Action) -> tuple[Reason, ...]: ...

    def are_permitted(self, acts: Sequence[Action]) -> list[bool]: ...

    def digest(self) -> str: ...
