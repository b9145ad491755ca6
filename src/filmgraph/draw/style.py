"""How pictures look: colours for light and dark, shapes that also tell what the colours tell.

Blue and vermilion (after Okabe and Ito 2008) stay apart for colour-blind people; the arrowhead says the same as the
colour, so that a picture printed in grey loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

__all__ = ["FONT", "TINTS", "Theme", "stylesheet"]

Theme: TypeAlias = Literal["auto", "light", "dark"]
FONT = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'Noto Sans', sans-serif"
TINTS = 6

LIGHT = {
    "paper": "#fcfbf8", "ink": "#1d1b18", "soft": "#68625a",
    "rule": "#e7e2d8", "card": "#1d1b18", "card-ink": "#fcfbf8",
    "neutral": "#7d776d", "positive": "#0a5a9c", "negative": "#cf5510", "mixed": "#7a4db0",
    "shade-0": "#0a5a9c", "shade-1": "#e08a3c", "shade-2": "#7a4db0",
    "shade-3": "#8fb8a0", "shade-4": "#5b564e", "shade-5": "#c9c2b4",
    "tint-0": "#eef3ea", "tint-1": "#f3ecf3", "tint-2": "#e9f1f5",
    "tint-3": "#f7eee3", "tint-4": "#eeeef7", "tint-5": "#f5ebe9",
}  # fmt: skip
DARK = {
    "paper": "#161513", "ink": "#ede8df", "soft": "#a69f93",
    "rule": "#2e2b27", "card": "#ede8df", "card-ink": "#161513",
    "neutral": "#969085", "positive": "#74bcf7", "negative": "#ff9a5c", "mixed": "#bb9ff2",
    "shade-0": "#74bcf7", "shade-1": "#c9712a", "shade-2": "#bb9ff2",
    "shade-3": "#4f7d64", "shade-4": "#c3bcaf", "shade-5": "#635d53",
    "tint-0": "#20261d", "tint-1": "#282028", "tint-2": "#1b252b",
    "tint-3": "#2b241a", "tint-4": "#22222e", "tint-5": "#2c201e",
}  # fmt: skip

_RULES = (
    ".fg-paper{fill:$paper}"
    ".fg-picture{font-family:FONT;font-size:13px;fill:$ink}"
    ".fg-title{font-size:17px;font-weight:600}"
    ".fg-soft,.fg-year,.fg-word,.fg-tick,.fg-legend text,.fg-caption,.fg-more{fill:$soft}"
    ".fg-year,.fg-tick,.fg-legend text{font-size:11px}.fg-word,.fg-caption{font-size:10px}"
    ".fg-caption{letter-spacing:.06em}.fg-more{font-size:12px}"
    ".fg-focus{fill:$card}.fg-focus-name{fill:$card-ink;font-size:16px;font-weight:600}"
    ".fg-focus-year{fill:$card-ink;font-size:12px;opacity:.78}"
    ".fg-halo{stroke:$paper;stroke-width:3px;stroke-linejoin:round;paint-order:stroke}"
    ".fg-rule{stroke:$rule;fill:none}.fg-stub{stroke:$neutral;stroke-dasharray:2 4;fill:none}"
    ".fg-trunk{stroke:$neutral;stroke-width:1.5px;fill:none}.fg-trace{fill:none;stroke:none}"
    ".fg-line{fill:none;stroke-linejoin:round}.fg-head{stroke-width:1.5px;stroke-linejoin:round}"
    ".fg-far{opacity:.5}"
    ".fg-dot{stroke-width:1.6px;stroke:$ink;fill:$ink}.fg-dot.fg-provisional{fill:$paper}"
    ".fg-derivation .fg-line{stroke-dasharray:9 4}"
    ".fg-membership .fg-line{stroke-dasharray:1 4;stroke-linecap:round}"
    ".fg-comparison .fg-line{stroke-dasharray:1 6;stroke-linecap:round}"
)
_MOODS = (
    ".fg-MOOD .fg-line{stroke:$MOOD}.fg-MOOD .fg-head{stroke:$MOOD;fill:$MOOD}.fg-bar-MOOD{fill:$MOOD}"
    ".fg-negative .fg-head{fill:$paper}.fg-neutral .fg-head{fill:none}"
)
_LINKS = (
    ".fg-picture a{text-decoration:none;cursor:pointer}.fg-picture a:hover .fg-name,.fg-picture a:focus .fg-name"
    "{text-decoration:underline}.fg-hit{fill:none;stroke:transparent;stroke-width:14px;pointer-events:stroke}"
)


def stylesheet(theme: Theme = "auto") -> str:
    """The rules as CSS; `auto` follows the viewer's preference, and is light where that cannot be asked."""
    rules = _rules()
    if theme != "auto":
        return _filled(rules, DARK if theme == "dark" else LIGHT)
    return f"{_filled(rules, LIGHT)}@media (prefers-color-scheme:dark){{{_filled(rules, DARK)}}}"


def _rules() -> str:
    moods = "".join(_MOODS.replace("MOOD", mood) for mood in ("neutral", "positive", "negative", "mixed"))
    tints = "".join(f".fg-tint-{n}{{fill:$tint-{n}}}" for n in range(TINTS))
    shades = "".join(f".fg-shade-{n}{{fill:$shade-{n}}}" for n in range(6))
    return _RULES.replace("FONT", FONT) + moods + tints + shades + _LINKS


def _filled(rules: str, colours: Mapping[str, str]) -> str:
    for name in sorted(colours, key=len, reverse=True):
        rules = rules.replace(f"${name}", colours[name])
    return rules
