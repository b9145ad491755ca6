"""A language model reads over HTTP: what it says is checked, what fails is survived, what it costs is capped."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chat_server import ChatServer, Reply, answer, claim, serving_chat
from filmgraph.belief import believe
from filmgraph.cascade import Cascade, unsure_sentences
from filmgraph.catalog import Catalog
from filmgraph.chat import GIVE_UP, Chat
from filmgraph.errors import ModelError, SettingsError
from filmgraph.extractor import Extractor, Rules
from filmgraph.ingest import ingest
from filmgraph.language_model import LanguageModel
from filmgraph.model import Document
from filmgraph.reader import Reader
from filmgraph.settings import ModelSettings
from filmgraph.store import open_store

KEY = "sk-not-to-be-seen-anywhere"
TEXT = "Orca is a shameless rip-off of Jaws. The tank was leased from a man in Malta."
ORCA = Document("orca", TEXT, id="1", title="Orca", year=1977)
RIP_OFF = claim("Orca (1977)", "imitates", "Jaws (1975)", "a shameless rip-off of Jaws", stance="negative")
Respond = Callable[[dict[str, Any], int], Reply]


def settings(server: ChatServer, cache: Path, **changes: Any) -> ModelSettings:
    return ModelSettings(url=server.url, model="tiny-1", key=KEY, timeout=5, retries=3, cache=cache).replace(
        **changes
    )


def steps(*replies: Reply) -> Respond:
    """One reply after another; the last one for ever."""
    return lambda body, number: replies[min(number, len(replies) - 1)]


def read(catalog: Catalog, respond: Respond, cache: Path, *documents: Document, **changes: Any) -> Any:
    """What a language model reads of the documents; with the server and the model, to ask them what happened."""
    with serving_chat(respond) as server, Chat(settings(server, cache, **changes)) as chat:
        model = LanguageModel(chat)
        return list(Reader(catalog, model).extract_all(documents or [ORCA])), server, model


# ── what it says ────────────────────────────────────────────────────────────────────────────


def test_a_claim_is_read_resolved_and_marked(seed_catalog: Catalog, tmp_path: Path) -> None:
    [record], server, _ = read(seed_catalog, steps(answer([RIP_OFF])), tmp_path)
    [found] = record["claims"]
    assert (found["subject"]["id"], found["object"]["id"]) == ("tt0076504", "tt0073195")
    assert found["quote"] == TEXT[found["start"] : found["end"]] == "a shameless rip-off of Jaws"
    assert (found["relation"], found["stance"], found["confidence"]) == ("imitates", "negative", 0.9)
    assert found["extractor"] == "llm/tiny-1"
    assert "Jaws" in [film["title"] for film in record["films"]]
    assert server.paths == ["/v1/chat/completions"]


def test_the_request_asks_for_structured_output(seed_catalog: Catalog, tmp_path: Path) -> None:
    _, server, _ = read(seed_catalog, steps(answer([])), tmp_path)
    [body], [headers] = server.requests, server.headers
    assert body["model"] == "tiny-1" and body["temperature"] == 0
    assert (
        body["response_format"]["type"] == "json_schema" and body["response_format"]["json_schema"]["strict"]
    )
    assert headers["authorization"] == f"Bearer {KEY}"
    [shown] = server.excerpts(0)
    assert shown["reviewed"] == "Orca: The Killer Whale (1977)" and shown["text"] == TEXT


@pytest.mark.parametrize(
    "wrong",
    [
        RIP_OFF | {"quote": "a masterpiece that owes everything to Jaws"},
        RIP_OFF | {"quote": "a"},
        RIP_OFF | {"quote": "hameless rip-off of Jaw"},
        RIP_OFF | {"relation": "better_than"},
        RIP_OFF | {"confidence": 7},
        RIP_OFF | {"subject": {"kind": "person", "name": "Richard Harris", "year": None}},
        RIP_OFF | {"object": {"kind": "film", "name": "x" * 300, "year": None}},
        {"quote": TEXT},
        "Orca imitates Jaws",
    ],
    ids=["invented", "too short", "cut", "relation", "confidence", "subject", "name", "incomplete", "no claim"],
)  # fmt: skip
def test_what_does_not_stand_up_is_dropped(seed_catalog: Catalog, tmp_path: Path, wrong: Any) -> None:
    [record], _, model = read(seed_catalog, steps(answer([wrong, RIP_OFF])), tmp_path)
    assert len(record["claims"]) == 1 and model.dropped == 1
    assert "1 claims dropped" in model.report()


def test_a_quote_may_differ_in_spaces_and_quotation_marks_only(seed_catalog: Catalog, tmp_path: Path) -> None:
    document = Document("x", "It is “Jaws”\nwith paws – no more.", title="Orca", year=1977)
    told = claim("Orca (1977)", "follows_formula_of", "Jaws (1975)", 'It is "Jaws" with paws - no more')
    [record], _, _ = read(seed_catalog, steps(answer([told])), tmp_path, document)
    assert record["claims"][0]["quote"] == "It is “Jaws”\nwith paws – no more"


def test_a_short_title_means_the_film_of_that_year(seed_catalog: Catalog, tmp_path: Path) -> None:
    document = Document("x", "You can see it in every frame.", title="Piranha", year=1978)
    told = claim("Piranha (1978)", "inspired_by", "Orca (1977)", "You can see it in every frame")
    [record], _, _ = read(seed_catalog, steps(answer([told])), tmp_path, document)
    assert record["claims"][0]["object"]["id"] == "tt0076504"


def test_what_no_catalogue_knows_becomes_provisional(seed_catalog: Catalog, tmp_path: Path) -> None:
    told = claim("Orca (1977)", "adapted_from", "Blubber and Blood (1969)", "leased from a man", kind="work")
    [record], _, _ = read(seed_catalog, steps(answer([told])), tmp_path)
    assert record["claims"][0]["object"] == {
        "kind": "work",
        "name": "Blubber and Blood",
        "year": 1969,
        "id": None,
    }


# ── what goes wrong ─────────────────────────────────────────────────────────────────────────

GOOD = answer([RIP_OFF])


@pytest.mark.parametrize(
    "bad",
    [
        Reply(status=429, headers={"retry-after": "0.05"}),
        Reply(status=429, headers={"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}),
        Reply(status=500),
        Reply(status=503, body=b"<html>busy</html>"),
        Reply(content="Certainly! Here are the claims:"),
        Reply(content='{"excerpts": [{"n": 1, "claims": ['),
        Reply(content='{"excerpts": [{"n": 2, "claims": []}]}'),
        Reply(content='{"claims": []}'),
        Reply(content="[" * 20_000),
        Reply(body=b"not even JSON"),
        Reply(body=b'{"choices": []}'),
        Reply(content="null"),
    ],
    ids=["429", "429 until a date", "500", "503", "prose", "cut JSON", "other excerpt", "other shape", "deep",
         "no JSON", "no choice", "null"],
)  # fmt: skip
def test_a_bad_answer_is_asked_for_again(seed_catalog: Catalog, tmp_path: Path, bad: Reply) -> None:
    [record], server, _ = read(seed_catalog, steps(bad, GOOD), tmp_path)
    assert len(record["claims"]) == 1 and "incomplete" not in record
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "slow", [Reply(delay=2.0), Reply(content="x" * 400, trickle=0.02)], ids=["stall", "trickle"]
)
def test_a_slow_answer_is_given_up_and_asked_for_again(
    seed_catalog: Catalog, tmp_path: Path, slow: Reply
) -> None:
    started = time.monotonic()
    [record], server, _ = read(seed_catalog, steps(slow, GOOD), tmp_path, timeout=0.4)
    assert len(record["claims"]) == 1 and len(server.requests) == 2
    assert time.monotonic() - started < 5


def test_a_code_fence_is_no_harm(seed_catalog: Catalog, tmp_path: Path) -> None:
    fenced = Reply(content=f"```json\n{GOOD.content}\n```")
    [record], server, _ = read(seed_catalog, steps(fenced), tmp_path)
    assert len(record["claims"]) == 1 and len(server.requests) == 1


def test_what_is_never_answered_is_left_incomplete_and_the_rest_goes_on(
    seed_catalog: Catalog, tmp_path: Path
) -> None:
    def respond(body: dict[str, Any], number: int) -> Reply:
        shown = json.loads(body["messages"][-1]["content"])["excerpts"]
        if any("PIRANHA" in item["text"] for item in shown):
            return Reply(content="I would rather not.")
        return answer(*([RIP_OFF] for _ in shown))

    piranha = Document("piranha", "PIRANHA is a rip-off of Jaws.", id="2", title="Piranha", year=1978)
    records, _, model = read(seed_catalog, respond, tmp_path, ORCA, piranha)
    assert [("incomplete" in record, len(record["claims"])) for record in records] == [(False, 1), (True, 0)]
    assert model.unread == 1 and "1 excerpts left unread (the answer is no JSON" in model.report()


@pytest.mark.parametrize(("status", "hint"), [(401, "FILMGRAPH_LLM_KEY"), (404, "no such"), (400, "[key]")])
def test_what_will_never_work_ends_at_once_and_shows_no_key(
    seed_catalog: Catalog, tmp_path: Path, status: int, hint: str
) -> None:
    refusal = Reply(status=status, content=f"bad request with key {KEY}")
    with pytest.raises(ModelError) as caught:
        read(seed_catalog, steps(refusal), tmp_path)
    assert hint in str(caught.value) and str(status) in str(caught.value)
    assert KEY not in str(caught.value) and KEY not in repr(ModelSettings(key=KEY))


def test_an_endpoint_that_is_not_there_is_no_crash(seed_catalog: Catalog, tmp_path: Path) -> None:
    gone = ModelSettings(url="http://127.0.0.1:9/v1", model="tiny-1", retries=1, cache=tmp_path)
    with Chat(gone) as chat:
        record = Reader(seed_catalog, LanguageModel(chat)).extract(ORCA)
    assert record["incomplete"] and record["claims"] == []


def test_an_endpoint_that_stays_silent_is_not_asked_for_ever(seed_catalog: Catalog, tmp_path: Path) -> None:
    records, server, model = read(
        seed_catalog, steps(Reply(status=500)), tmp_path, *reviews(12), retries=0, concurrency=1
    )
    assert all(record["incomplete"] for record in records)
    assert len(server.requests) == GIVE_UP and "in a row unanswered" in model.report()


def test_a_wait_of_hours_is_not_waited_for(seed_catalog: Catalog, tmp_path: Path) -> None:
    busy = Reply(status=429, headers={"retry-after": "7200"})
    [record], server, _ = read(seed_catalog, steps(busy), tmp_path)
    assert record["incomplete"] and len(server.requests) == 1


def test_optional_parameters_that_an_endpoint_refuses_are_left_out(
    seed_catalog: Catalog, tmp_path: Path
) -> None:
    def respond(body: dict[str, Any], number: int) -> Reply:
        if "max_tokens" in body:
            return Reply(status=400, content="'max_tokens' is not supported, use 'max_completion_tokens'")
        return answer([RIP_OFF])

    [record], server, _ = read(seed_catalog, respond, tmp_path)
    assert len(record["claims"]) == 1
    assert server.requests[-1]["max_completion_tokens"] == server.requests[0]["max_tokens"]


# ── what it costs ───────────────────────────────────────────────────────────────────────────


def test_what_was_answered_is_never_asked_again(seed_catalog: Catalog, tmp_path: Path) -> None:
    first, _, _ = read(seed_catalog, steps(GOOD), tmp_path)
    second, server, model = read(seed_catalog, steps(Reply(status=500)), tmp_path)
    assert second == first and server.requests == [] and model.cached == 1


def test_another_model_is_asked_anew(seed_catalog: Catalog, tmp_path: Path) -> None:
    read(seed_catalog, steps(GOOD), tmp_path)
    _, server, _ = read(seed_catalog, steps(GOOD), tmp_path, model="tiny-2")
    assert len(server.requests) == 1


def test_a_damaged_cache_is_asked_again(seed_catalog: Catalog, tmp_path: Path) -> None:
    read(seed_catalog, steps(GOOD), tmp_path)
    [file] = tmp_path.rglob("*.json")
    file.write_text('{"claims": [')
    [record], server, _ = read(seed_catalog, steps(GOOD), tmp_path)
    assert len(record["claims"]) == 1 and len(server.requests) == 1


def reviews(count: int) -> list[Document]:
    filler = "The tank was leased from a man in Malta. " * 100
    return [
        Document(f"{n}", f"{TEXT} Take {n}. {filler}", id=str(n), title="Orca", year=1977)
        for n in range(count)
    ]


def test_tokens_are_counted_and_capped_and_a_run_resumes(seed_catalog: Catalog, tmp_path: Path) -> None:
    def respond(body: dict[str, Any], number: int) -> Reply:
        reply = answer(*([RIP_OFF] for _ in json.loads(body["messages"][-1]["content"])["excerpts"]))
        reply.usage = {"prompt_tokens": 3000, "completion_tokens": 100}
        return reply

    documents = reviews(6)
    first, server, model = read(
        seed_catalog, respond, tmp_path, *documents, max_tokens=13_000, price=(1.0, 10.0)
    )
    asked = len(server.requests)
    assert 1 <= asked < 6 and model._chat.spent.tokens == asked * 3100 <= 13_000
    assert sum("incomplete" in record for record in first) == 6 - asked
    assert f"cost {asked * 0.004:.4f}" in model.report() and "cap on tokens" in model.report()
    second, again, _ = read(seed_catalog, respond, tmp_path, *documents)
    assert len(again.requests) == 6 - asked and all(len(record["claims"]) == 1 for record in second)


def test_a_cap_on_cost_needs_a_price(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="FILMGRAPH_LLM_PRICE"):
        Chat(ModelSettings(model="tiny-1", max_cost=1.0))


def test_several_short_reviews_share_a_prompt(seed_catalog: Catalog, tmp_path: Path) -> None:
    documents = [Document(f"{n}", f"{TEXT} Take {n}.", title="Orca", year=1977) for n in range(5)]
    records, server, _ = read(seed_catalog, steps(answer(*[[RIP_OFF]] * 5)), tmp_path, *documents)
    assert len(server.requests) == 1 and [len(record["claims"]) for record in records] == [1] * 5


def test_a_long_review_is_read_in_pieces(seed_catalog: Catalog, tmp_path: Path) -> None:
    text = "The tank was leased from a man in Malta. " * 700 + TEXT

    def respond(body: dict[str, Any], number: int) -> Reply:
        return answer(*([RIP_OFF] for _ in json.loads(body["messages"][-1]["content"])["excerpts"]))

    [record], server, _ = read(seed_catalog, respond, tmp_path, Document("x", text, title="Orca", year=1977))
    pieces = [item["text"] for number in range(len(server.requests)) for item in server.excerpts(number)]
    assert len(pieces) == 3 and all(len(piece) <= 12_000 for piece in pieces)
    assert len(record["claims"]) == 1 and record["claims"][0]["start"] > 28_000


# ── the cascade ─────────────────────────────────────────────────────────────────────────────

VAGUE = "The whale would not be there without Jaws, whatever the producer says."


def cascade(
    catalog: Catalog, respond: Respond, cache: Path, *documents: Document, **changes: Any
) -> tuple[list[dict[str, Any]], ChatServer]:
    with serving_chat(respond) as server, Chat(settings(server, cache, **changes)) as chat:
        reader = Reader(catalog, Cascade(Rules(), LanguageModel(chat)))
        return list(reader.extract_all(documents)), server


def unsure_document(reader: Reader) -> Document:
    """A review with one sure sentence, far from one of which the rules are unsure."""
    filler = "The tank was leased from a man in Malta. " * 12
    document = Document("x", f"{TEXT} {filler} {VAGUE}", title="Orca", year=1977)
    passage = reader.link(document).passage
    unsure = unsure_sentences(passage, Rules())
    assert unsure == [len(passage.sentences) - 1], "the sample is not as unsure as this test needs"
    return document


def test_only_what_is_unsure_is_asked(seed_catalog: Catalog, seed_reader: Reader, tmp_path: Path) -> None:
    document = unsure_document(seed_reader)
    told = claim("Orca (1977)", "inspired_by", "Jaws (1975)", "would not be there without Jaws")
    [record], server = cascade(seed_catalog, steps(answer([told])), tmp_path, document)
    [shown] = server.excerpts(0)
    assert VAGUE in shown["text"] and "shameless" not in shown["text"] and len(shown["text"]) < 200
    found = {(item["relation"], item.get("extractor", "rules")) for item in record["claims"]}
    assert {("imitates", "rules"), ("inspired_by", "llm/tiny-1")} <= found


def test_a_sure_review_costs_nothing(seed_catalog: Catalog, seed_reader: Reader, tmp_path: Path) -> None:
    sure = Document("x", "The tank was leased from a man in Malta.", title="Orca", year=1977)
    [record], server = cascade(seed_catalog, steps(Reply(status=500)), tmp_path, sure)
    assert server.requests == [] and "incomplete" not in record


def test_without_an_answer_the_rules_stand(
    seed_catalog: Catalog, seed_reader: Reader, tmp_path: Path
) -> None:
    document = unsure_document(seed_reader)
    [record], _ = cascade(seed_catalog, steps(Reply(status=500)), tmp_path, document, retries=0)
    expected = seed_reader.extract(document)
    assert record["incomplete"] and record["claims"] == expected["claims"]


# ── into the graph ──────────────────────────────────────────────────────────────────────────


def test_an_incomplete_review_is_read_again_by_the_next_run(seed_catalog: Catalog, tmp_path: Path) -> None:
    with open_store(str(tmp_path / "graph.db")) as store:
        store.import_entities(seed_catalog, source="seed")
        with (
            serving_chat(steps(Reply(status=500))) as server,
            Chat(settings(server, tmp_path, retries=0)) as chat,
        ):
            progress = ingest([ORCA], store, Reader(seed_catalog, LanguageModel(chat)))
        assert (progress.read, progress.unread, store.stats()["reviews"]) == (0, 1, 0)
        with serving_chat(steps(GOOD)) as server, Chat(settings(server, tmp_path)) as chat:
            progress = ingest([ORCA], store, Reader(seed_catalog, LanguageModel(chat)))
            again = ingest([ORCA], store, Reader(seed_catalog, LanguageModel(chat)))
        assert (progress.read, progress.unread, progress.claims) == (1, 0, 1)
        assert (again.read, again.known, len(server.requests)) == (0, 1, 1)
        assert store.verify() == []


def test_readers_that_agree_are_believed_more(seed_catalog: Catalog, tmp_path: Path) -> None:
    bold = Rules(min_confidence=0.15)
    document = Document("x", "You can see Jaws in every frame of it.", title="Orca", year=1977)
    [unsure] = [item for item in Reader(seed_catalog, bold).read(document).evidence if item.confidence < 0.9]
    relation, polarity = unsure.claim.relation.value, unsure.polarity.value
    confirms = answer([claim("Orca (1977)", relation, "Jaws (1975)", "You can see Jaws", polarity=polarity)])
    with open_store(str(tmp_path / "graph.db")) as store:
        store.import_entities(seed_catalog, source="seed")
        with serving_chat(steps(confirms)) as server, Chat(settings(server, tmp_path)) as chat:
            ingest([document], store, Reader(seed_catalog, Cascade(bold, LanguageModel(chat))))
        told = [record.evidence for record in store.evidence([unsure.claim.id])[unsure.claim.id]]
        assert {item.provenance.extractor for item in told} == {"rules", "llm/tiny-1"}
        both = believe([(item, "ann") for item in told])
        assert both.value > max(believe([(item, "ann")]).value for item in told) and both.voices_for == 1
        assert store.verify() == []


# ── one contract for whoever reads ──────────────────────────────────────────────────────────


def respond_to_all(body: dict[str, Any], number: int) -> Reply:
    shown = json.loads(body["messages"][-1]["content"])["excerpts"]
    return answer(*([RIP_OFF] if "shameless rip-off of Jaws" in item["text"] else [] for item in shown))


@pytest.fixture(params=["rules", "llm", "cascade"])
def extractor(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "rules":
        yield Rules()
        return
    with serving_chat(respond_to_all) as server, Chat(settings(server, tmp_path)) as chat:
        model = LanguageModel(chat)
        yield model if request.param == "llm" else Cascade(Rules(), model)


def test_every_extractor_keeps_the_contract(
    seed_catalog: Catalog, seed_reader: Reader, extractor: Extractor
) -> None:
    reader = Reader(seed_catalog, extractor)
    documents = [ORCA, Document("empty", "Fine."), *reviews(2)]
    texts = [reader.link(document) for document in documents]
    extracted = extractor.extract(texts, explain=True)
    assert len(extracted) == len(documents)
    for text, extractions in zip(texts, extracted, strict=True):
        for extraction in extractions:
            assert extraction.by.extractor and extraction.by.version
            for found in extraction.found:
                assert text.entity(found.subject.entity) and text.entity(found.object.entity)
                assert 0 <= found.start < found.end <= len(text.document.text)
                assert 0 <= found.confidence <= 1 and found.reasons
    assert list(reader.extract_all(documents)) == list(reader.extract_all(documents)), "not repeatable"
    readings = list(reader.read_all(documents))
    assert all(item.quote == ORCA.text[item.start : item.end] for item in readings[0].evidence)
    assert (
        readings[0].evidence and readings[1].evidence == () and all(reading.complete for reading in readings)
    )
    assert extractor.version in reader.version
