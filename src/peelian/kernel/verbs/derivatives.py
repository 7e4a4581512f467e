"""Derivatives: what a run makes, sealed as it is written, kept with its evidence or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from peelian.errors import OutOfOrder, Reason, Refused
from peelian.kernel.model.authorization_index import warrant_roots
from peelian.kernel.model.capability import Findings
from peelian.kernel.model.custody_declarations import Make
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.ports import Sealed
from peelian.kernel.policy.authorize import refusal, why_stopped
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs.custody import described, logged, turned_away


class Derivatives:
    """The bench of one run: `make` is what `Context.make` is, `derived` keeps what was made, `close` forgets the rest.

    In the log: KEEPING with the case before a byte is sealed, then DERIVED, or TURNED_AWAY.
    """

    def __init__(
        self, kernel: Kernel, case: str, before: str, *, makes: tuple[Make, ...], parents: Mapping[str, Admission]
    ) -> None:
        self._kernel, self._case, self._before = kernel, case, before
        self._makes = {make.role: make for make in makes}
        self._parents = parents
        self._names: dict[str, str] = {}  # role → dataset
        self._sealed: dict[str, Sealed] = {}

    @contextmanager
    def make(self, role: str) -> Iterator[BinaryIO]:
        """A file to write the derivative of this role into, once; OutOfOrder for a role that was not declared."""
        if role not in self._makes:
            raise OutOfOrder(f"This capability makes only: {', '.join(sorted(self._makes)) or 'nothing'}")
        if role in self._names:
            raise OutOfOrder("this derivative was already made in this run")
        name = f"{self._makes[role].shape}-{secrets.token_hex(6)}"
        self._names[role] = name
        self._kernel.append("KEEPING", dataset=name, case=self._case, before=self._before)
        with self._kernel.stores.vault.seal(name) as file:
            yield cast(BinaryIO, file)
        self._sealed[role] = file.sealed

    def must_be_complete(self) -> None:
        """OutOfOrder where the run did not make what its capability declares."""
        missing = sorted(r for r, make in self._makes.items() if not make.optional and r not in self._sealed)
        if missing:
            raise OutOfOrder(f"The run ended without making: {', '.join(missing)}")

    def must_still_be_permitted(self, technology: str, warrant: str) -> None:
        """Refused where the kill switch was thrown, or the warrant taken away, while the run went on: nothing remains.

        `warrant` is the root of the one it relies on, "" for none. Its mere end stops no run that began before it.
        """
        if reasons := tuple(_why_not_keep(self._kernel, technology, warrant)):
            self.close()
            rules = ",".join(reason.rule for reason in reasons)
            digest = self._kernel.policy.digest()
            self._kernel.append(
                "REFUSED", case=self._case, before=self._before, rules=rules, policies=rules, policy=digest
            )
            raise Refused(reasons)

    def derived(self, params: Any, found: Findings) -> dict[str, str]:
        """Admit all that was made, as derivatives of what they were made from; role → dataset."""
        for role, sealed in self._sealed.items():
            make = self._makes[role]
            parent = self._parents[make.of]
            taken = make.describe(params, found)
            document = Admission(
                dataset=sealed.dataset,
                shape=make.shape,
                format=self._case_capability(),
                object=sealed.object,
                digest=sealed.digest,
                rows=len(taken.table),
                declaration=dict(parent.declaration),
                facts=dict(taken.facts),
                dropped=(),
                description=described(self._kernel, taken),
                size=sealed.size,
                parent=parent.dataset,
                case=self._case,
                by="office",
                at=self._kernel.now().isoformat(),
            )
            document = self._kernel.signed(document)
            logged(self._kernel, document, kind="DERIVED", case=self._case, before=self._before, parent=parent.dataset)
        return {role: self._names[role] for role in self._sealed}

    def close(self) -> None:
        """Destroy what was begun and not derived. Doing it again does nothing."""
        for name in self._names.values():
            if name in self._kernel.state.unfinished:
                turned_away(self._kernel, name, error="NotMade")

    def _case_capability(self) -> str:
        history = self._kernel.state.histories.get(self._case)
        return history.capability if history else ""


def _why_not_keep(kernel: Kernel, technology: str, warrant: str) -> Iterator[Reason]:
    yield from why_stopped(kernel, technology, running=True)
    if warrant and warrant not in warrant_roots(kernel.state.authorizations):
        says = "the warrant was revoked during the run"
        yield refusal("the_authorizations_are_in_order", says, "Have one issued, then make a new request.")
