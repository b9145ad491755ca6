"""Fetching a page from the web, within limits, and never from a private network.

Every hop's name is resolved once, all its addresses are checked, and the connection goes to a checked one, so
that a name that changes its mind between check and use gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

from filmgraph.errors import DocumentError
from filmgraph.settings import Settings

__all__ = ["Page", "fetch"]

MAX_REDIRECTS = 5
AGENT = "filmgraph (reads film reviews)"
SUFFIX_OF = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "application/rss+xml": ".xml",
    "application/atom+xml": ".xml",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "application/json": ".jsonl",
}


@dataclass(frozen=True, slots=True)
class Page:
    """What came back: where from in the end, the bytes, and what they are said to be."""

    url: str
    body: bytes
    suffix: str
    charset: str | None


def fetch(url: str, settings: Settings, *, allow_loopback: bool = False) -> Page:
    """Get `url` within the settings' time (in all, redirects included) and size.

    Raises DocumentError for whatever goes wrong, a refused address among it.
    """
    deadline = time.monotonic() + settings.fetch_timeout
    current = url
    for _ in range(MAX_REDIRECTS + 1):
        address = _checked_address(current, url, allow_loopback)
        try:
            answer = _get(current, address, deadline, settings)
        except httpx.TimeoutException:
            raise DocumentError(url, f"took longer than {settings.fetch_timeout:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DocumentError(url, f"cannot be fetched: {error}") from error
        if isinstance(answer, str):
            current = urljoin(current, answer)
            continue
        return answer
    raise DocumentError(url, f"redirects more than {MAX_REDIRECTS} times")


def _checked_address(url: str, asked: str, allow_loopback: bool) -> str:
    """An address of the URL's host; DocumentError if any of them is not public."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise DocumentError(asked, f"leads to {url}, which is no http or https address")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError, UnicodeError) as error:
        raise DocumentError(asked, f"its host {parts.hostname} cannot be found: {error}") from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    for address in addresses:
        ip = ipaddress.ip_address(address)
        ip = getattr(ip, "ipv4_mapped", None) or ip
        if not (ip.is_global and not ip.is_multicast) and not (allow_loopback and ip.is_loopback):
            raise DocumentError(asked, f"leads to {parts.hostname} at {address}, a private address: refused")
    return addresses[0]


def _get(url: str, address: str, deadline: float, settings: Settings) -> Page | str:
    """The page at `url`, asked of `address`; a redirect's target instead if it is one."""
    parts = httpx.URL(url)
    host = parts.host if parts.port is None else f"{parts.host}:{parts.port}"
    request = httpx.Request(
        "GET",
        parts.copy_with(host=address),
        headers={"Host": host, "User-Agent": AGENT, "Accept-Encoding": "gzip, identity"},
        extensions={
            "sni_hostname": parts.host,
            "timeout": dict.fromkeys(
                ("connect", "read", "write", "pool"), max(0.01, deadline - time.monotonic())
            ),
        },
    )
    with httpx.Client(trust_env=False) as client:
        answer = client.send(request, stream=True)
        try:
            if answer.is_redirect:
                return answer.headers["location"]
            if answer.status_code != 200:
                raise DocumentError(url, f"answers with status {answer.status_code}")
            body = bytearray()
            for chunk in answer.iter_bytes(65_536):
                body += chunk
                if len(body) > settings.fetch_max_bytes:
                    raise DocumentError(url, f"is larger than {settings.fetch_max_bytes:,} bytes")
                if time.monotonic() > deadline:
                    raise DocumentError(url, f"took longer than {settings.fetch_timeout:g} s")
        finally:
            answer.close()
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Page(url, bytes(body), SUFFIX_OF.get(kind, ""), answer.charset_encoding)
