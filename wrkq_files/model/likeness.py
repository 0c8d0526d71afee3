"""How likely two tasks are the same one, by their words.

Texts are sets of words, weighted by their rarity (Spärck Jones, J. Documentation 28, 1972), and as alike as the
cosine between them says (Salton, Wong and Yang, Comm. ACM 18, 1975):

    rarity(w) = ln((tasks + 1) / tasks with w)
    cosine(a, b) = sum of rarity(w)² over w in both / sqrt(sum of rarity(w)² over a · the same over b)

A number in a title is a word that only tells apart: dates, and releases, bring no tasks together, so what both have
is left out. The words that a text begins with, and the labels, can only add to what the titles say, and half as much:
two people seldom tell of one thing in the same words, and templates make many texts alike.

    score = 1 - (1 - cosine of the titles) · (1 - cosine of the texts / 2)
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Final, NamedTuple

SAME_TITLE: Final = "same title"
SAME_SOURCE: Final = "same source"

_WORD: Final = re.compile(r"[^\W_]+")
_COMMON: Final = """
a an and are as at be but by can cannot do does for from has have how if in into is it its may no not of on or our
should so than that the their them then there these they this to too was we what when where which who why will with
you your
"""
_COMMON_WORDS: Final = frozenset(_COMMON.split())
_HISSED: Final = ("ches", "shes", "sses", "xes", "zzes")
#: What the text counts beside the title.
_TEXT: Final = 0.5
#: A word, or two together, that more tasks have in their titles brings none of them together.
_MOST: Final = 50
#: Of longer titles so many of the rarest words are looked at.
_RAREST: Final = 8
#: So many of the words that two tasks share are named.
_NAMED: Final = 6


class Words(NamedTuple):
    """One task: its title, the words and the numbers in that, and the words of its text and labels.

    ``source`` is where it came from.
    """

    title: str
    in_title: frozenset[str]
    numbers: frozenset[str] = frozenset()
    in_text: frozenset[str] = frozenset()
    source: str = ""


class Pair(NamedTuple):
    """Two of the tasks, by their numbers: ``first`` is the later one. ``score`` is from 0 to 1."""

    score: float
    first: int
    second: int


def of_task(title: str, text: str = "", source: str = "") -> Words:
    numbers = frozenset(word for word in _WORD.findall(title) if word.isdecimal())
    return Words(" ".join(title.casefold().split()), words(title), numbers, words(text), source)


def words(text: str) -> frozenset[str]:
    """The words of a text that say something, without case and plural; no numbers."""
    return frozenset(filter(None, map(_stem, _WORD.findall(text.casefold()))))


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    """The S stemmer (Harman, J. Am. Soc. Inf. Sci. 42, 1991), and `-es` after a hiss taken off whole.

    Empty for numbers, and for what stands in every text.
    """
    if word in _COMMON_WORDS or word.isdecimal():
        return ""
    if len(word) > 4 and word.endswith("ies") and word[-4] not in "ae":
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(_HISSED):
        return word[:-2]
    if len(word) > 3 and word.endswith("es") and word[-3] not in "aeo":
        return word[:-1]
    if len(word) > 3 and word.endswith("s") and word[-2] not in "us":
        return word[:-1]
    return word


def rarities(counts: Mapping[str, int], total: int) -> dict[str, float]:
    """By word, what it weighs; ``counts``: in how many of ``total`` tasks it stands."""
    return {word: math.log((total + 1) / count) for word, count in counts.items() if count}


class Comparison:
    """Compares tasks, which are known by their numbers in a sequence.

    Words weigh as much as they are rare in these tasks, unless ``weight`` says it. A word that it lacks is a usual
    one: where it is empty, all words count the same.
    """

    def __init__(self, tasks: Sequence[Words], weight: Mapping[str, float] | None = None) -> None:
        self._tasks = tasks
        if weight is None:
            weight = rarities(Counter(word for each in tasks for word in each.in_title | each.in_text), len(tasks))
        self._weight = weight
        usual = sum(weight.values()) / len(weight) if weight else 1.0
        self._usual = usual * usual
        self._squares = {word: each * each for word, each in weight.items()}
        self._titles = [self._sum(each.in_title) for each in tasks]
        self._roots = [math.sqrt(each) for each in self._titles]
        self._texts = [self._sum(each.in_text) for each in tasks]

    def pairs(self, least: float, is_known: Collection[tuple[int, int]] = ()) -> list[Pair]:
        """The pairs with a score of ``least`` or more, best first. ``is_known``: those that are left out.

        Of tasks with one title, or one source, each is paired with the first of them, and with no other one by its
        words: many have been made from one template. The titles have to say half of ``least`` at the least.
        """
        found = dict.fromkeys((pair for pair in _same(self._tasks) if pair not in is_known), 1.0)
        leaders = sorted({*_leaders([each.title for each in self._tasks]).values()})
        for first, near in _candidates(self._tasks, leaders):
            for second in self._alike(first, near, least / 2):
                pair = (first, second)
                if pair in found or pair in is_known:
                    continue
                score = self.score(first, second)
                if score >= least:
                    found[pair] = score
        listed = [Pair(score, *pair) for pair, score in found.items()]
        return sorted(listed, key=lambda each: (-each.score, each.second, each.first))

    def titles(self, first: int, second: int) -> float:
        """How alike two titles are, from 0 to 1."""
        one, other = self._tasks[first], self._tasks[second]
        shared = self._sum(one.in_title & other.in_title)
        if not shared:
            return 0.0
        square = self._titles[first] * self._titles[second]
        if one.numbers != other.numbers:
            square = (self._titles[first] + self._usual * len(one.numbers - other.numbers)) * (
                self._titles[second] + self._usual * len(other.numbers - one.numbers)
            )
        return min(shared / math.sqrt(square), 1.0)

    def score(self, first: int, second: int) -> float:
        """How likely two tasks are the same one, from 0 to 1."""
        return 1 - (1 - self.titles(first, second)) * (1 - _TEXT * self._in_texts(first, second))

    def why(self, pair: Pair) -> str:
        """What the two share: a title, a source, or words; those of the titles first, and of these the rarest."""
        one, other = self._tasks[pair.first], self._tasks[pair.second]
        if one.title == other.title:
            return SAME_TITLE
        if one.source and one.source == other.source:
            return SAME_SOURCE
        in_titles = one.in_title & other.in_title
        shared = [in_titles, (one.in_text & other.in_text) - in_titles]
        named = [word for each in shared for word in sorted(each, key=lambda word: (-self._weight[word], word))]
        return ", ".join(named[:_NAMED])

    def _alike(self, first: int, near: Iterable[int], least: float) -> Iterator[int]:
        """Those whose titles are as alike as that, whatever numbers they have; this is asked of very many."""
        square_of, tasks, roots = self._squares.__getitem__, self._tasks, self._roots
        one, limit = tasks[first].in_title, least * roots[first]
        for second in near:
            if sum(map(square_of, one & tasks[second].in_title)) >= limit * roots[second]:
                yield second

    def _in_texts(self, first: int, second: int) -> float:
        shared = self._sum(self._tasks[first].in_text & self._tasks[second].in_text)
        return shared / math.sqrt(self._texts[first] * self._texts[second]) if shared else 0.0

    def _sum(self, chosen: Iterable[str]) -> float:
        try:
            return sum(map(self._squares.__getitem__, chosen))
        except KeyError:
            return sum(self._squares.get(word, self._usual) for word in chosen)


def _leaders(names: Sequence[str]) -> dict[str, int]:
    """By name, the number of the first that has it."""
    return {name: number for number, name in reversed([*enumerate(names)]) if name}


def _same(tasks: Sequence[Words]) -> Iterator[tuple[int, int]]:
    """Each task that has the title, or the source, of an earlier one, with the first that has it."""
    for names in [each.title for each in tasks], [each.source for each in tasks]:
        leaders = _leaders(names)
        for number, name in enumerate(names):
            if leaders.get(name, number) != number:
                yield number, leaders[name]


def _candidates(tasks: Sequence[Words], numbers: Sequence[int]) -> Iterator[tuple[int, set[int]]]:
    """By task, the earlier ones that share a rare word of their titles, or two that are rare together."""
    counts = Counter(word for number in numbers for word in tasks[number].in_title)
    keys = {number: _keys(tasks[number].in_title, counts) for number in numbers}
    often = Counter(key for each in keys.values() for key in each)
    having: dict[object, list[int]] = defaultdict(list)
    for number in numbers:
        near: set[int] = set()
        for key in keys[number]:
            if often[key] <= _MOST:
                near.update(having[key])
                having[key].append(number)
        yield number, near


def _keys(title: Collection[str], counts: Mapping[str, int]) -> list[object]:
    rarest = sorted(title, key=lambda word: (counts[word], word))[:_RAREST]
    often = [word for word in rarest if counts[word] > _MOST]
    return [*rarest[: len(rarest) - len(often)], *combinations(often, 2)]
