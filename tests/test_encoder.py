"""The second reading: sentences as tokens, and what the trained encoder makes of them."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from filmgraph.candidates import Pair, pairs
from filmgraph.claims import extract_claims, load_models, weigh
from filmgraph.encoder import KINDS, REVIEWED, TRAITS, Pieces, load_encoder, question
from filmgraph.errors import FilmgraphError
from filmgraph.passages import Passage
from passages import ORCA, mentioned

WORDS = [
    "[CLS]",
    "[SEP]",
    "[UNK]",
    "it",
    "is",
    "a",
    "rip",
    "-",
    "off",
    "of",
    ".",
    "i",
    "liked",
    "##d",
    "like",
]
PIECES = Pieces({piece: number for number, piece in enumerate([*WORDS, *KINDS])})


def anchored(passage: Passage, number: int) -> list[Pair]:
    return [pair for pair in pairs(passage) if pair.anchor.sentence == number]


def said(passage: Passage, number: int) -> str:
    names = list(PIECES)
    return " ".join(names[token] for token in question(passage, number, [], PIECES).tokens)


def test_a_mention_is_one_token_that_tells_what_it_means() -> None:
    passage = mentioned("Orca is a rip-off of Jaws.", ORCA)
    assert said(passage, 0) == "[CLS] [reviewed] [reviewed] is a rip - off of [earlier] . [SEP]"


def test_the_sentence_before_is_read_too() -> None:
    passage = mentioned("I liked Halloween. It is a rip-off of Jaws.", ORCA)
    told = said(passage, 1)
    assert told == "[CLS] [reviewed] i liked [later] . [SEP] it is a rip - off of [earlier] . [SEP]"


def test_words_are_cut_into_the_longest_pieces_and_unknown_ones_marked() -> None:
    passage = mentioned("I disliked Jaws. I likedd Jaws.", ORCA)
    assert said(passage, 0) == "[CLS] [reviewed] i [UNK] [earlier] . [SEP]"
    assert said(passage, 1).endswith("[SEP] i liked ##d [earlier] . [SEP]")


def test_pairs_know_the_places_of_their_ends() -> None:
    passage = mentioned("It is a rip-off of Jaws.", ORCA)
    asked = question(passage, 0, anchored(passage, 0), PIECES)
    names = list(PIECES)
    assert list(asked.subjects) == [REVIEWED]
    assert [names[asked.tokens[place]] for place in asked.objects] == ["[earlier]"]
    assert all(0 <= trait < size for trait, size in zip(asked.traits[0], TRAITS, strict=True))


def test_chances_add_up_and_hardly_depend_on_the_other_pairs() -> None:
    passage = mentioned("Piranha, a rip-off of Jaws, is a far cry from Psycho.", ORCA)
    asked = anchored(passage, 0)
    together = load_encoder().read(passage, 0, asked)
    assert len(asked) > 2 and together == load_encoder().read(passage, 0, asked)
    for pair, opinion in zip(asked, together, strict=True):
        alone = load_encoder().read(passage, 0, [pair])[0]
        for told, again in (
            (opinion.classes, alone.classes),
            (opinion.relations, alone.relations),
            (opinion.stances, alone.stances),
        ):
            assert sum(told.values()) == pytest.approx(1, abs=0.01)
            assert told == pytest.approx(again, abs=0.05)


def test_only_sentences_with_a_chance_of_a_claim_are_read_again() -> None:
    passage = mentioned("It is a rip-off of Jaws. He starred in Psycho.", ORCA)
    models = load_models()
    asked = {
        item.pair.anchor.sentence: item.opinion is not None
        for item in weigh(passage, models.decision, models.encoder)
    }
    assert asked == {0: True, 1: False}


def test_the_second_reading_is_among_the_reasons() -> None:
    passage = mentioned("It is a rip-off of Jaws.", ORCA)
    found = extract_claims(passage, load_models(), explain=True)
    assert "second reading" in dict(found[0].reasons)


def test_a_missing_encoder_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(FilmgraphError, match="make train-encoder"):
        load_encoder(tmp_path / "nowhere.onnx")


def test_sent_to_another_process_it_holds_the_same() -> None:
    passage = mentioned("Orca is a rip-off of Jaws.", ORCA)
    asked = anchored(passage, 0)
    other = pickle.loads(pickle.dumps(load_encoder()))
    assert other.read(passage, 0, asked) == load_encoder().read(passage, 0, asked)
