"""Why a review was read as it was, in words: a record of `extract` with explanations → text for a terminal.

Features have short names, as they stand in the weights (`K:imitates`, `year:True,after`); here each kind of name
is said in words. What has no words yet is shown by its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

__all__ = ["explain", "say"]

MOST_REASONS = 6
MOST_CANDIDATES = 4


def explain(record: Mapping[str, Any]) -> str:
    """The claims of a record with what decided each, then its mentions with what else they might have meant."""
    lines = [f"{record['id']}: {len(record['claims'])} claims, {len(record['films'])} films"]
    for claim in record["claims"]:
        lines += ["", *_claim_lines(claim)]
    lines += ["", "mentions"]
    for mention in record.get("mentions", ()):
        lines += _mention_lines(mention)
    return "\n".join(lines)


def _claim_lines(claim: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"  {_name(claim['subject'])} → {claim['relation'].replace('_', ' ')} → {_name(claim['object'])}   "
        f"{claim['polarity']}, {claim['stance']}, confidence {claim['confidence']:.2f}, by {claim['extractor']}"
    )
    yield f"    “{' '.join(claim['quote'].split())}”"
    yield from _weighed("for and against the claim", claim["reasons"])
    yield from _weighed("for and against the relation", claim.get("relation_reasons", ()))


def _weighed(title: str, reasons: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if reasons:
        yield f"    {title}:"
    for reason in reasons[:MOST_REASONS]:
        yield f"      {reason['weight']:+6.2f}  {say(reason['feature'])}"


def _mention_lines(mention: Mapping[str, Any]) -> Iterator[str]:
    meant = f"{mention['name']} ({mention['score']:.2f})" if mention["name"] else "nothing"
    yield f"  {mention['start']:>6}  “{' '.join(mention['surface'].split())}” → {meant}: {mention['why']}"
    for candidate in mention["candidates"][:MOST_CANDIDATES]:
        chosen = "taken   " if candidate["entity"] == mention["entity"] else "rejected"
        yield f"            {chosen} {candidate['name']} ({candidate['score']:.2f}): {_told(candidate['reasons'])}"
    left = len(mention["candidates"]) - MOST_CANDIDATES
    if left > 0:
        yield f"            and {left} less likely"


def _told(reasons: Mapping[str, float]) -> str:
    telling = [(name, weight) for name, weight in reasons.items() if name != "bias"]
    return "; ".join(f"{say(name)} {weight:+.1f}" for name, weight in telling[:3])


def _name(entity: Mapping[str, Any]) -> str:
    return f"{entity['name']} ({entity['year']})" if entity.get("year") else str(entity["name"])


# ── features in words ───────────────────────────────────────────────────────────────────────


def say(feature: str) -> str:
    """A feature's name in words.

    >>> say("K:imitates"), say("year:True,after")
    ('a construction that says imitates', 'the year that follows is right')
    """
    for pattern, words in _WORDS:
        match = pattern.fullmatch(feature)
        if match:
            return words.format(*(_plain(group) for group in match.groups()))
    return f"“{feature}”"


def _plain(group: str | None) -> str:
    text = (group or "").replace("_", " ").replace(":", ", ")
    return _CODES.get(text, text)


_CODES = {
    "l": "before it", "r": "after it", "ln": "just before it", "lm": "before it", "lf": "far before it",
    "rn": "just after it", "rm": "after it", "rf": "far after it", "o": "after the object", "s": "after the subject",
    "one": "the reviewed film and it", "two": "two works named here", "REV": "the reviewed film", "FILM": "a film",
    "PERS": "a person", "WORK": "a work", "FRAN": "a series", "SUBJ": "the other work", "none": "nothing",
    "?": "unknown", "film, new, emphasis": "film that no catalogue knows",
}  # fmt: skip


def _table(rows: Iterable[tuple[str, str]]) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(pattern), words) for pattern, words in rows]


_WORDS = _table(
    [
        # claims
        (r"second reading", "the sentence read as a whole"),
        (r"K:lineage:(one|two)(\w)", "a construction of lineage between {}"),
        (r"K:none:(one|two)\w", "a construction that relates nothing, between {}"),
        (r"K:(\w+):(one|two)\w", "a construction of {} between {}"),
        (r"K:(\w+):(\w+)", "a construction that says {} of a {}"),
        (r"K:(\w+)", "a construction that says {}"),
        (r"K=(\w+)", "constructions here say {}"),
        (r"K only (\w+):(one|two)", "every construction here says {} of {}"),
        (r"K none", "no known construction"),
        (r"phrase:(\w+):(.*)", "words of “{}” brought in as “{}”"),
        (r"phrase:(.*):(one|two)", "a cue brought in as “{}”, between {}"),
        (r"path:(\w+):[lr]:(.*)", "“{1}” between words of “{0}” and it"),
        (r"cut:(\w+):([lr])", "words of “{}” in another clause, {}"),
        (r"joined:(\w+):([lr])", "words of “{}” in its clause, {}"),
        (r"across:(\w+):([lr])", "another mention between words of “{}” and it, {}"),
        (r"names:(\w+):(one|two)", "the cue names {}, not {}"),
        (r"whose:(.*):(one|two)", "ahead of the cue “{}” is spoken of, between {}"),
        (r"whose:(.*):(\w+)", "“{}” is spoken of ahead of words of “{}”"),
        (r"opens=(.*):(one|two)", "the sentence opens with “{}”, between {}"),
        (r"listed=(\d)", "{} items in its list"),
        (r"taken up", "a sentence that takes up what was named before"),
        (r"C:(\w+):([lr][nmf])", "words of “{}” {}"),
        (r"(?:C|near):(\w+):([lr])", "words of “{}” closest, {}"),
        (r"C:(\w+):(.+)", "words of “{}” near a {}"),
        (r"near:(\w+):(.+)", "words of “{}” closest to a {}"),
        (r"next:(\w+)", "words of “{}” second closest"),
        (r"S:(\w+)", "words of “{}” in the sentence"),
        (r"before:(adapt|allude|[a-z]{4,}|owe)", "words of “{}” in the sentence before"),
        (r"after:(adapt|allude|[a-z]{4,}|owe)", "words of “{}” in the sentence after"),
        (r"BC:(\w+):([os])", "words of “{}” between the two works, {}"),
        (r"BC:(\w+)", "words of “{}” between the two works"),
        (r"cue:(.+):([lr])", "the cue “{}…” {}"),
        (r"LLL?:(.+)", "“{}” ahead of it"),
        (r"L1:(.+)", "“{}” right before it"),
        (r"L3:(.+)", "“{}” just before it"),
        (r"L:(.+)", "“{}” ahead of it"),
        (r"R1:(.+)", "“{}” right after it"),
        (r"R2:(.+)", "“{}” just after it"),
        (r"R:(.+)", "“{}” behind it"),
        (r"B:(.+)", "“{}” between the two"),
        (r"ends=(one|two)", "it would be between {}"),
        (r"ends=(one|two):(\w+)", "it would be between {}, and it is a {}"),
        (r"kind=(.+)", "it is a {}"),
        (r"count=(\d)", "named {} times or more in the review"),
        (r"years=([^:]+):(one|two)", "{} years between {}"),
        (r"same base:(one|two)", "titles of one series: {}"),
        (r"same title:(one|two)", "the same title: {}"),
        (r"governor=(\w+):(one|two)", "the sentence says something of {}; {}"),
        (r"last=(\w+):(one|two)", "the last work ahead is {}; {}"),
        (r"gap=(\d+)", "at most {} words between the two"),
        (r"films=(\d)", "{} or more films in the sentence"),
        (r"no cue", "no words of lineage in the sentence"),
        (r"anchor is later", "it is later than the reviewed film"),
        (r"own person", "a maker of the reviewed film"),
        (r"person seen in", "a person seen in something"),
        # links
        (r"form:0,(\w+),(\d)", "its very title"),
        (r"form:1,(\w+),(\d)", "another of its titles"),
        (r"form:2,(\w+),(\d)", "only a short form of its title"),
        (r"renown:(\d),(\d),(\w+)", "how well known it is ({} of 8)"),
        (r"behind:0,(\d)", "the best known of that name"),
        (r"behind:(\d),(\d)", "others of that name are better known"),
        (r"case:(\w+),(\d),(\d)", "how it is capitalised ({})"),
        (r"shape:none,.*", "not marked as a title"),
        (r"shape:(\w+),.*", "marked as a title ({})"),
        (r"(?:low|share|open|inlower|lower):.*", "how often these words are a title at all"),
        (r"before:.*", "the word before it"),
        (r"after:.*", "the word after it"),
        (r"cues:(\d),\d", "{} words about films around it"),
        (r"list:0,.*", "in no list of titles"),
        (r"list:.*", "in a list of titles"),
        (r"person:.*", "inside a person's name"),
        (r"nameish:.*", "also part of a person's name here"),
        (r"year:(?:exact|True),after", "the year that follows is right"),
        (r"year:(?:exact|True),before", "the year before it is right"),
        (r"year:(?:exact|True),remake", "the year beside it is that of a remake, and its own"),
        (r"year:False,.*", "the year beside it is another"),
        (r"yearnear:.*", "its year is in the sentence"),
        (r"yeardoc:.*", "its year is in the review"),
        (r"(?:peoplenear|surnamenear):.*", "its people are named in the sentence"),
        (r"(?:peopledoc|director):.*", "its people are named in the review"),
        (r"nopeople", "the catalogue knows nobody of it"),
        (r"evidence:0,.*", "no year or person speaks for it"),
        (r"evidence:(\d),.*", "{} signs from years and people"),
        (r"reviewed(?:low)?:.*", "it is the reviewed film"),
        (r"namesake:(\w+),.*", "a namesake of the reviewed film, {}"),
        (r"kin:.*", "of the reviewed film's series"),
        (r"gap:.*", "how much older than the review it is"),
        (r"refused:.*", "how near the catalogue's own title came"),
        (r"beside:.*", "films are named in the sentence"),
        (r"future", "younger than the review"),
        (r"silent:.*", "a silent film"),
        (r"spelt:.*", "the review spells the title out elsewhere"),
        (r"article:.*", "whether the article agrees"),
        (r"work(?:near)?:.*", "a source work, with or without words for one"),
        (r"again:.*", "named more than once"),
        (r"longer:.*", "a longer title begins the same"),
        (r"unknown:.*", "the reviewed film is unknown"),
        (r"(?:possessive|hyphen|digit|shouting):.*", "how it is written"),
        (r"b:(.+),\d", "“{}” shortly before it"),
        (r"a:(.+),\d", "“{}” shortly after it"),
        (r"prior:.*", "how often these words are a title elsewhere"),
        (r"then:later,\d", "later than the reviewed film"),
        (r"then:.*", "how well known it is of those that were out by then"),
        (r"era:.*", "how near it is in years to the films beside it"),
        (r"elsewhere:.*", "how often this title means it elsewhere"),
        (r"w:([^ ]*) ([^,]*),.*", "“{} … {}” around it"),
        (r"key:.*", "these very words, where critics were read by us"),
        (r"is:.*", "this very film, where critics were read by us"),
        (r"line:.*", "alone in its line"),
        (r"owner", "a person is named as its own"),
        (r"credit:.*", "in brackets after a person's name"),
        (r"w-1:([^,]*).*", "“{}” right before it"),
        (r"w-2:([^,]*).*", "“{}” two words before it"),
        (r"w\+1:([^,]*).*", "“{}” right after it"),
        (r"w\+2:([^,]*).*", "“{}” two words after it"),
        (r"sign:(.*)", "the sign beside it ({})"),
        (r"style:.*", "how this review marks titles"),
        (r"order:.*", "rivals of that name, by their order"),
        (r"(?:medium|source):.*", "words that say what medium it is"),
        (r"said:.*", "what is said around it"),
        (r"franchise:.*", "whether it belongs to a series"),
        (r"decade:.*", "the decade it is from"),
        (r"shared:.*", "shares people with the reviewed film"),
        (
            r"(?:words|first|listed|small|the|comma|upper|common|exclaims|kind|lowerdoc|line):.*",
            "how it is written",
        ),
        (r"bias", "where the scale begins"),
        (r"([a-z][a-z ]+)", "{}"),
    ]
)
