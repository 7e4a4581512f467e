"""How often somebody may try a wrong code: a few times from one address, and not without end from all together."""

from __future__ import annotations

import ipaddress
import secrets
from datetime import timedelta

from peelian.errors import Refused
from peelian.kernel.identity.sessions import locked
from peelian.kernel.model.pseudonyms import ADDRESS
from peelian.kernel.policy.authorize import refusal
from peelian.kernel.state.kernel import Kernel

EACH, ALL, WITHIN, TICKET = 5, 60, timedelta(minutes=5), "wrong code"


class Attempts:
    """Wrong codes of the last minutes, by address, for all processes that serve the pages."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel

    def must_not_be_too_many(self, address: str) -> None:
        """Refused while too many wrong codes came from this address, or from all."""
        own, all_ = self._counted(address)
        if own >= EACH or all_ >= ALL:
            says = "too many wrong codes"
            raise Refused([refusal("a_code_is_not_guessed", says, "Wait five minutes, then get a new code.")])

    def wrong(self, address: str) -> None:
        """One more; the log says when an address, or all together, has reached what is too many."""
        with self.kernel.lock:
            key, now = secrets.token_hex(8), self.kernel.now()
            self.kernel.stores.tickets.put(TICKET, key, self._token(address), now, most=ALL)
            own, all_ = self._counted(address)
            if own == EACH or all_ == ALL:
                locked(self.kernel, self._token(address))

    def _counted(self, address: str) -> tuple[int, int]:
        tickets, token = self.kernel.stores.tickets, self._token(address)
        tickets.forget(TICKET, self.kernel.now() - WITHIN)
        found = [where for _, where in tickets.all(TICKET)]
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
