"""Examples to learn claims from: pairs whose meaning somebody wrote down.

reviews      whole reviews with every claim and film (`labelled`); mentions that the reader missed are put
             where the gold record says they stand, so that all its claims can be learnt from
marked       sentences of the unlabelled reviews, judged by us; kept as offsets and labels, without text; some
             of them stand in annotated reviews and were judged a second time
sentences    single sentences, the critics' own and those written for training
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from labelled import read_lines

from filmgraph.candidates import Pair, pairs
from filmgraph.documents import document_from_record
from filmgraph.extractor import LinkedText, entities_meant
from filmgraph.features import features
from filmgraph.joint import LINEAGE
from filmgraph.matching import LINEAGE as LINEAGE_NAMES
from filmgraph.matching import same_entity
from filmgraph.model import (
    Entity,
    EntityKind,
    Film,
    Franchise,
    Link,
    Mention,
    Person,
    Polarity,
    Relation,
    Work,
    catalogued_id,
    slug,
)
from filmgraph.passages import Passage, passage
from filmgraph.reader import Reader
from filmgraph.records import object_record
from filmgraph.stance import Tone, stance_features
from filmgraph.text import normalise, sentences

Records = Mapping[str, Mapping[str, Any]]
"""Entity id → its record."""


@dataclass(frozen=True, slots=True)
class Example:
    """A pair's features with its class and, for a claim, relation and stance. `source` tells where it comes
    from, `fold` which part of cross-validation (-1 for none), `asked` where it stands."""

    features: Sequence[str]
    label: str
    relation: str | None = None
    stance: str | None = None
    feeling: Sequence[str] = field(default=(), repr=False)
    weight: float = 1.0
    fold: int = -1
    source: str = "reviews"
    asked: tuple[Passage, Pair] | None = field(default=None, repr=False)


def class_of(relation: str) -> str:
    return LINEAGE if relation in LINEAGE_NAMES else relation


def entity_records(text: LinkedText) -> dict[str, Mapping[str, Any]]:
    """The record of every entity that a review's spans mean."""
    spans = [*text.passage.spans, *([text.passage.reviewed] if text.passage.reviewed else [])]
    return {span.entity: object_record(text.entity(span.entity), text) for span in spans}


# ── whole reviews ───────────────────────────────────────────────────────────────────────────


def label_review(
    text: LinkedText, gold: Mapping[str, Any], fold: int = -1, source: str = "reviews"
) -> Iterator[Example]:
    """Each pair of a review, its mentions corrected by the gold record, with what the gold claims say of it.

    A gold claim labels the pairs of its two works in the sentences its quote touches; where there is none,
    the nearest one, at a lower weight. What a claim says of a mention that could not be corrected is left out.
    """
    corrected, records = _corrected(text, gold)
    groups: dict[tuple[str, str], list[Pair]] = {}
    for pair in pairs(corrected):
        groups.setdefault(pair.key, []).append(pair)
    told = {key: _claims_between(group[0], gold["claims"], records) for key, group in groups.items()}
    matched = {id(claim) for claims in told.values() for claim in claims}
    lost = [claim for claim in gold["claims"] if id(claim) not in matched]
    for key, group in groups.items():
        for pair, example in _label_group(corrected, group, told[key]):
            if example.label != "none" or not _may_be(corrected, pair, lost, records, gold):
                yield replace(example, fold=fold, source=source)


def _claims_between(
    pair: Pair, claims: Sequence[Mapping[str, Any]], records: Records
) -> list[Mapping[str, Any]]:
    a, b = records[pair.subject.entity], records[pair.object.entity]

    def joins(one: Mapping[str, Any], two: Mapping[str, Any]) -> bool:
        return any(same_entity(one, x) and same_entity(two, y) for x, y in ((a, b), (b, a)))

    return [claim for claim in claims if joins(claim["subject"], claim["object"])]


def _may_be(
    text: Passage,
    pair: Pair,
    lost: Iterable[Mapping[str, Any]],
    records: Records,
    gold: Mapping[str, Any],
) -> bool:
    """Whether a pair might be what a claim means whose works were not found: the wrong film of a title."""
    if not any(_touches(text, pair, claim["quote"]) for claim in lost):
        return False
    record = records[pair.anchor.entity]
    return record["kind"] != "film" or not any(same_entity(record, _film_record(f)) for f in gold["films"])


def _label_group(
    text: Passage, group: Sequence[Pair], claims: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Pair, Example]]:
    quoted: dict[int, Mapping[str, Any]] = {}
    for n, pair in enumerate(group):
        touching = [claim for claim in claims if _touches(text, pair, claim["quote"])]
        if touching:
            quoted[n] = min(touching, key=_rank)
    weight = 1.0
    if claims and not quoted:
        claim = min(claims, key=_rank)
        place = max(text.text.find(claim["quote"]), 0)
        nearest = min(range(len(group)), key=lambda n: abs(group[n].anchor.start - place))
        quoted, weight = {nearest: claim}, 0.6
    for n, pair in enumerate(group):
        if n in quoted or not claims:
            yield pair, example_of(text, pair, quoted.get(n), weight)


def example_of(
    text: Passage, pair: Pair, claim: Mapping[str, Any] | None, weight: float = 1.0, source: str = "reviews"
) -> Example:
    """A pair with the claim that is made of it; None for no claim."""
    shown = features(text, pair)
    if claim is None:
        return Example(shown, "none", weight=weight, source=source, asked=(text, pair))
    name = claim["relation"]
    relation, polarity = Relation(name), Polarity(claim.get("polarity", "asserted"))
    feeling = stance_features(Tone(text), pair.anchor.sentence, relation, polarity)
    stance = claim.get("stance")
    return Example(shown, class_of(name), name, stance, feeling, weight, source=source, asked=(text, pair))


def _touches(text: Passage, pair: Pair, quote: str) -> bool:
    start = text.text.find(quote)
    sentence = text.sentences[pair.anchor.sentence]
    return start >= 0 and start < sentence.end and sentence.start < start + len(quote)


def _rank(claim: Mapping[str, Any]) -> tuple[bool, bool, str]:
    name = claim["relation"]
    return name not in LINEAGE_NAMES, name == "resembles", name


# ── mentions where the gold record has them ─────────────────────────────────────────────────


@dataclass(slots=True)
class _Correction:
    """Links of a review that are made to agree with its gold record."""

    text: str
    links: list[Link]
    entities: dict[str, Entity]
    records: dict[str, Mapping[str, Any]]

    def put(self, start: int, end: int, record: Mapping[str, Any]) -> None:
        """Link a span to what the record means, unless a longer mention holds it."""
        over = [link for link in self.links if link.mention.start < end and start < link.mention.end]
        if any(link.mention.end - link.mention.start > end - start + 6 for link in over):
            return
        meant = [self.records[link.entity] for link in over if link.entity in self.records]
        if any(same_entity(record, other) for other in meant):
            return
        kind = EntityKind(record["kind"])
        mention = Mention(start, end, self.text[start:end], kind)
        kept = [link for link in self.links if link not in over]
        self.links = [*kept, Link(mention, self.known(record), 0.9, "name")]

    def known(self, record: Mapping[str, Any]) -> str:
        for id, other in self.records.items():
            if other["kind"] == record["kind"] and same_entity(record, other):
                return id
        entity = _entity(record["kind"], record["name"], record.get("year"), record.get("id"))
        self.entities[entity.id], self.records[entity.id] = entity, record
        return entity.id


def _corrected(text: LinkedText, gold: Mapping[str, Any]) -> tuple[Passage, Records]:
    """The review with every gold film linked wherever its name stands, and the ends of claims in their quotes."""
    raw, linking = text.document.text, text.linking
    entities = entities_meant(linking.links, linking.reviewed, text.new, text.catalog)
    known = entity_records(text)
    known |= {id: object_record(entities[id], text) for id in sorted(entities.keys() - known.keys())}
    made = _Correction(raw, list(linking.links), entities, known)
    places = [*_films_named(raw, gold), *_ends_quoted(raw, gold, made.records)]
    for start, end, record in sorted(places, key=lambda place: place[0] - place[1]):
        made.put(start, end, record)
    return passage(raw, linking.sentences, made.links, made.entities, linking.reviewed), made.records


def _films_named(raw: str, gold: Mapping[str, Any]) -> Iterator[tuple[int, int, Mapping[str, Any]]]:
    for film in gold["films"]:
        surface = film["surface"]
        yield from ((start, start + len(surface), _film_record(film)) for start in _found(raw, surface))


def _ends_quoted(
    raw: str, gold: Mapping[str, Any], known: Records
) -> Iterator[tuple[int, int, Mapping[str, Any]]]:
    for claim in gold["claims"]:
        start = raw.find(claim["quote"])
        first, last = start - 60, start + len(claim["quote"]) + 60
        for record in (claim["object"], claim["subject"]):
            if start < 0 or any(same_entity(record, other) for other in known.values()):
                continue
            for name in _short_names(record):
                places = [place for place in _found(raw, name) if first <= place < last]
                if places:
                    yield places[0], places[0] + len(name), record
                    break


def _short_names(record: Mapping[str, Any]) -> list[str]:
    name = record["name"]
    return [name, name.split()[-1] if record["kind"] == "person" else name.partition(":")[0]]


def _found(raw: str, words: str) -> list[int]:
    return [match.start() for match in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", raw)]


def _film_record(film: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": "film", "name": film["title"], "year": film.get("year"), "id": film.get("id")}


# ── marked sentences of unlabelled reviews ──────────────────────────────────────────────────


def marked_sentences(
    marks: Mapping[str, Sequence[Mapping[str, Any]]], reviews: Iterable[Mapping[str, Any]], reader: Reader
) -> Iterator[Example]:
    """Sentences of unlabelled reviews as judged in `seed/training/marks-*.jsonl` (by review): of all that a
    sentence's mentions might be said to be to each other, only the claims listed are made. Pairs of mentions that are
    `unsure` are left out; mentions that are `wrong`, a word taken for a title, are learnt as what claims nothing."""
    for record in reviews:
        text = reader.link(document_from_record(dict(record), "reviews")).passage
        for mark in marks[record["id"]]:
            yield from _marked(text, mark)


def outside(marks: Sequence[Mapping[str, Any]], examples: Iterable[Example]) -> Iterator[Example]:
    """The examples of a review that stand in none of its marked sentences: what was judged again is learnt from the
    second judgement alone."""
    for example in examples:
        anchor = example.asked[1].anchor.start if example.asked else -1
        if not any(mark["start"] <= anchor < mark["end"] for mark in marks):
            yield example


def _marked(text: Passage, mark: Mapping[str, Any]) -> Iterator[Example]:
    def entity(end: int | str) -> str:
        if end == "reviewed":
            return text.reviewed.entity if text.reviewed else ""
        return next((span.entity for span in text.spans if span.start <= int(end) < span.end), "")

    claims: dict[tuple[str, str], Mapping[str, Any]] = {}
    for claim in mark["claims"]:
        first, second = sorted((entity(claim["subject"]), entity(claim["object"])))
        if first and ((first, second) not in claims or _rank(claim) < _rank(claims[first, second])):
            claims[first, second] = claim
    unsure = {entity(end) for end in mark.get("unsure", ())}
    for pair in pairs(text):
        inside = mark["start"] <= pair.anchor.start < mark["end"]
        if inside and not unsure.intersection(pair.key):
            yield example_of(text, pair, claims.get(pair.key), source="marked")


# ── single sentences ────────────────────────────────────────────────────────────────────────

_CODES = {
    "INF": "inspired_by", "SEQ": "sequel_to", "REM": "remake_of", "RIP": "imitates", "PAR": "parodies",
    "REB": "reboot_of", "SIM": "resembles", "NO": "none",
}  # fmt: skip


def critics_sentences(file: Path, measured: Container[str]) -> Iterator[Example]:
    """Sentences whose mentions carry a code for their relation to the reviewed film, but for those of `measured`
    reviews."""
    for record in read_lines(file):
        if record["review_id"] in measured:
            continue
        text = record["sentence"]
        reviewed = _entity("film", record["film"], record.get("film_year"), record.get("film_imdb"))
        entities: dict[str, Entity] = {reviewed.id: reviewed}
        links, labels = [], {}
        for mention in record["mentions"]:
            start = text.find(mention["surface"])
            if start < 0 or mention.get("uncertain"):
                continue
            name = mention["title"] or mention["surface"]
            film = _entity("film", name, mention.get("year"), mention["imdb_id"])
            entities[film.id] = film
            labels[film.id] = mention["label"]
            links.append(_link(text, start, start + len(mention["surface"]), film))
        yield from _coded(_one_passage(text, links, entities, reviewed.id), labels)


def _coded(text: Passage, labels: Mapping[str, str]) -> Iterator[Example]:
    for pair in pairs(text):
        code = labels.get(pair.anchor.entity)
        if pair.other is not None or code is None or code == "OTH":
            continue
        name = _CODES[code[1:] if code.startswith("r") and code[1:] in _CODES else code]
        known = None if name == "none" or code.endswith("INF") else name
        shown = features(text, pair)
        yield Example(shown, class_of(name), known, weight=0.7, source="critics", asked=(text, pair))


def own_sentences(records: Iterable[Mapping[str, Any]]) -> Iterator[Example]:
    """Sentences written for training, with spans and claims."""
    for record in records:
        text = record["text"]
        entities: dict[str, Entity] = {}
        reviewed = record.get("reviewed")
        ids = {"reviewed": ""}
        if reviewed:
            film = _entity("film", reviewed["title"], reviewed.get("year"))
            entities[film.id] = film
            ids["reviewed"] = film.id
        links = []
        for number, span in enumerate(record["spans"]):
            entity = _entity(span["kind"], span["title"], span.get("year"))
            ids[str(number)] = entity.id
            entities[entity.id] = entity
            links.append(_link(text, *_linked_span(text, span), entity, _how(text, span)))
        _join_series(entities, record["claims"], ids)
        read = _one_passage(text, links, entities, ids["reviewed"] or None)
        yield from _own(read, record["claims"], ids)


_SERIES_SPAN = re.compile(
    r"(?:(?:the|a|her|his|these|this|that|whole|old) )*(?P<name>.*?) ?"
    r"(?P<word>series|franchise|saga|trilogy|universe|films?|movies?|entries|ones|sequels|gang)?",
    re.IGNORECASE,
)


def _linked_span(text: str, span: Mapping[str, Any]) -> tuple[int, int]:
    """The part of a marked span that the reader would link: of a series its name, or "series" where it has none."""
    match = _SERIES_SPAN.fullmatch(text, span["start"], span["end"]) if span["kind"] == "franchise" else None
    if match is None:
        return span["start"], span["end"]
    return match.span("name") if match["name"] else match.span("word")


def _how(text: str, span: Mapping[str, Any]) -> str:
    """How the reader would have found the span."""
    if span["kind"] != "franchise":
        return str(span.get("how", "name"))
    match = _SERIES_SPAN.fullmatch(text, span["start"], span["end"])
    return "saga" if match and not match["name"] else "series"


def _join_series(
    entities: dict[str, Entity], claims: Iterable[Mapping[str, Any]], ids: Mapping[str, str]
) -> None:
    """Make the films that are said to be of a series its members, as a catalogue would have them."""
    for claim in claims:
        film, series = (entities.get(ids[str(claim[end])]) for end in ("subject", "object"))
        if claim["relation"] == "part_of" and isinstance(film, Film) and isinstance(series, Franchise):
            entities[film.id] = replace(film, franchises=(series.id,))


def _own(text: Passage, told: Sequence[Mapping[str, Any]], ids: Mapping[str, str]) -> Iterator[Example]:
    claims: dict[tuple[str, str], Mapping[str, Any]] = {}
    for claim in told:
        first, second = sorted((ids[str(claim["subject"])], ids[str(claim["object"])]))
        if (first, second) not in claims or _rank(claim) < _rank(claims[first, second]):
            claims[first, second] = claim
    for pair in pairs(text):
        yield example_of(text, pair, claims.get(pair.key), source="own")


def _one_passage(
    text: str, links: Sequence[Link], entities: Mapping[str, Entity], reviewed: str | None
) -> Passage:
    return passage(text, sentences(normalise(text)), links, entities, reviewed)


_MAKERS: Mapping[EntityKind, Callable[[str, str, int | None], Entity]] = {
    EntityKind.FILM: Film,
    EntityKind.WORK: Work,
    EntityKind.PERSON: Person,
    EntityKind.FRANCHISE: Franchise,
}


def _entity(kind: str, name: str, year: Any, id: str | None = None) -> Entity:
    number = int(year) if str(year or "").isdigit() else None
    made = EntityKind(kind)
    return _MAKERS[made](catalogued_id(made, id or f"{slug(name)}-{number}"), name, number)


def _link(text: str, start: int, end: int, entity: Entity, how: str = "name") -> Link:
    mention = Mention(start, end, text[start:end], EntityKind(entity.id.partition(":")[0]))
    return Link(mention, entity.id, 1.0, how)
