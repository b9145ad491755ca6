"""Words beside a title that say it is no film: "the novel _Red Harvest_", "an episode of Columbo"."""

from __future__ import annotations

import re

__all__ = ["source_named"]

_SCREEN = r"(?:(?:tv|television|cartoon|animated|sketch|reality|talk|bbc|hbo|mini-?) ?)"
_FORM = (
    r"novel(?:la|ization)?|book|stage play|play|(?:stage|broadway) musical|comic(?: book| strip)?|"
    r"graphic novel|manga|anime|(?:short )?story|memoir|(?:auto)?biography|(?:(?:video|computer|arcade) ?)?game|"
    rf"{_SCREEN}*(?:show|series|sitcom|serial|cartoon)|{_SCREEN}?miniseries|poem|opera|best-?seller|song|album"
)
_FORMS = (
    r"novels|books|comics|graphic novels|stories|(?:(?:video|computer|arcade) ?)?games|songs|"
    rf"{_SCREEN}*(?:shows|series|sitcoms|serials|cartoons|soaps)"
)
_OTHER_SENSE = r"(?:(?<=in the )|(?<=of the ))series|(?<=in my )book"
_BEFORE = re.compile(
    r"\b(?=[a-z])(?:(?P<episode>episodes? of|seasons? of|reruns of)"
    rf"|(?P<forms>{_FORMS})(?: like| such as)"
    rf"|(?!{_OTHER_SENSE})(?P<form>{_FORM})(?:,? (?:called|titled|entitled|named))?),?"
    r" [\"'_*(]*(?:the |a |an |old |classic )*[\"'_*]*$"
)
_AFTER = re.compile(
    rf"[\"'_*]*(?:,? (?:the|a|an))? ?(?:\w+ )?(?P<form>{_FORM}|{_FORMS}|tv|episodes?)\b(?!-| version| adaptation)"
)
_REACH = 48
"""How many characters before a title are looked at, and twice as many after it."""
_UNSURE_AFTER = frozenset(
    ["story", "stories", "series", "play", "show", "shows", "song", "songs", "serial", "serials"]
)


def source_named(text: str, start: int, end: int) -> str | None:
    """The form that the words beside the span give it ("novel", "tv show"), or None when they give none."""
    before = _BEFORE.search(text[max(0, start - _REACH) : start].lower())
    if before:
        return before["form"] or before["forms"] or "tv series"
    after = _AFTER.match(text[end : end + 2 * _REACH].lower())
    if after is None or after["form"] in _UNSURE_AFTER:
        return None
    return "tv series" if after["form"].startswith("episode") else after["form"]
