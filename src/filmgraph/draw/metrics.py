"""How wide text is, without a browser: the advance widths of Helvetica, which Arial and Liberation Sans share."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["fit", "legible", "lines", "width"]

_ASCII = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 "
    "556 556 556 556 556 556 556 556 556 556 278 278 584 584 584 556 "
    "1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 "
    "667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 "
    "333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 "
    "556 556 333 500 278 556 500 722 500 500 500 334 260 334 584"
)
_WIDTHS = {chr(32 + n): int(units) / 1000 for n, units in enumerate(_ASCII.split())}
_WIDTHS |= {
    "…": 1.0,
    "–": 0.556,
    "—": 1.0,
    "’": 0.222,
    "‘": 0.222,
    "“": 0.333,
    "”": 0.333,
    "·": 0.278,
    "→": 1.0,
}
MARGIN = 1.07
"""Room for fonts that are wider than Helvetica, and for bold."""
_UNSEEN = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ufffe\uffff]+"
)
_JOINED = "\u200d"


def legible(text: str) -> str:
    """The text on one line, without what is unseen or would turn its neighbours' direction.

    >>> legible("The\\n\\u202eSecond  Film")
    'The Second Film'
    """
    spaced = _UNSEEN.sub(" ", text.encode("utf-8", "replace").decode("utf-8"))
    return " ".join(spaced.split()) or "untitled"


def width(text: str, size: float) -> float:
    """About how wide `text` is at `size` pixels; rather too much than too little."""
    return sum(map(_advance, text)) * size * MARGIN


@lru_cache(maxsize=4096)
def _advance(char: str) -> float:
    if char in _WIDTHS:
        return _WIDTHS[char]
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0.0
    base = unicodedata.normalize("NFD", char)[0]
    if base in _WIDTHS:
        return _WIDTHS[base]
    if unicodedata.east_asian_width(char) in "WF" or ord(char) >= 0x1F000:
        return 1.0 if ord(char) < 0x1F000 else 1.3
    return 0.75


def fit(text: str, room: float, size: float) -> str:
    """`text`, cut with an ellipsis where it is wider than `room` pixels.

    >>> fit("Dr. Strangelove or: How I Learned to Stop Worrying", 130, 13)
    'Dr. Strangelove or…'
    """
    if width(text, size) <= room:
        return text
    kept, used = "", width("…", size)
    for char in text:
        used += width(char, size)
        if used > room:
            break
        kept += char
    while kept and (kept[-1] in f" ,.:;-{_JOINED}" or unicodedata.combining(kept[-1])):
        kept = kept[:-1]
    return f"{kept}…"


def lines(text: str, room: float, size: float, most: int) -> list[str]:
    """`text` broken between words into `most` lines of `room` pixels at the most; the last is cut to fit."""
    made: list[str] = []
    left = text.split(" ")
    while left and len(made) < most - 1:
        taken = 1
        while taken < len(left) and width(" ".join(left[: taken + 1]), size) <= room:
            taken += 1
        made.append(fit(" ".join(left[:taken]), room, size))
        left = left[taken:]
    return [*made, fit(" ".join(left), room, size)] if left else made
