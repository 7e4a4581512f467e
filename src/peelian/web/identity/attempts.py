"""How often somebody may try a wrong code: a few times from one address, and not without end from all together."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from peelian.errors import Refused
from peelian.kernel.identity.sessions import locked
from peelian.kernel.model.pseudonyms import ADDRESS
from peelian.kernel.policy.authorize import refusal
from peelian.kernel.state.kernel import Kernel

EACH, ALL, WITHIN = 5, 60, timedelta(minutes=5)
WRONG, TRIED = "wrong code", "code on trial"


class Attempts:
    """Wrong codes of the last minutes, by address, for all processes that serve the pages."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel

    @contextmanager
    def one(self, address: str) -> Iterator[Callable[[], None]]:
        """One try, to be called wrong where it is. Refused while too many came from this address, or from all.

        It is counted before the code is looked at, in one act with the check: tries at the same time count, too.
        """
        self._must_not_be_too_many(address)
        tickets, key = self.kernel.stores.tickets, secrets.token_hex(8)
        with self.kernel.lock:
            self._must_not_be_too_many(address)
            tickets.put(TRIED, key, self._token(address), self.kernel.now())
        try:
            yield partial(self._wrong, address, key)
        finally:
            tickets.take(TRIED, key)

    def _wrong(self, address: str, key: str) -> None:
        """The log says when an address, or all together, has reached what is too many."""
        with self.kernel.lock:
            tickets, now = self.kernel.stores.tickets, self.kernel.now()
            tickets.take(TRIED, key)
            tickets.put(WRONG, key, self._token(address), now, most=ALL)
            own, all_ = self._counted(address, WRONG)
            if own == EACH or all_ == ALL:
                locked(self.kernel, self._token(address))

    def _must_not_be_too_many(self, address: str) -> None:
        own, all_ = self._counted(address, WRONG, TRIED)
        if own >= EACH or all_ >= ALL:
            says = "too many wrong codes"
            raise Refused([refusal("a_code_is_not_guessed", says, "Wait five minutes, then get a new code.")])

    def _counted(self, address: str, *kinds: str) -> tuple[int, int]:
        """How many of these kinds there are of this address, and of all."""
        tickets, token, found = self.kernel.stores.tickets, self._token(address), list[str]()
        for kind in kinds:
            tickets.forget(kind, self.kernel.now() - WITHIN)
            found += [where for _, where in tickets.all(kind)]
        return found.count(token), len(found)

    def _token(self, address: str) -> str:
        return self.kernel.office.token(network_of(address), of=ADDRESS)


def network_of(address: str) -> str:
    """The network that one visitor holds: an IPv4 address, or the 64 bits of IPv6 that every household is given.

    >>> network_of("192.0.2.7"), network_of("2001:db8::7"), network_of("::ffff:192.0.2.7")
    ('192.0.2.7', '2001:db8::/64', '192.0.2.7')
    """
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:100]
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, 64), strict=False))
