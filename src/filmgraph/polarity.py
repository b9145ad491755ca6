"""Whether a critic asserts, hedges or denies: rules over the clause that holds the cue.

Learned models miss denials, for they are rare; what denies is a small closed class with a clear reach. A
negation reaches the cue when it stands in the cue's clause, ahead of it, and belongs to none of the set
phrases that deny nothing ("not only", "no doubt", "can't help but"). What a critic takes for granted ("I didn't like
this remake") is not denied by denying something of it (presupposition; Strawson 1950).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from filmgraph.model import Polarity
from filmgraph.settings import data_dir

__all__ = ["polarity_of"]

REACH = 14
"""How many words a negation may stand ahead of what it denies."""


@dataclass(frozen=True, slots=True)
class _Context:
    """The clause ahead of the cue, the cue to the end of its clause, the whole sentence, where in it the cue stands,
    the words after it, whether the clause asks something, and the words that take the cue for granted ("this")."""

    ahead: str
    behind: str
    sentence: str
    at: int
    after: str
    asks: bool
    granted: str


def polarity_of(words: Sequence[str], start: int, end: int, after: Sequence[str] = ()) -> Polarity:
    """The polarity of what `words[start:end]`, a cue and perhaps its object, says in a sentence.

    `words` are the sentence's words and punctuation in lower case, with straight apostrophes; `after` are
    those of the next sentence, which may take it back ("Nope.").

    >>> polarity_of("it is not a remake of the original".split(), 4, 5)
    <Polarity.NEGATED: 'negated'>
    >>> polarity_of("not only a remake but a good one".split(), 3, 4)
    <Polarity.ASSERTED: 'asserted'>
    >>> polarity_of("this may well be a remake".split(), 5, 6)
    <Polarity.HEDGED: 'hedged'>
    """
    context = _context(words, start, end, after)
    if _denied(context):
        return Polarity.NEGATED
    if _hedged(context):
        return Polarity.HEDGED
    return Polarity.ASSERTED


def _context(words: Sequence[str], start: int, end: int, after: Sequence[str]) -> _Context:
    first = max(0, start - REACH)
    for position in range(start - 1, first - 1, -1):
        ends = words[position] in _CLAUSE_ENDS and words[position + 1] != "that"
        if ends or _starts_clause(words, position):
            first = position + ends
            break
    last = min(len(words), end + 14)
    for position in range(end, last):
        if words[position] in _CLAUSE_ENDS or words[position] in _TURNS:
            last = position
            break
    ahead = " ".join(words[first:start])
    return _Context(
        ahead=ahead,
        behind=" ".join(words[start:last]),
        sentence=" ".join(words),
        at=len(" ".join(words[:start])),
        after=" ".join(after[:10]),
        asks="?" in (words[min(last, len(words) - 1)], words[-1]),
        granted=_granted(ahead, words[start]),
    )


_CLAUSE_ENDS = frozenset([";", ":", "(", ")", ".", "!", "?", "-", "--", "—", "–", "…", "..."])
_TURNS = frozenset(["but", "although", "though", "however", "yet", "while", "whereas", "because", "unless"])
_SUBJECTS = frozenset(["it", "it's", "he", "she", "they", "there", "this", "that's", "we", "i", "you", "i'm"])


def _starts_clause(words: Sequence[str], position: int) -> bool:
    """ "…, but it", "… although", ", it's": what stands before is another statement."""
    if words[position] in _TURNS:
        return True
    joins = words[position] in (",", "and", "so") and position + 1 < len(words)
    return joins and words[position + 1] in _SUBJECTS


def _patterns() -> dict[str, str]:
    groups: dict[str, list[str]] = {}
    for line in (data_dir() / "polarity.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            group, pattern = line.split("\t")
            groups.setdefault(group, []).append(pattern)
    return {group: "|".join(patterns) for group, patterns in groups.items()}


_GROUPS = _patterns()
_HARMLESS = re.compile(rf"\b(?:{_GROUPS['harmless']})\b")
_NEGATOR = re.compile(rf"(?:{_GROUPS['negator']})")
_BREAK = re.compile(rf"(?:{_GROUPS['break']}|\.)")
_OPINION = re.compile(rf"(?:{_GROUPS['opinion']})")
_SUPPOSITION = re.compile(rf"\b(?:{_GROUPS['supposition']})(?: (?!,)\S+){{0,6}}$")
_DENYING_BEHIND = re.compile(rf"(?:{_GROUPS['behind']})\b")
_DENYING_ANYWHERE = re.compile(rf"\b(?:{_GROUPS['anywhere']})\b")
_TAKEN_BACK = re.compile(rf"(?:{_GROUPS['retraction']})")
_DOUBTED_AFTER = re.compile(rf"(?:{_GROUPS['doubt']})")
_HEDGES = re.compile(rf"\b(?:{_GROUPS['hedge']})\b")
_HEDGES_BEHIND = re.compile(rf"(?:{_GROUPS['hedge behind']})")
_CERTAIN = re.compile(rf"\b(?:{_GROUPS['certain']})\b")
_DETERMINERS = frozenset(["no", "none", "neither", "nothing", "nor"])
_ASKS = re.compile(
    r"(?:is|was|are|were|did|does|do|could|can|isn't|wasn't|didn't|doesn't) "
    r"(?!you\b|we\b|any\w+)(?!.*\b(?:for|about|that|what|how|who)\b)|(?:to|an?)\b"
)
"""A question whether it is so, and not one that takes it for granted ("do you like this remake?")."""
_EVALUATION = re.compile(
    r"\b(?:not|never|no|n't|hardly|isn't|wasn't|aren't) "
    r"(?:(?:a|an|the|as|very|really|particularly|quite|such|so|that|too|always|even|exactly|itself) )*"
    r"(?:good|great|bad|worthy|successful|funny|best|worst|faithful|perfect|better|worse|satisfying|decent|"
    r"necessary|needed|enough)\b"
    r"|(?:not|n't|isn't|wasn't) (?:an? )?(?:very|particularly|especially|terribly|overly|all that) \w+(?: @\d+)*$"
)


_GRADED = re.compile(
    r"\b(?:been|expect(?:ed|ing)|want(?:ed)?|hop(?:ed|ing))(?: for)? (?:an?|some) (?:\w+ly )?"
    r"(?:more \w+|much \w+|\w+er|good|great|decent|worthy|proper|faithful|fantastic|amazing|wonderful)(?: @\d+)*$"
)
"""What could have been better as what it is: "it could have been a great [sequel]"."""


_IF_NOT = re.compile(r"\bif\b[^,;]*$")
_NOTHING_IS = re.compile(
    r"[^,;]*,? (?:then )?(?:nothing(?: else)?|i (?:don't|do not) know what) (?:is|was|does|did|would)\b"
)
"""What is surely so: "if that isn't a [copy], nothing is"."""


def _denied(context: _Context) -> bool:
    if context.granted:
        return _DENYING_BEHIND.match(context.behind) is not None
    ahead = _HARMLESS.sub(".", _EFFORT.sub(r"\1 to", context.ahead.replace(" at all", "")))
    if _SUPPOSITION.search(ahead) or _negated(ahead.split()):
        graded = context.behind.startswith(_DERIVED) and _GRADED.search(ahead)
        if_anything = _IF_NOT.search(ahead) and _NOTHING_IS.match(context.sentence, context.at)
        return not (graded or if_anything or _EVALUATION.search(ahead))
    return bool(
        _DENYING_BEHIND.match(context.behind)
        or _denied_elsewhere(context)
        or _TAKEN_BACK.match(context.after)
    )


def _denied_elsewhere(context: _Context) -> bool:
    """Whether something in the sentence denies the cue, and no other statement stands between them."""
    for match in _DENYING_ANYWHERE.finditer(context.sentence):
        first, last = sorted((match.span(), (context.at, context.at)))
        if not _ANOTHER.search(context.sentence, first[1], last[0]):
            return True
    return False


_ANOTHER = re.compile(r"\b(?:and|but) (?:is|was|are|were)\b|;")
_EFFORT = re.compile(r"\b(attempt|effort|try|stab|go) at\b")


def _negated(ahead: Sequence[str]) -> bool:
    """Whether a negation stands close ahead, and no other statement between it and the cue."""
    for position in range(len(ahead) - 1, -1, -1):
        if not _NEGATOR.fullmatch(ahead[position]):
            continue
        between = ahead[position + 1 :]
        if ahead[position] in _DETERMINERS and len(between) > 3:
            continue
        opinion = any(_OPINION.fullmatch(word) for word in between[:2])
        if opinion or (len(between) <= 8 and not any(_BREAK.fullmatch(word) for word in between)):
            return True
    return False


def _hedged(context: _Context) -> bool:
    if context.granted:
        return _HEDGES.search(context.granted) is not None
    return bool(
        _HEDGES.search(_CERTAIN.sub(".", context.ahead))
        or _HEDGES_BEHIND.match(context.behind)
        or _DOUBTED_AFTER.match(context.after)
        or (context.asks and _ASKS.match(context.ahead))
    )


# ── what is taken for granted ───────────────────────────────────────────────────────────────


def _granted(ahead: str, cue: str) -> str:
    """The words that make a cue known ("this lame [sequel]", "Welles's [adaptation]"), unless it is said to be
    what a film is."""
    if _NO_NOUN.fullmatch(cue):
        return ""
    match = _POINTED_AT.search(ahead) or (_THE.search(ahead) if cue.startswith(_DERIVED) else None)
    return "" if match is None or _IS_ONE.search(ahead, 0, match.start(1)) else match[1]


_NO_ADJECTIVE = (
    r"(?:an?|the|is|was|are|were|be|been|has|have|had|does|do|did|will|would|may|might|could|can|should|must|not|no|"
    r"never|to|of|in|on|as|at|by|for|from|with|like|than|seems?|seemed|looks?|feels?|and|or|but|if|that|which|who|"
    r"one|it|wants?|tries|tried|takes?|took|gets?|goes|inspired|copies|copied|steals|stole|rips?|"
    r"borrows?|owes|next|inevitable|likely|unofficial)\b"
)
_POINTS = (
    r"this|these|those|its|his|her|their"
    r"|(?!(?:it|that|there|here|what|who|he|she|let|one|everything)'s)\S+'s|@\d+ ' s"
)
_POINTED_AT = re.compile(rf"(?:^| )((?:{_POINTS})(?: (?!{_NO_ADJECTIVE})[\w-]+){{0,4}}(?: @\d+)*)$")
_THE = re.compile(rf"(?<=[\w',] )(the(?: (?!{_NO_ADJECTIVE})[\w-]+){{0,2}}(?: @\d+)*)$")
_DERIVED = ("sequel", "remake", "re-make", "prequel", "adaptation", "follow-up", "reboot")
_NO_NOUN = re.compile(r"@\d+|\w+(?:ed|ing)|steals?|stole|rips?|borrows|owes?|takes?|took|copies|apes|cash")
_IS_ONE = re.compile(
    r"\b(?:be|is|was|are|were|been|being|as|like|not|it's|isn't|wasn't|do with|call(?:s|ed|ing)?"
    r"|consider(?:s|ed|ing)?)(?: (?:just|quite|even|perhaps|maybe|not|\w+ly))? $"
)
"""Ahead of what a film is said to be: "is not [this director's homage]"."""
