"""Denials and hedges, by the clause."""

import re

import pytest

from filmgraph.model import Polarity
from filmgraph.polarity import polarity_of

N, H, A = Polarity.NEGATED, Polarity.HEDGED, Polarity.ASSERTED


def read(sentence: str, after: str = "") -> Polarity:
    """The polarity of the word in brackets."""
    words = re.findall(r"[\w'\[\]-]+|[^\w\s]", sentence.lower())
    at = next(n for n, word in enumerate(words) if word.startswith("["))
    words[at] = words[at].strip("[]")
    return polarity_of(words, at, at + 1, re.findall(r"[\w'-]+|[^\w\s]", after.lower()))


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Orca is a [rip-off] of Jaws.", A),
        ("Orca is not a [rip-off] of Jaws.", N),
        ("This isn't really a [remake] at all.", N),
        ("It is in no way a [sequel] to the first film.", N),
        ("I don't think that it is a [copy] of anything.", N),
        ("Far from being a mere [clone], it finds its own voice.", N),
        ("It wins us over without becoming a [pastiche].", N),
        ("It is a [sequel] in name only.", N),
        ("It owes [nothing] to Hitchcock and has nothing to do with him.", N),
        ("It was originally conceived as a [sequel].", N),
        ("Not only a [remake], but a better film.", A),
        ("No doubt it was [inspired] by Alien.", A),
        ("You can't help but see a [homage] here.", A),
        ("It would not exist without the [influence] of Metropolis.", A),
        ("The acting is not bad, and it is a fine [remake].", A),
        ("I never liked the lead; this is a [clone].", A),
        ("It is nothing more than a [rip-off].", A),
        ("The script seems [inspired] by Rashomon.", H),
        ("Perhaps it is a [homage] to silent comedy.", H),
        ("It may well be a [parody] of westerns.", H),
        ("Is this a [remake] of the silent film?", H),
        ("It is a wonderful [tribute] to slapstick.", A),
        ("It is not at all a [sequel] to the first one.", N),
        ("I have not seen the original, so this [remake] stands alone.", A),
        ("Films like these do not need a [sequel].", A),
        ("It would be good if it wasn't a [sequel] to a classic.", A),
        ("It should never have been a [sequel] to that film.", A),
        ("It is her much-maligned [follow-up] to a hit.", A),
        ("It was unjustly maligned as a [rip-off].", N),
        ("I am not a fan of this [remake].", A),
        ("If this isn't a [rip-off] of Psycho, nothing is.", A),
        ("If that's not a shameless [copy] of Alien, then I don't know what is.", A),
        ("If it isn't a [sequel], what is the number for?", N),
        ("The plot is not too far from a [copy] of that classic.", A),
        ("It is not exactly itself a great [sequel].", A),
        ("Whenever it matters, avoid the [sequel].", A),
        ("This doesn't make it a [clone] of anything.", N),
        ("Do not expect a [rehash] of the first part.", N),
        ("Some criticize it as a [rip-off] of an older play.", N),
        ("There is a misunderstanding about it being a [rip-off].", N),
        ("It has bugger all to do with the [sequel].", N),
        ("To call it a [rip-off] is rather misleading.", N),
        ("To call it a [remake] would be an injustice.", N),
        ("I sincerely doubt that the director [copied] that play.", N),
        ("We had hoped that this might be a [remake] of the classic.", N),
        ("It could easily have been nothing more than a [homage] to his uncle.", N),
        ("The plot is no different from a [copy] of that classic.", A),
        ("The film makes no bones about [copying] the classics.", A),
        ("It was never more than a [copy] of the classics.", A),
        ("There was no reason to [remake] the silent one.", A),
        ("This isn't much of a [sequel].", A),
        ("I was not able to relate to the [spoof] of westerns.", A),
        ("This clumsy [sequel] has nothing to do with the book.", A),
        ("Perhaps the oddest fact is that it is a [sequel].", A),
        ("This is possibly one of the worst [sequels] of the decade.", A),
        ("If you liked that one, you might enjoy this [variation] on it.", A),
        ("I wonder how they could make a [sequel] to a film so final.", A),
        ("She seemed more at home in the [sequel].", A),
        ("Do you want to see another [remake] of it?", A),
        ("Does it lose points for being a [remake] of a classic?", A),
        ("It feels like a [cross] between a western and a dream.", A),
        ("It looks like they [stole] the ending from an older play.", H),
        ("It is as if they had [copied] the first half of an opera.", H),
        ("It appears that the writer was [influenced] by Kafka.", H),
        ("It was supposed to be a [remake] of a silent film.", H),
        ("Some will call it a [rip-off].", H),
        ("I could not tell if it was trying to be a [homage] to the silents.", H),
        ("The shoot-out (did he [borrow] it from that silent film?) is the best part.", H),
        ("The last shot (a [tribute] to Ozu?) is lovely.", H),
        ("A [homage] to silent comedy, perhaps.", H),
        ("The main [influence] appears to have been the circus.", H),
        ("I did not care for this lame [sequel].", A),
        ("I never liked Whale's [adaptation] of the play.", A),
        ("It does not do the slightest justice to its famous [source].", A),
        ("I hoped that this belated [sequel] might be watchable.", A),
        ("This supposed [sequel] has other characters.", H),
        ("This is not a [sequel] to anything.", N),
        ("That isn't Whale's [homage] to anyone.", N),
        ("It is supposedly [based] on an old play.", H),
        ("It should have been [based] on the play instead.", N),
        ("If only it had [copied] the better of the two.", N),
        ("It is not in the [tradition] of the great westerns.", N),
        ("I don't see how anyone can call it a [rip-off] of Jaws.", N),
        ("Before you dismiss it as a [clone], look at the dates.", N),
        ("It feels less like a [remake] than a new reading of the play.", N),
        ("It could have passed as a [prequel] to the western.", N),
        ("The title tricks us into expecting a [sequel].", N),
        ("Many feel that it is a [copy] of the show, I think quite the opposite.", N),
        ("I thought it would be a [clone] of Jaws until I saw the date.", N),
        ("What looks like a cheap [clone] of Jaws is a moving film.", H),
        ("They say it is a [remake] of a silent film.", H),
        ("The poster would have you believe that it is a [cross] between two classics.", H),
        ("I can only imagine that they [copied] it from a serial.", H),
        ("The slow start has nothing to do with the film, a [remake] of a western.", A),
        ("It follows virtually the [same] plot.", A),
        ("It is virtually a [remake] of the western.", H),
        ("It should have primarily been a [parody] of westerns.", N),
        ("It would be livelier if they had just [copied] the first one.", N),
        ("It looks as if they had just [copied] the first one.", H),
        ("A film so bad does not merit any [sequels].", A),
        ("They are not even ashamed to admit that they [copied] a western.", A),
        ("The plot was not worth a [sequel].", A),
        ("The first one (not the silly [remake]) is a comedy.", A),
        ("I am not looking forward to his [spoof] of a western.", A),
        ("I know that no film [adaptation] is ever like its novel.", A),
        ("This is not the way a [remake] should be.", A),
        ("Nobody is right who says that we shouldn't compare an [adaptation] to its novel.", A),
        ("Avoid this twisted movie [adaptation] at any price.", A),
        ("I can't stand all these Tarantino [wannabes].", A),
        ("What it does not [steal] from a western, it makes up.", A),
        ("If you want a film that [takes] from four others, here it is.", A),
        ("You wanted a film that [takes] from four others.", N),
        ("It is not a very cheap [sequel].", A),
        ("It has nothing to do with the first part and is a [copy] of a western.", A),
        ("It won't be as bad as the [rehash] of that western.", A),
        ("I thought of it as a cheap [rip-off] of a western, but then I saw the date.", N),
        ("I had expected a far more faithful [adaptation].", A),
        ("It could have been a great [sequel].", A),
        ("Perhaps people did not like this about the [sequel].", A),
        ("It is perhaps the [sequel] that they had planned.", H),
        ("Those who never listen to him will see that it is [based] on a tale.", A),
        ("Don't go thinking that it is a [clone] of a western.", N),
        ("It is a tribute and not a poor effort at a [copy] of a western.", N),
        ("It was touted as a [sequel] to a western.", H),
        ("I pity the people who call this a [rip-off] of a western.", H),
        ("I assumed that it was a [sequel] to the western and found out it wasn't.", N),
        ("Some say a lot against it; that it is a [copy] of a western.", H),
        ("One reviewer said that it [copied] a western.", H),
        ("As other reviewers have said, it [copies] a western.", A),
    ],
)
def test_polarity(sentence: str, expected: Polarity) -> None:
    assert read(sentence) is expected


def test_the_next_sentence_may_doubt_it() -> None:
    assert read("They tell me it is a [clone] of Alien.", "Well, maybe it is.") is H


def test_the_next_sentence_may_take_it_back() -> None:
    assert read("Everyone told me it was a [clone] of Alien.", "Nope.") is N
    assert read("Everyone told me it was a [clone] of Alien.", "They were right.") is A
