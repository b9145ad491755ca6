"""How often one client may ask: a token bucket each (as in RFC 2697, with one rate and one burst)."""

from __future__ import annotations

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address
from math import ceil
from time import monotonic

__all__ = ["RateLimit"]

CLIENTS = 100_000


class RateLimit:
    """`rate` requests a second for each client, `burst` of them at once; a rate of 0 limits nobody."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate = rate
        self.burst = float(max(burst, 1))
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str, now: float | None = None) -> int:
        """0 when the client may ask now, or after how many whole seconds it may.

        >>> limit = RateLimit(1, 2)
        >>> [limit.wait("192.0.2.1", now) for now in (0, 0, 0, 1.5)]
        [0, 0, 1, 0]
        """
        if not self.rate:
            return 0
        now = monotonic() if now is None else now
        left, since = self._buckets.get(client, (self.burst, now))
        left = min(self.burst, left + (now - since) * self.rate)
        allowed = left >= 1
        self._buckets[client] = (left - 1 if allowed else left), now
        self._buckets.move_to_end(client)
        if len(self._buckets) > CLIENTS:
            self._buckets.popitem(last=False)
        return 0 if allowed else ceil((1 - left) / self.rate)


def client_of(address: str) -> str:
    """Who stands behind an address: an IPv6 network of 64 bits is one household.

    >>> client_of("2001:db8:1:2:3:4:5:6"), client_of("192.0.2.7")
    ('2001:db8:1:2::', '192.0.2.7')
    """
    if ":" not in address:
        return address
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(IPv6Address(int(found) >> 64 << 64))
