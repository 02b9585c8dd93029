"""Who says each segment: hard articles as data, one test a case, and what holds of any decision."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.cases import (
    CASES,
    Outcome,
    judge_attribution,
    judge_case,
    list_failures,
    read_known_failures,
    read_worked_on,
)
from research.attribution import Reading, calibrated, load_models, read
from research.evidence import GATE_COLUMNS, gate_features

KNOWN = read_known_failures()


def parameter(kind: str, case: dict[str, Any]) -> Any:
    """A case as a parameter; one that is known to fail must go on failing, or leave the list."""
    marks = [pytest.mark.xfail(reason=case["why"], strict=True)] if (kind, case["id"]) in KNOWN else []
    return pytest.param(case, id=case["id"], marks=marks)


@pytest.mark.parametrize("case", [parameter("attribution", case) for case in read_worked_on("attribution")])
def test_case(case: dict[str, Any]) -> None:
    outcome = judge_case("attribution", case)
    assert outcome.is_right, "\n".join([case["why"], *filter(None, outcome.wrong)])


def test_known_failures_are_cases() -> None:
    cases = {(kind, case["id"]) for kind in ("attribution", "identity") for case in read_worked_on(kind)}
    assert cases >= KNOWN
    lines = (CASES / "known-failures.txt").read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines))


def test_the_judge_takes_the_mention_or_the_person() -> None:
    asked = {"speaker": "Ann Lee", "mention_spans": [[10, 13]]}
    row = {"speaker": None, "mention_start": 12, "mention_end": 20}
    assert judge_attribution(asked, row)
    assert not judge_attribution(asked, row | {"mention_start": 13})
    assert judge_attribution(asked, {"speaker": "ann lée", "mention_start": None, "mention_end": None})
    nobody = {"speaker": None, "mention_start": None, "mention_end": None}
    assert not judge_attribution(asked | {"speaker": None}, nobody)


def test_failures_are_listed_one_a_line() -> None:
    outcomes = [Outcome(kind="identity", case_id=name, group="g", wrong=wrong)
                for name, wrong in [("b", ("x", None)), ("a", (None, "y")), ("c", (None,))]]
    assert list_failures(outcomes) == "identity a\nidentity b\n"


TEXT = (
    "“We stay,” Mayor Ann Lee said on Monday. Bo Ray disagreed. “Not I,” he told Ms Lee.\n\n"
    "The song “The Long Way Home” closed the evening.\n\n“It is closed.” — Carl Dahl\n"
)


def words_of_mentions(reading: Reading) -> list[str]:
    return [reading.text[slice(*reading.mentions.spans[d.mention])] for d in reading.decisions if d.mention is not None]


def test_every_decision_has_its_rule_and_a_confidence_between_0_and_1() -> None:
    reading = read(TEXT)
    assert [decision.rule for decision in reading.decisions] == ["ranker", "ranker", "gate", "signature"]
    assert [decision.kind for decision in reading.decisions][2:] == ["none", "direct"]
    assert all(0 <= decision.confidence <= 1 for decision in reading.decisions)
    assert words_of_mentions(reading) == ["Mayor Ann Lee", "he", "Carl Dahl"]


def test_shares_of_a_quote_add_up_to_one() -> None:
    reading = read(TEXT)
    totals = np.bincount(reading.pairs.quote, weights=reading.shares, minlength=len(reading.scan.segments))
    assert totals == pytest.approx(np.ones(len(totals)))


def test_a_transcript_label_and_a_continued_quote_carry_their_speaker_on() -> None:
    reading = read("“WALLACE: Are you ready?”\n\n“We begin,” Ann Lee said, “and we end.”\n")
    assert reading.decisions[0].rule == "label"
    assert words_of_mentions(reading) == ["WALLACE", "Ann Lee", "Ann Lee"]


def test_confidence_grows_with_the_share_and_with_the_gate() -> None:
    calibration = (0.0, 1.0, 1.0)
    assert calibrated(calibration, 0.5, 0.5) == pytest.approx(0.5)
    assert calibrated(calibration, 0.9, 0.5) > calibrated(calibration, 0.6, 0.5) > calibrated(calibration, 0.6, 0.2)
    assert 0 < calibrated(calibration, 0.0, 0.0) < calibrated(calibration, 1.0, 1.0) < 1


def test_a_text_without_quotes_or_words_has_no_decisions() -> None:
    for text in ("", "\n\n", "Nobody spoke.", "“”"):
        assert read(text).decisions == ()


@pytest.mark.parametrize("number", [3, 2001])
def test_alike_quotes_are_counted_however_many_there_are(number: int) -> None:
    reading = read("The so-called “peace plan” was read. " * number + "The so-called “Plan B” was not.")
    shares = np.zeros(number + 1, dtype=np.float32)
    names = load_models().tagger.names
    rows = gate_features(reading.text, reading.scan, reading.tokens, reading.tags, names, shares, shares)
    assert rows[:, GATE_COLUMNS.index("alike")].tolist() == [number] * number + [1]
