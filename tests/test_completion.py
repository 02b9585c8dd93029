"""Names across documents: what is completed, what is left alone, and why."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from research.completion import Completion, Names, _Index, _is_same, _Key
from research.documents import Document
from research.explanation import (
    ask_all,
    complete_questions,
    complete_sightings,
    find_sightings,
    gather_people,
    say_found,
)
from research.extraction import DocumentResult, ExtractionConfig, extract_corpus, extract_quotes, extract_rows
from research.identity import Named

ALONE = ExtractionConfig(use_reader=False, known_people=False, complete_names=False)
TOGETHER = replace(ALONE, complete_names=True)


def full(first: str, last: str, **more: object) -> Named:
    return Named(name=f"{first} {last}", words=(first, last), given=frozenset([first.lower()]), **more)  # type: ignore[arg-type]


def bare(last: str, *titles: str, gender: str | None = None) -> Named:
    return Named(name=last, words=(last,), titles=frozenset(titles), gender=gender)


def ask(person: Named, corpus: list[list[Named]], article: list[Named] | None = None) -> str | None:
    names = Names()
    for people in corpus:
        names.add(people)
    found = names.complete(person, article or [person])
    return found.name if found else None


ANN, BO = full("Ann", "Lee", gender="female"), full("Bo", "Lee", gender="male")
PRESIDENT = full("Ann", "Lee", roles=frozenset(["president"]))


@pytest.mark.parametrize(
    ("person", "corpus", "name"),
    [
        pytest.param(bare("Lee"), [[ANN]] * 2, "Ann Lee", id="two articles spell it out"),
        pytest.param(bare("Lee"), [[ANN]], None, id="one article is not enough"),
        pytest.param(bare("Lee"), [[ANN, ANN]], None, id="an article counts once"),
        pytest.param(bare("Lee"), [[ANN]] * 9 + [[BO]], None, id="two of a name"),
        pytest.param(bare("Lee"), [[ANN]] * 10 + [[BO]], "Ann Lee", id="one of them by far the better known"),
        pytest.param(bare("Lee", "mrs", gender="female"), [[ANN, BO]] * 2, "Ann Lee", id="her title tells"),
        pytest.param(bare("Lee", "mr", gender="male"), [[ANN]] * 20, None, id="his title contradicts"),
        pytest.param(bare("Lee", "president"), [[ANN]] * 20, None, id="an office that nobody gives her"),
        pytest.param(bare("Lee", "pres"), [[PRESIDENT], [ANN, BO], [BO]], "Ann Lee", id="an office that tells"),
        pytest.param(bare("Ray"), [[ANN]] * 20, None, id="another surname"),
        pytest.param(full("Bo", "Lee"), [[ANN]] * 20, None, id="a full name stays"),
        pytest.param(replace(bare("Lee"), speaker_id="bo-lee"), [[ANN]] * 20, None, id="a known person stays"),
    ],
)
def test_a_bare_surname(person: Named, corpus: list[list[Named]], name: str | None) -> None:
    assert ask(person, corpus) == name


def test_somebody_the_article_keeps_apart_is_not_meant() -> None:
    assert ask(bare("Lee"), [[ANN]] * 20, article=[bare("Lee"), ANN]) is None
    assert ask(bare("Lee"), [[ANN]] * 20 + [[BO]] * 2, article=[bare("Lee"), ANN]) == "Bo Lee"


@pytest.mark.parametrize(
    ("words", "other", "same"),
    [
        (("James", "Comey"), ("James", "B.", "Comey"), True),
        (("George", "W.", "Bush"), ("George", "H.", "W.", "Bush"), False),
        (("Donald", "Trump"), ("Donald", "Trump", "Jr."), False),
        (("José", "Núñez"), ("Jose", "Nunez"), True),
    ],
)
def test_spellings_of_one_person_count_together(words: tuple[str, ...], other: tuple[str, ...], same: bool) -> None:
    given = frozenset(["jose" if words[0] == "José" else words[0].lower()])
    spelled = [Named(name=" ".join(each), words=each, given=given) for each in (words, other)]
    found = ask(bare(words[-1]), [[each] for each in spelled])
    assert (found is not None) == same


ZELENSKY = full("Volodymyr", "Zelensky")
BUSH, W, H = (
    Named(name=" ".join(words), words=words, given=frozenset(["george"]))
    for words in (("George", "Bush"), ("George", "W.", "Bush"), ("George", "H.", "W.", "Bush"))
)


@pytest.mark.parametrize(
    ("person", "corpus", "name"),
    [
        (full("Volodymyr", "Zelenskyy"), [[ZELENSKY]] * 2, "Volodymyr Zelensky"),
        (full("Olena", "Zelenska"), [[ZELENSKY]] * 2, None),
        (full("Oleksandr", "Zelenskiy"), [[ZELENSKY]] * 2, None),
        (full("Dmitri", "Ray"), [[full("Dmitry", "Ray")]] * 2, "Dmitry Ray"),
        (W, [[BUSH]] * 2, "George Bush"),
        (BUSH, [[W]] * 5, None),
        (W, [[BUSH]] * 5 + [[H]], None),
        (replace(W, speaker_id="w"), [[BUSH]] * 5, None),
        (BUSH, [[replace(W, speaker_id="w")]] * 5, None),
    ],
)
def test_a_full_name_gets_the_commonest_spelling(person: Named, corpus: list[list[Named]], name: str | None) -> None:
    assert ask(person, [*corpus, [person]]) == name


def test_a_corpus_has_one_spelling_of_a_name() -> None:
    table = extract_quotes(articles(FULL, AGAIN, FULL.replace("Carla", "Carla B.")), TOGETHER)
    assert table["speaker"].unique().tolist() == ["Carla Dahlgren"]
    assert not table["flags"].str.contains("completed").any()


def test_the_reason_names_the_evidence() -> None:
    names = Names()
    for people in [[ANN]] * 20 + [[BO]]:
        names.add(people)
    assert str(names.complete(bare("Lee"), [])) == "Ann Lee is spelled out in 20 other articles, Bo Lee in 1"


def test_the_register_names_whom_it_knows() -> None:
    known = replace(ANN, name="Dr Ann Lee", speaker_id="ann-lee")
    names = Names()
    for people in ([ANN], [ANN], [known]):
        names.add(people)
    found = names.complete(bare("Lee"), [])
    assert found is not None and (found.name, found.speaker_id, found.articles) == ("Dr Ann Lee", "ann-lee", 3)


# Articles

FULL = "“We stay,” Senator Carla Dahlgren told reporters in Bergen on Monday. “All of us.”\n"
AGAIN = FULL.replace("on Monday", "on Friday")
BARE = "“Nobody leaves,” Ms. Dahlgren said on Tuesday. “Not now,” she added.\n"
OTHER = "“It is late,” said Mr. Dahlgren.\n"


def articles(*texts: str) -> list[Document]:
    return [Document(doc_id=f"a{number}", text=text) for number, text in enumerate(texts)]


def test_rows_are_completed_and_say_so() -> None:
    table = extract_quotes(iter(articles(BARE, FULL, OTHER, AGAIN)), TOGETHER)
    assert table["speaker"].tolist()[:2] == ["Carla Dahlgren"] * 2
    assert table.loc[table["flags"].str.contains("completed"), "doc_id"].unique().tolist() == ["a0"]
    assert table.loc[table["doc_id"] == "a2", "speaker"].tolist() == ["Dahlgren"]
    alone = extract_quotes(articles(BARE, FULL, OTHER, AGAIN), ALONE)
    assert alone["speaker"].tolist()[:2] == ["Dahlgren"] * 2
    assert (table["confidence"] <= alone["confidence"]).all()
    same = [name for name in table.columns if name not in ("speaker", "flags", "confidence")]
    assert table[same].equals(alone[same])


def test_a_text_that_is_printed_twice_is_one_witness() -> None:
    copy = FULL.replace(" ", "  ").replace("\n", "\r\n")
    table = extract_quotes(articles(BARE, FULL, FULL, copy), TOGETHER)
    assert table.loc[table["doc_id"] == "a0", "speaker"].unique().tolist() == ["Dahlgren"]
    two = extract_quotes(articles(BARE, FULL, AGAIN), TOGETHER)
    assert two.loc[two["doc_id"] == "a0", "speaker"].unique().tolist() == ["Carla Dahlgren"]


def test_the_order_of_articles_does_not_matter() -> None:
    others = BARE.replace("Dahlgren", "Ray"), FULL.replace("Carla", "Karla")
    documents = articles(BARE, FULL, OTHER, AGAIN, FULL, *others)
    expected = {result.doc_id: result for result in extract_corpus(documents, TOGETHER)}
    for seed in range(5):
        shuffled = random.Random(seed).sample(documents, len(documents))
        assert {result.doc_id: result for result in extract_corpus(shuffled, TOGETHER)} == expected


def test_a_corpus_is_its_articles() -> None:
    documents = articles(FULL, OTHER, "“", "”", "", "“\ud800,” he said.")
    together = list(extract_corpus(documents, TOGETHER))
    assert together == list(extract_rows(documents, TOGETHER)) == list(extract_corpus(documents, ALONE))
    assert all(isinstance(result, DocumentResult) for result in together)


def test_the_list_of_speakers_gives_the_reason() -> None:
    from research.attribution import read
    from research.registry import load_registry

    registry = load_registry(known=False)
    sightings = [
        sighting
        for document in articles(BARE, FULL, AGAIN, FULL)
        for sighting in find_sightings(document, read(document.text), registry)
    ]
    (carla,) = gather_people(complete_sightings(sightings))
    assert (carla.name, carla.quotes, len(carla.doc_ids)) == ("Carla Dahlgren", 8, 4)
    assert "  completed    Ms. Dahlgren, she (Carla Dahlgren is spelled out in 2 other articles)" in say_found(carla)


def test_a_person_of_an_article_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from research.attribution import read
    from research.registry import load_registry

    looked_up: list[str] = []

    def complete_and_note(
        names: Names, asked: Iterable[Named], article: Iterable[Named]
    ) -> list[Completion | None]:
        looked_up.extend(person.name for person in asked)
        return complete(names, asked, article)

    complete = Names.complete_all
    monkeypatch.setattr(Names, "complete_all", complete_and_note)
    registry = load_registry(known=False)
    readings = [(document, read(document.text), registry) for document in articles(BARE * 3, FULL, FULL)]
    sightings = complete_sightings([each for reading in readings for each in find_sightings(*reading)])
    questions = complete_questions([each for reading in readings for each in ask_all(*reading)])
    assert len(sightings) + len(questions) > 10
    assert sorted(looked_up) == ["Carla Dahlgren"] * 4 + ["Dahlgren"] * 2


def spell(number: int, last: str) -> Named:
    return full("".join("BDGKLMNRST"[int(digit)] + "a" for digit in f"{number:04}").title(), last)


@pytest.mark.parametrize("one_article", [True, False], ids=["one article", "many articles"])
@pytest.mark.parametrize("shared", [True, False], ids=["one surname", "many surnames"])
def test_many_names_take_linear_time(
    one_article: bool, shared: bool, count_steps: Callable[[Callable[[], object]], int]
) -> None:
    def steps(count: int) -> int:
        surnames = ["Lee" if shared else spell(number, "").words[0] for number in range(count)]
        pairs = [[spell(number, last), bare(last)] for number, last in enumerate(surnames)]
        corpus = [[person for pair in pairs for person in pair]] if one_article else pairs

        def complete() -> None:
            names = Names()
            for people in corpus:
                names.add(people)
            for people in corpus:
                names.complete_all(people, people)

        return count_steps(complete)

    steps(10)
    assert steps(400) < 5 * steps(100)


def test_an_index_finds_who_is_the_same_person() -> None:
    draw = random.Random(0)
    keys = [
        _Key(
            first=draw.choice("ab"),
            given=frozenset(draw.sample("abcd", draw.choice([1, 2]))),
            initials=draw.choice(["", "b", "bc", "n"]),
            suffix=draw.choice(["", "", "jr"]),
            speaker_id=draw.choice([None, None, "x", "y"]),
        )
        for _ in range(300)
    ]
    index = _Index(keys)
    for key in keys:
        assert index.find(key) == [place for place, other in enumerate(keys) if _is_same(key, other)]
    few = _Index(keys[:5])
    assert [few.has(key) for key in keys] == [any(_is_same(key, other) for other in keys[:5]) for key in keys]
