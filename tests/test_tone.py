"""Tone measures what the speaker said: typography, insertions and length leave it alone."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import NEGATE, SentimentIntensityAnalyzer

from research import tone, tone_model, tone_target, typography, vader
from research.documents import Span
from research.sentences import find_sentences, split_paragraphs
from research.training import tone as training

DATA = Path(os.environ.get("ON_THE_RECORD_DATA", Path(__file__).parents[2] / "shared" / "data"))
needs_data = pytest.mark.skipif(
    not (DATA / "sentiment").exists(), reason="needs the training data: set ON_THE_RECORD_DATA to its folder"
)

ANALYSER = SentimentIntensityAnalyzer()
RULE_WORDS = [
    *["but", "But", "BUT", "no", "nor", "or", "least", "at", "very", "never", "so", "this", "without", "doubt"],
    *["kind", "of", "the", "bomb", "shit", "bad", "ass", "to", "die", "for", "very", "extremely", "barely", "sort"],
    *["good", "GOOD", "great", "horrible", "war", "!", "??", "!!!", "😊", "💘x", ":)", "it", "isn't", "don't", "a"],
    *NEGATE[:10],
    *list(ANALYSER.lexicon)[500:7500:150],
]
vader_texts = st.lists(st.sampled_from(RULE_WORDS), max_size=40).map(" ".join)
SENTENCES = [
    "They don’t support this deal.",
    "“It’s a disgrace,” — and we won’t accept it…",
    "‘Peace’ isn’t what the U.S. wants!",
    "We’re winning; they’re not.",
    "‘‘We will never surrender,’’ he said.",
]
to_straight = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "—": "-", "–": "-"})


@given(vader_texts)
@example("The plot was good, but the dialogue is not great.")
@settings(max_examples=300)
def test_vader_is_vader_bit_for_bit(text: str) -> None:
    assert vader.read_vader(text).compound == ANALYSER.polarity_scores(text)["compound"]


@given(st.text(max_size=60))
@settings(max_examples=300)
def test_vader_is_vader_on_any_unicode(text: str) -> None:
    assert vader.read_vader(text).compound == ANALYSER.polarity_scores(text)["compound"]


@given(vader_texts)
def test_compound_whole_is_the_classic_score_of_straight_text(text: str) -> None:
    if text.strip():
        folded = typography.fold(text)
        assert tone.score_text(text).compound_whole == ANALYSER.polarity_scores(folded)["compound"]


@pytest.mark.parametrize("text", SENTENCES)
def test_curly_and_straight_typography_score_the_same(text: str) -> None:
    assert tone.score_text(text) == tone.score_text(text.translate(to_straight))


def test_a_curly_apostrophe_keeps_its_negation() -> None:
    assert tone.score_text("They don’t support this deal.").compound < 0


@given(st.text())
def test_folding_keeps_every_length(text: str) -> None:
    assert len(typography.fold(text)) == len(text)


@pytest.mark.parametrize(
    ("inserted", "own_words"),
    [
        ("We want [a terrible] peace.", "We want peace."),
        ("[Putin] is a man of peace.", "is a man of peace."),
        ("We love [our enemies].", "We love."),
        ("[W]e love peace [laughter]", "We love peace"),
        ("We love “[the horrible thing]” peace.", "We love “” peace."),
        ("They attack[ed] us.", "They attack us."),
    ],
)
def test_inserted_words_do_not_count(inserted: str, own_words: str) -> None:
    assert tone.without_insertions(inserted) == own_words
    assert tone.score_text(inserted).compound == tone.score_text(own_words).compound
    assert tone.score_text(inserted).tone == tone.score_text(own_words).tone


@pytest.mark.parametrize("text", SENTENCES)
@pytest.mark.parametrize("times", [2, 3, 10])
def test_repeating_a_quote_leaves_its_tone(text: str, times: int) -> None:
    repeated = tone.score_text("\n\n".join([text] * times))
    assert repeated.compound == pytest.approx(tone.score_text(text).compound, abs=1e-12)
    assert repeated.tone == pytest.approx(tone.score_text(text).tone, abs=1e-12)
    assert repeated.tone_se < tone.score_text(text).tone_se


def test_the_whole_text_score_grows_with_length_and_the_mean_does_not() -> None:
    once, often = tone.score_text("We welcome it."), tone.score_text("We welcome it. " * 5)
    assert often.compound_whole > once.compound_whole
    assert often.compound == once.compound


@pytest.mark.parametrize("nothing", [None, float("nan"), "", "  \n", pd.NA, 3])
def test_nothing_has_no_tone(nothing: object) -> None:
    scored = tone.score(pd.DataFrame({"text": pd.Series([nothing, "Good."], dtype=object)}))
    assert scored[list(tone.SCORE_COLUMNS)].iloc[0].isna().all()
    assert scored[list(tone.SCORE_COLUMNS)].iloc[1].notna().all()


def test_a_quote_of_insertions_only_has_no_tone_of_the_speaker() -> None:
    assert math.isnan(tone.score_text("[applause]").compound)


def test_score_leaves_the_table_given_as_it_is() -> None:
    table = pd.DataFrame({"text": ["Good."], "speaker": ["A"]}, index=[7])
    scored = tone.score(table)
    assert list(table.columns) == ["text", "speaker"]
    assert list(scored.index) == [7]
    assert list(scored.columns) == ["text", "speaker", *tone.SCORE_COLUMNS]


def test_an_empty_table_gets_its_columns() -> None:
    assert set(tone.SCORE_COLUMNS) <= set(tone.score(pd.DataFrame({"text": []})).columns)


def test_a_table_without_text_says_what_to_do() -> None:
    with pytest.raises(KeyError, match="Rename the column"):
        tone.score(pd.DataFrame({"quote": ["Good."]}))


@pytest.mark.parametrize(
    "text",
    ["but bad " * 20_000, "a" * 500_000, "[ " * 50_000, "[bad] " * 20_000, "!" * 100_000, "x.”" * 10_000, "’" * 99_999],
)
def test_hostile_text_gets_a_score(text: str) -> None:
    scores = tone.score_text(text)
    assert -1 <= scores.compound_whole <= 1
    assert math.isnan(scores.tone) or -1 <= scores.tone <= 1


NAMES = {
    "PERSON": [
        "Putin",
        "Volodymyr Zelensky",
        "Ms. Merkel",
        "Hillary Clinton",
        "Joe Biden",
        "Victor Good",
        "Grace Hope",
    ],
    "COUNTRY": ["Russia", "Ukraine", "the United States", "Great Britain", "China", "New Zealand"],
    "BODY": [
        "the Security Council",
        "NATO",
        "the European Union",
        "the Freedom Caucus",
        "the Supreme Court",
        "the IMF",
    ],
}
ABOUT_NAMES = [
    "We stand with PERSON against the brutal invasion.",
    "PERSON has betrayed the people of COUNTRY.",
    "I thank PERSON for the help that COUNTRY gave us.",
    "The talks between COUNTRY and BODY failed again.",
    "Nobody in BODY believes what PERSON says any more.",
    "BODY and COUNTRY will support the resolution.",
    "It is a great day for COUNTRY, and PERSON deserves it.",
    "“PERSON is not a man of peace,” and COUNTRY knows it.",
]


def swaps(template: str) -> list[str]:
    """The sentence with each name of each kind in turn, the others held."""
    filled = []
    for kind, names in NAMES.items():
        if kind in template:
            rest = {other: names_[0] for other, names_ in NAMES.items() if other != kind}
            for name in names:
                text = template.replace(kind, name)
                for other, name_ in rest.items():
                    text = text.replace(other, name_)
                filled.append(text[0].upper() + text[1:])
    return filled


def test_swapping_names_moves_tone_by_less_than_a_twentieth() -> None:
    tones = {template: [tone.score_text(text).tone for text in swaps(template)] for template in ABOUT_NAMES}
    moves = [abs(a - b) for values in tones.values() for a in values for b in values]
    assert sum(moves) / len(moves) < 0.05
    assert max(values[0] for values in tones.values()) - min(values[0] for values in tones.values()) > 0.2


def test_names_move_vader_more_than_tone() -> None:
    text = "The United States and the United Kingdom support the Security Council resolution."
    scores = tone.score_text(text)
    assert scores.compound_whole > 0.8
    assert scores.tone < scores.compound_whole / 2


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ("This is genocide.", "This is a garden."),
        ("They lay siege to the town.", "They came to the town."),
        ("The invasion goes on.", "The game goes on."),
        ("Peace was not restored.", "Peace was restored."),
        ("The regime lies.", "The reader lies down."),
        ("We condemn the massacre of hostages.", "We honour the rescue of hostages."),
        ("It is not a good plan.", "It is a good plan."),
        ("The programme is a shameful failure.", "The programme is a proud success."),
    ],
)
def test_tone_knows_what_vader_lacks(worse: str, better: str) -> None:
    assert tone.score_text(worse).tone < tone.score_text(better).tone


def test_tone_reads_british_spelling_as_american() -> None:
    british, american = "The programme of the organisation failed.", "The program of the organization failed."
    assert tone.score_text(british).tone == tone.score_text(american).tone


def test_shouting_is_not_a_name() -> None:
    model = tone_model.shipped_tone_model()
    assert tone_model.mask_names("WE WILL NEVER FORGIVE THIS", model.valence) == "WE WILL NEVER FORGIVE THIS"


@given(st.text(alphabet="aA not'!.-[]“”", max_size=60))
def test_masking_names_never_fails_and_leaves_small_letters(text: str) -> None:
    assert tone_model.mask_names(text.lower(), {"a", "not"}) == text.lower()


def test_the_model_ships_no_pickle_and_stays_small() -> None:
    models = Path(tone_model.__file__).with_name("models")
    with np.load(models / "tone.npz", allow_pickle=False) as stored:
        assert all(stored[name].dtype != object for name in stored.files)
    assert sum(file.stat().st_size for file in models.glob("tone*")) < 15_000_000


def test_the_card_states_the_shipped_models_numbers() -> None:
    models = Path(tone_model.__file__).with_name("models")
    model, card = tone_model.shipped_tone_model(), (models / "tone.md").read_text(encoding="utf-8")
    assert f"{len(model.phrases)} phrases" in card
    assert f"{len(model.coefficients)} features" in card


def test_our_own_words_are_what_vader_lacks() -> None:
    own = json.loads(Path(tone_model.__file__).with_name("models").joinpath("tone_words.json").read_text("utf-8"))
    assert not set(own) & set(ANALYSER.lexicon)
    assert all(-4 <= rating <= 4 and rating for rating in own.values())


@given(st.text(alphabet="ab.!? \n“”'A", max_size=80))
def test_sentences_lie_in_order_inside_their_paragraphs(text: str) -> None:
    spans = find_sentences(text)
    assert all(before.end <= after.start for before, after in pairwise(spans))
    assert all(any(p.start <= span.start and span.end <= p.end for p in split_paragraphs(text)) for span in spans)
    assert sum(map(str.isalpha, "".join(text[slice(*s)] for s in spans))) == sum(map(str.isalpha, text))


def test_scoring_opens_no_socket_and_imports_no_http_client_of_its_own() -> None:
    code = (
        "import sys, socket, ssl, http.client\n"
        "socket.socket = socket.create_connection = None\n"
        "from research.tone import score_text\n"
        "assert score_text('Good.').compound > 0\n"
        "assert 'requests' not in sys.modules and 'sklearn' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@needs_data
def test_tone_reaches_its_targets_out_of_fold() -> None:
    sentences = training.read_sentences_to_learn(DATA)
    tones = training.predict_out_of_fold(sentences, training.Recipe())
    compound = np.array([vader.read_vader(text).compound for text in sentences.texts])
    ours, theirs = training.measure(tones, sentences), training.measure(compound, sentences)
    rated = np.flatnonzero(sentences.rated_by_many)
    low, _ = training.bootstrap_difference(
        tones[rated], compound[rated], sentences.ratings[rated], [sentences.articles[i] for i in rated]
    )
    assert ours.sentences >= 0.58 > theirs.sentences
    assert ours.negated >= 0.38
    assert ours.fives >= 0.60
    assert low > 0


@needs_data
def test_no_article_is_in_two_folds() -> None:
    sentences = training.read_sentences_to_learn(DATA)
    folds = training.assign_folds(sentences.articles)
    assert len(set(zip(sentences.articles, folds.tolist(), strict=True))) == len(set(sentences.articles))


def test_tone_toward_targets_differs_within_a_sentence() -> None:
    text = "She thanked Mr. Sunak for his support and condemned Mr. Putin for his crimes. It rained."
    table = pd.DataFrame({"text": [text, None, "It rained."]})
    toward = [tone_target.score_toward(table, [name])["tone_target"] for name in ("Sunak", "Putin")]
    assert toward[0][0] > toward[1][0]
    assert all(scores[1:].isna().all() for scores in toward)


def test_tone_toward_a_target_looks_at_its_own_sentence_only() -> None:
    text, before = "We thank Mr. Sunak for his help.", "They murdered and lied. "
    alone = tone_target.tone_toward(text, Span(9, 18))
    assert tone_target.tone_toward(before + text, Span(len(before) + 9, len(before) + 18)) == alone


def test_a_text_is_cut_into_sentences_once_however_many_targets_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    cut: list[str] = []

    def find_and_note(text: str) -> list[Span]:
        cut.append(text)
        return find_sentences(text)

    monkeypatch.setattr(tone_target, "find_sentences", find_and_note)
    scored = tone_target.score_toward(pd.DataFrame({"text": ["We thank Mr. Sunak. " * 9]}), ["Sunak"])
    assert len(cut) == 1 and scored["tone_target"].notna().all()


@given(st.text(alphabet="aB .!'[]“", max_size=40), st.integers(0, 45), st.integers(0, 5))
def test_tone_toward_any_span_is_a_number(text: str, start: int, length: int) -> None:
    assert -1 <= tone_target.tone_toward(text, Span(start, start + length)) <= 1


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Mr. Smith met Gov. Jones. He left.", ["Mr. Smith met Gov. Jones.", "He left."]),
        ("He lives in the U.S. He works there.", ["He lives in the U.S.", "He works there."]),
        (
            "The U.S. Senate met at 5 p.m. on Jan. 6. It voted.",
            ["The U.S. Senate met at 5 p.m. on Jan. 6.", "It voted."],
        ),
        ("“Go!” he said. “Now.”", ["“Go!” he said.", "“Now.”"]),
        ("J. K. Rowling wrote. She stopped.", ["J. K. Rowling wrote.", "She stopped."]),
        ("It cost 3.5 million. See example.org now.", ["It cost 3.5 million.", "See example.org now."]),
        ("One\n\nTwo.", ["One", "Two."]),
        ("Well… no. Wait... What?", ["Well… no.", "Wait...", "What?"]),
    ],
)
def test_sentences_of_news_are_cut_where_a_reader_would(text: str, sentences: list[str]) -> None:
    assert [text[slice(*span)] for span in find_sentences(text)] == sentences
