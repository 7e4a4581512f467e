"""Derivatives: what a run makes, sealed as it is written, kept with its evidence or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from peelian.errors import OutOfOrder
from peelian.kernel.access.decryption_checks import the_run_goes_on
from peelian.kernel.model.capability import Findings
from peelian.kernel.model.custody_declarations import Make
from peelian.kernel.model.ports import Sealed
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs.custody import Made, described, must_be_free, turned_away


class Derivatives:
    """The bench of one run: `make` is what `Context.make` is, `described` tells what was made, `close` forgets the
    rest.

    In the log: KEEPING with the case before a byte is sealed, then DERIVED, or TURNED_AWAY.
    """

    def __init__(self, kernel: Kernel, of: tuple[str, str], *, makes: tuple[Make, ...]) -> None:
        self.of = of  # the case, and the permit's digest
        self.sealed: dict[str, Sealed] = {}
        self._kernel = kernel
        self._makes = {make.role: make for make in makes}
        self._names: dict[str, str] = {}  # role → dataset

    @contextmanager
    def make(self, role: str) -> Iterator[BinaryIO]:
        """A file to write the derivative of this role into, once; OutOfOrder for a role that was not declared."""
        if role not in self._makes:
            raise OutOfOrder(f"This capability makes only: {', '.join(sorted(self._makes)) or 'nothing'}")
        if role in self._names:
            raise OutOfOrder("this derivative was already made in this run")
        name = f"{self._makes[role].shape}-{secrets.token_hex(6)}"
        self._names[role] = name
        making(self._kernel, *self.of, name)
        with self._kernel.stores.vault.seal(name) as file:
            yield cast(BinaryIO, file)
        self.sealed[role] = file.sealed

    def described(self, params: Any, found: Findings) -> dict[str, Made]:
        """All that was made, with its archived description, by role."""
        made = {}
        for role, sealed in self.sealed.items():
            taken = self._makes[role].describe(params, found)
            told = described(self._kernel, taken)
            made[role] = Made(sealed=sealed, rows=len(taken.table), facts=dict(taken.facts), description=told)
        return made

    def close(self) -> None:
        """Destroy what was begun and not derived. Doing it again does nothing."""
        for name in self._names.values():
            if name in self._kernel.state.unfinished:
                turned_away(self._kernel, name, error="NotMade")


@act
def making(kernel: Kernel, case: str, before: str, name: str) -> None:
    """Log that a run that goes on begins to make something under a name of its own."""
    with kernel.lock:
        the_run_goes_on(kernel, case, before)
        must_be_free(kernel, name)
        if not kernel.capability(kernel.state.histories[case].capability).makes:
            raise OutOfOrder("Runs of this capability make no objects.")
        kernel.append("KEEPING", dataset=name, case=case, before=before)
