"""Fetch GraphiQL from npm into the package: pinned by version and digest, never committed.

`make graphiql` runs it in a checkout, and the wheel's build does. It needs npm; without it the server has a small
query page of its own. Takes a registry from npm's own settings.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "src" / "filmgraph" / "web" / "static" / "graphiql"
PACKAGES = {
    "graphiql@3.8.3": (
        "cuPDYtXVKV86Pu5PHBX642Odi/uVEE2y1Jxq5rGO/Qy1G2lRp7ZZ7a/T30RzxhuLSWo9zUbzq0P3U49//H0Ugw==",
        {"graphiql.min.js": "graphiql.js", "graphiql.min.css": "graphiql.css", "LICENSE": "LICENSE.graphiql"},
    ),
    "react@18.3.1": (
        "wS+hAgJShR0KhEvPJArfuPVN1+Hz1t0Y6n5jLrGQbkb4urgPE/0Rve+1kMB1v/oWgHgm4WIcV+i7F2pTVj+2iQ==",
        {"umd/react.production.min.js": "react.js", "LICENSE": "LICENSE.react"},
    ),
    "react-dom@18.3.1": (
        "5m4nQKp+rZRb09LNH59GM4BxTh9251/ylbKIbpe7TpGxfJ+9kv6BLkLBXIjjspbgbnIBNqlI23tRnTWT0snUIw==",
        {"umd/react-dom.production.min.js": "react-dom.js", "LICENSE": "LICENSE.react-dom"},
    ),
}
"""Package → its tarball's SHA-512, and which of its files are kept, under which name."""


class FetchError(Exception):
    """GraphiQL cannot be had; the message says why."""


def fetch(folder: Path = FOLDER) -> None:
    """Put GraphiQL's files into `folder`, all or none; FetchError when npm or the network is missing."""
    npm = shutil.which("npm")
    if npm is None:
        raise FetchError("npm is not installed")
    with tempfile.TemporaryDirectory() as place:
        made = Path(place) / "graphiql"
        made.mkdir()
        for package, (digest, files) in PACKAGES.items():
            _unpack(_packed(npm, package, Path(place)), package, digest, files, made)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(made, folder)


def _packed(npm: str, package: str, place: Path) -> Path:
    before = set(place.iterdir())
    done = subprocess.run(
        [npm, "pack", package, "--silent"],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    new = set(place.iterdir()) - before
    if done.returncode or len(new) != 1:
        raise FetchError(f"npm could not fetch {package}: {done.stderr.strip()[-300:]}")
    return new.pop()


def _unpack(tarball: Path, package: str, digest: str, files: dict[str, str], folder: Path) -> None:
    found = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    if found != digest:
        raise FetchError(f"{package} is not the one that is pinned: its digest is {found}")
    with tarfile.open(tarball) as archive:
        for name, kept in files.items():
            member = archive.extractfile(f"package/{name}")
            if member is None:
                raise FetchError(f"{package} holds no {name}")
            (folder / kept).write_bytes(member.read())


if __name__ == "__main__":
    try:
        fetch()
        print(f"GraphiQL is in {FOLDER}")
    except (FetchError, OSError, subprocess.TimeoutExpired) as error:
        print(f"No GraphiQL: {error}. The server has its own query page.", file=sys.stderr)
        sys.exit(1)
