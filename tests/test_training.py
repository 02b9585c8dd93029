"""How the models of attribution are prepared, fitted and written: on made-up records, without data and torch."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from research import tagging, vocabulary
from research.attribution import calibrated
from research.quotes import find_quotes
from research.segmentation import tokenize
from research.training import all as recipe
from research.training import attribution, confidence, copies, listwise, polnear, speakers, tagger
from research.trees import trees_from_sklearn

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="needs torch: pip install -e '.[training]'"
)

TEXT = "“We stay,” said Mayor Ann Lee.\nThe so-called “Big Tent” is old. He called it “a shame”."
QUOTES = (("We stay,", "direct", "Mayor Ann Lee", "said"), ("Big Tent", None, None, None),
          ("a shame", "mixed", "He", "called it"))  # fmt: skip


def span(words: str, text: str = TEXT) -> list[int]:
    """Where some words stand."""
    return [text.index(words), text.index(words) + len(words)]


def record(doc_id: str = "a") -> dict[str, Any]:
    """An article as PolNeAR's are stored."""
    quotes, attributions = [], []
    for words, kind, source, cue in QUOTES:
        start, end = span(words)
        roles = {role: [[*span(own), own]] if own else [] for role, own in (("source", source), ("cue", cue))}
        quotes.append({"inner": [start, end], "attributed": source is not None, "kind": kind, **roles})
        if source and cue:
            attributions.append({"source": [span(source)], "cue": [span(cue)], "content": [[start - 1, end + 1]]})
    return {"id": doc_id, "text": TEXT, "quotes": quotes, "attributions": attributions}


def silver(doc_id: str = "a") -> dict[str, Any]:
    """Silver tags of "The so-called “Big Tent” is old.": part of speech, entity, head, relation."""
    rows = [("The", "DT", "O", 4, "det"), ("so-called", "JJ", "O", 4, "amod"), ("Big", "NNP", "MISC", 4, "compound"),
            ("Tent", "NNP", "MISC", 6, "nsubj"), ("is", "VBZ", "O", 6, "cop"), ("old", "JJ", "O", 0, "root")]
    return {"id": doc_id, "sentences": [[[*span(word), *rest] for word, *rest in rows]]}


def labelled() -> tagger.Labelled:
    """The made-up article with its labels."""
    article = polnear.prepare(record())
    return article, polnear.labels(article, silver())


def small_prepared(size: int = 12) -> tagger.Prepared:
    """The made-up article as often as a small network needs, as numbers."""
    rows = [labelled()] * size
    names = {**tagger.class_names(label for _, label in rows), "words": ["said", "mayor", "ann", "lee", "he", "¶"]}
    names["relation"] = ["nsubj", "det", "root"]
    encoded = tagger.encode_all(rows, names)
    vectors = np.random.default_rng(0).normal(size=(len(names["words"]) + 2, tagger.WORD_SIZE)).astype(np.float16)
    return tagger.Prepared(names=names, vectors=vectors.astype(np.float32), articles=encoded, broken=encoded,
                           synthetic=encoded[:1], quoted=[*encoded, *encoded], folds=np.arange(size) % polnear.FOLDS)


def random_arrays(prepared: tagger.Prepared, seed: int = 0) -> dict[str, np.ndarray]:
    """Parameters of the network's names and shapes, drawn at random: what a fit would store."""
    random = np.random.default_rng(seed)
    hidden, arc, pointer = 12, 5, 7
    window = tagging.BEFORE + tagging.AFTER + 1
    shapes: dict[str, tuple[int, ...]] = {
        "word.weight": prepared.vectors.shape, "suffix.weight": (vocabulary.SUFFIX_ROWS, 24), "shape.weight": (16, 16),
        "mix.weight": (hidden, tagger.WORD_SIZE + 40), "mix.bias": (hidden,),
        "arc_distance": (2 * tagging.ARC_REACH + 1,), "final.weight": (hidden,), "final.bias": (hidden,)}
    for layer in range(len(tagging.DILATIONS)):
        shapes |= {f"norms.{layer}.weight": (hidden,), f"norms.{layer}.bias": (hidden,),
                   f"convolutions.{layer}.weight": (hidden, hidden, 3), f"convolutions.{layer}.bias": (hidden,)}
    for name, size in prepared.sizes.items():
        shapes |= {f"heads.{name}.weight": (size, hidden), f"heads.{name}.bias": (size,)}
    for name in ("arc_from", "arc_to"):
        shapes |= {f"{name}.weight": (arc, hidden), f"{name}.bias": (arc,)}
    for name in ("pointers.source", "pointers.cue"):
        shapes |= {f"{name}.distance": (window, pointer), f"{name}.quote.weight": (pointer, hidden),
                   f"{name}.quote.bias": (pointer,), f"{name}.token.weight": (pointer, hidden),
                   f"{name}.score.weight": (1, pointer), f"{name}.score.bias": (1,), f"{name}.none.weight": (1, hidden),
                   f"{name}.none.bias": (1,)}
    return {name: random.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()}


# --- labels -----------------------------------------------------------------------------------------------------------


def test_segments_get_the_gold_they_overlap() -> None:
    article = polnear.prepare(record())
    assert [TEXT[slice(*gold["inner"])] for gold in article.gold] == ["We stay,", "Big Tent", "a shame"]


def test_a_segment_that_hardly_overlaps_a_gold_one_has_none() -> None:
    shifted = record()
    shifted["quotes"][0]["inner"] = [0, 3]
    assert polnear.prepare(shifted).gold[0] is None


def test_kinds_sources_and_cues_are_aligned_with_tokens() -> None:
    article, label = labelled()
    words = article.tokens.words
    assert label["kind"] == [1, 0, 2]
    assert [[words[p] for p in places] for places in label["sources"]] == [["Mayor", "Ann", "Lee"], [], ["He"]]
    assert [[words[p] for p in places] for places in label["cues"]] == [["said"], [], ["called", "it"]]
    sources, cues = ([pair for pair in zip(words, label[role], strict=True) if pair[1]] for role in ("source", "cue"))
    assert sources == [("Mayor", 1), ("Ann", 2), ("Lee", 2), ("He", 1)]
    assert cues == [("said", 1), ("called", 1), ("it", 2)]


def test_silver_tags_are_aligned_with_tokens_and_quotes_stand_for_their_words() -> None:
    article, label = labelled()
    words = article.tokens.words
    assert {w: pos for w, pos in zip(words, label["pos"], strict=True) if pos} == {
        "The": "DT", "so-called": "JJ", "is": "VBZ", "old": "JJ"}  # fmt: skip
    heads = {words[place]: words[head] for place, head in enumerate(label["head"]) if head != polnear.IGNORE}
    assert heads == {"The": "“…”", "so-called": "“…”", "“…”": "old", "is": "old", "old": "old"}
    quote = article.tokens.quote_places[1]
    assert label["relation"][quote] == "nsubj" and label["pos"][quote] is None


def test_an_article_without_silver_tags_keeps_its_human_labels() -> None:
    label = polnear.labels(polnear.prepare(record()), None)
    assert set(label["pos"]) == {None} and set(label["head"]) == {polnear.IGNORE} and label["kind"] == [1, 0, 2]


def test_more_paragraph_breaks_move_no_offset_and_come_out_the_same_each_time() -> None:
    text = "“A b c.” He left. “D e f,” she said. “G h i.” Ann stayed. “J k l.”"
    broken = [copies.with_more_breaks({"id": str(i), "text": text}) for i in range(20)]
    assert {b["text"].replace("\n", " ") for b in broken} == {text}
    assert len({b["text"] for b in broken}) > 1
    assert broken[3] == copies.with_more_breaks({"id": "3", "text": text})


def test_marks_put_round_words_of_an_indirect_quotation_make_a_mixed_quote() -> None:
    text = "Mayor Ann Lee said that the old bridge over the river would be closed next year. “We stay,” she said."
    attribution = {"id": "E1", "source": [span("Mayor Ann Lee", text)], "cue": [span("said", text)],
                   "content": [span("that the old bridge over the river would be closed next year", text)]}
    there = {"start": text.index("“"), "end": text.index("”") + 1, "inner": span("We stay,", text), "text": "We stay,",
             "attributed": True, "kind": "direct", "source": [[*span("she", text), "she"]], "cue": []}
    tags = {"id": "a", "coref": [], "sentences": [[[*span(word, text), "NN", "O", 0, "root"] for word in text.split()]]}
    given = {"id": "a", "text": text, "attributions": [attribution], "quotes": [there]}
    made = [copies.with_more_quotes(given, tags, share=1.0, seed=seed) for seed in range(20)]
    assert len({copy["text"] for copy, _ in made}) > 5
    for copy, moved in made:
        assert moved is not None and copy["text"].count("“") == len(copy["quotes"])
        shown = [copy["text"][s:e] for s, e, *_ in moved["sentences"][0]]
        assert [re.sub("[“”]", "", word) for word in shown] == re.sub("[“”]", "", text).split()
        for quote in copy["quotes"]:
            assert copy["text"][slice(*quote["inner"])] == quote["text"]
            assert all(copy["text"][s:e] == words for s, e, words in quote["source"])
        kinds = polnear.labels(polnear.prepare(copy), moved)["kind"]
        assert kinds == ([1] if len(copy["quotes"]) == 1 else [2, 1])
    assert copies.with_more_quotes(given, None, share=0.0)[0]["text"] == text


def test_a_source_named_again_becomes_a_pronoun_and_whom_it_means_is_known() -> None:
    text = "Ann Lee came. Mr. Poe left. “We stay,” Ann Lee said, and Lee smiled. Bo Ray said “no”. Poe said “yes”."
    quotes = [{"start": text.index(w) - 1, "end": text.index(w) + len(w) + 1, "inner": span(w, text), "text": w,
               "attributed": True, "attribution": w, "source": [[*where, ""]], "cue": []}
              for w, where in (("We stay,", [text.index("Ann Lee said"), text.index(" said,")]),
                               ("no", span("Bo Ray", text)), ("yes", [text.rindex("Poe"), text.rindex("Poe") + 3]))]
    attributions = [{"id": q["attribution"], "source": [q["source"][0][:2]], "cue": [], "content": [q["inner"]]}
                    for q in quotes]
    given = {"id": "a", "text": text, "quotes": quotes, "attributions": [*attributions, attributions[0]]}
    named = {name: speakers.named_at(text, name) for name in ("Ann Lee", "Bo Ray", "Edgar Poe")}
    copy, left, meant = copies.with_more_pronouns(
        given, named, {"Ann Lee": "female", "Bo Ray": "male", "Edgar Poe": "male"}, share=1.0)
    assert meant == {"We stay,": "Ann Lee", "yes": "Edgar Poe"}
    assert copy["text"] == text.replace("Ann Lee said", "she said").replace("Poe said", "He said")
    for quote in copy["quotes"]:
        assert copy["text"][slice(*quote["inner"])] == quote["text"]
        assert copy["text"][slice(*quote["source"][0][:2])] in ("she", "Bo Ray", "He")
    assert [[copy["text"][slice(*place)] for place in places] for places in left.values()] == [
        ["Ann Lee", "Lee"], ["Bo Ray"], ["Poe"]]
    assert copies.with_more_pronouns(given, named, dict.fromkeys(named), share=1.0)[0]["text"] == text


def test_trees_fitted_on_lists_rank_the_right_row_first() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(4000, 2)).astype(np.float32)
    lists = np.repeat(np.arange(1000), 4)
    right = np.zeros(4000, bool)
    best = rows[:, 0].reshape(-1, 4).argmax(1)
    right[np.arange(1000) * 4 + best] = True
    fitted = listwise.fit_lists(rows, right, lists, np.ones(4000), max_iter=60, min_samples_leaf=20)
    scores = fitted.predict(rows).reshape(-1, 4)
    assert (scores.argmax(1) == best).mean() > 0.9
    assert np.allclose(trees_from_sklearn(fitted).score(rows), scores.ravel(), atol=1e-5)


# --- the tagger's data ------------------------------------------------------------------------------------------------


def test_the_right_tokens_of_each_quote_are_marked_in_its_window() -> None:
    article, _ = labelled()
    encoded = small_prepared().articles[0]
    words, places = article.tokens.words, article.tokens.quote_places
    for quote, (source, nobody) in enumerate(((["Mayor", "Ann", "Lee"], False), ([], True), (["He"], False))):
        marked = np.flatnonzero(encoded["gold_source"][quote, :-1]) - tagging.BEFORE + places[quote]
        assert [words[place] for place in marked] == source
        assert bool(encoded["gold_source"][quote, -1]) is nobody


def test_a_source_out_of_reach_is_marked_nowhere() -> None:
    far = record()
    far["text"] = TEXT.replace("The so-called", "word " * 200 + "The so-called")
    far["quotes"] = [{**far["quotes"][0], "source": [[*span("so-called", far["text"]), "so-called"]]}]
    article = polnear.prepare(far)
    label = polnear.labels(article, None)
    numbers: Mapping[str, Mapping[str, int]] = {"pos": {}, "relation": {}, "entity": {"O": 0}}
    encoded = tagger.encode(article, label, vocabulary.vocabulary_of(["said"]), numbers)
    assert label["sources"][0] and not encoded["gold_source"][0].any()


def test_prepared_articles_come_back_as_they_were_stored(tmp_path: Path) -> None:
    prepared = small_prepared()
    tagger.save_prepared(prepared, tmp_path / "data.npz")
    again = tagger.load_prepared(tmp_path / "data.npz")
    assert again.names == prepared.names and again.sizes == prepared.sizes
    for part in tagger.PARTS:
        for first, second in zip(getattr(prepared, part), getattr(again, part), strict=True):
            assert all(np.array_equal(first[name], second[name]) for name in first)


def test_a_fold_leaves_out_its_articles_but_no_made_up_one() -> None:
    prepared = small_prepared(size=10)
    everything, without = prepared.without(tagger.ALL), prepared.without(2)
    assert len(everything) == 11 and len(without) == 9
    assert [len(versions) for versions in without] == [5] * 8 + [1]


def test_the_vocabulary_lists_common_words_then_whole_pieces() -> None:
    article, _ = labelled()
    words = tagger.choose_words([article] * 3, {"zebra": 0, "##ing": 1, "x": 2, "said": 3, "naïve": 4})
    assert words[-1] == "zebra" and len(set(words)) == len(words)
    assert {"said", "mayor", "¶", "“sentence,”"} <= set(words) and not {"##ing", "x", "naïve"} & set(words)
    assert "shame" not in words  # what is quoted is folded away


def test_first_vectors_keep_what_the_pieces_know() -> None:
    table = np.random.default_rng(1).normal(size=(100, 80)).astype(np.float32)
    pieces = {f"piece{i}": i for i in range(100)}
    vectors = tagger.first_vectors([*list(pieces)[:90], "unknown"], pieces, table)
    assert vectors.shape == (93, tagger.WORD_SIZE) and not vectors[:2].any() and vectors[-1].any()
    known = vectors[2:92].astype(float)
    assert known.std() == pytest.approx(0.25, rel=0.01)
    nearest_first = np.argsort(np.linalg.norm(table[:90] - table[0], axis=1))
    distances = np.linalg.norm(known[nearest_first] - known[0], axis=1)
    assert distances[1] < distances[-1]


# --- what is shipped --------------------------------------------------------------------------------------------------


def test_shrunk_parameters_stay_close_and_keep_their_names() -> None:
    arrays = random_arrays(small_prepared())
    grown = tagger.grow(tagger.shrink(arrays))
    assert set(grown) == set(arrays)
    large = arrays["suffix.weight"]
    step = np.abs(large).max(1, keepdims=True) / 127
    assert (np.abs(grown["suffix.weight"] - large) <= 0.51 * step + 1e-3).all()
    kernel = arrays["convolutions.2.weight"]
    assert grown["convolutions.2.weight"].shape == (3 * kernel.shape[1], kernel.shape[0])
    assert np.allclose(grown["convolutions.2.weight"][5, 7], kernel[7, 5, 0], atol=1e-3)


def test_the_tagger_is_written_with_a_card_of_its_own_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data" / "polnear"
    folder.mkdir(parents=True)
    for name, rows in (("train", [record(f"t{i}") for i in range(6)]), ("dev", [record("d")]),
                       ("silver", [silver(doc_id) for doc_id in ("d", *(f"t{i}" for i in range(6)))])):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    monkeypatch.setenv("ON_THE_RECORD_DATA", str(tmp_path / "data"))
    prepared = small_prepared()
    for fold in range(tagger.ALL, polnear.FOLDS):
        arrays: dict[str, Any] = {**random_arrays(prepared, fold + 1), **tagger.pack_names(prepared.names)}
        np.savez(tmp_path / f"tagger_{fold}.npz", **arrays, **{tagger.HISTORY: np.array([[12, 2400], [3, 3400]])})
    card = tagger.export(tmp_path, tmp_path)
    assert (tmp_path / "tagger.md").read_text(encoding="utf-8") == card
    rows = [line.split("|")[1:-1] for line in card.splitlines() if line.startswith("| ")][1:]
    measured = {row[0].strip(): [float(cell.replace(",", "")) for cell in row[1:]] for row in rows}
    assert "12 epochs with 2,400 and none, then 3 epochs with 3,400 and none" in card
    assert measured["kind"][1] == 18 and measured["kind"][3] == 3  # three quotes in each of six and one
    assert measured["source, direct"][1] == 6 and measured["source, mixed"][3] == 1
    assert all(0 <= row[0] <= 1 and 0 <= row[2] <= 1 for row in measured.values())


def test_a_tagger_that_goes_on_keeps_the_words_it_knows() -> None:
    prepared = small_prepared()
    arrays = random_arrays(prepared, 1)
    names = {**prepared.names, "words": list(reversed(prepared.names["words"]))}
    carried = tagger.carried_over(arrays, names, prepared)
    assert np.array_equal(carried["word.weight"][2:], arrays["word.weight"][:1:-1])
    with pytest.raises(ValueError, match="pos"):
        tagger.carried_over(arrays, {**names, "pos": ["XX"]}, prepared)


def test_measuring_tells_right_from_wrong() -> None:
    """A tagger that gives every token the first class is right just where that is the label."""
    prepared = small_prepared()
    arrays = {name: np.zeros_like(value) for name, value in random_arrays(prepared).items()}
    blank = tagging.from_arrays(arrays, prepared.names)
    article, label = labelled()
    measured = tagger.measure([(article, label)], lambda article: blank)
    first = prepared.names["pos"][0]
    known = [name for name in label["pos"] if name]
    assert measured["pos"] == (known.count(first) / len(known), len(known))
    assert measured["kind"] == (pytest.approx(1 / 3), 3)  # the first kind is none: right of one of three


# --- attribution ------------------------------------------------------------------------------------------------------


def test_the_threshold_keeps_the_share_it_promises() -> None:
    random = np.random.default_rng(0)
    gold = random.integers(0, 2, 2000)
    chances = np.clip(random.normal(0.3 + 0.4 * gold, 0.2), 0, 1)
    for kept in (0.9, 0.98):
        threshold = attribution.threshold_for(chances, gold, kept)
        share = (chances[gold == 1] >= threshold).mean()
        assert kept <= share < kept + 0.005


def verdicts_of(chances: np.ndarray, right: np.ndarray) -> attribution.Verdicts:
    """Verdicts on quotes that are all speech, won with these shares."""
    size, yes = len(right), np.ones(len(right), bool)
    return attribution.Verdicts(rows=np.zeros((size, 1), np.float32), gold=np.ones(size, int), fold=np.zeros(size, int),
                                share=chances, right=right, kind=np.zeros(size, int), reachable=yes, listed=yes)


def test_confidence_is_calibrated_and_is_what_run_time_computes() -> None:
    random = np.random.default_rng(1)
    share = random.uniform(0.05, 0.95, 4000)
    right = random.random(4000) < share**2
    verdicts = verdicts_of(share, right)
    calibration = attribution.calibrate(verdicts, np.full(4000, 0.9), 0.5)
    confidence = np.array([calibrated(calibration, s, 0.9) for s in share])
    assert abs(confidence.mean() - right.mean()) < 0.005
    assert attribution.calibration_error(confidence, right) < 0.03 < attribution.calibration_error(share, right)


def test_quotes_of_unknown_gold_or_source_do_not_count() -> None:
    verdicts = verdicts_of(np.full(4, 0.5), np.ones(4, bool))
    verdicts.gold[:2], verdicts.kind[2] = (-1, 0), -1
    assert attribution.decided(verdicts, np.array([0.9, 0.9, 0.9, 0.1]), 0.5).tolist() == [False, True, False, False]


def test_the_right_pair_is_the_mention_that_holds_the_head_of_the_source() -> None:
    """Of "Ann Lee, the mayor" the name is right; the apposition's head points into the source, so it counts less."""
    from research.mentions import NAME, ROLE, Mentions

    text = "“We stay,” said Ann Lee, the mayor."
    scan = find_quotes(text)
    tokens = tokenize(text, scan)
    place = {word: number for number, word in enumerate(tokens.words)}
    spans = [polnear.Span(*span(words, text)) for words in ("Ann Lee", "the mayor")]
    mentions = Mentions(first=np.array([place["Ann"], place["the"]]), last=np.array([place["Lee"], place["mayor"]]),
                        head=np.array([place["Lee"], place["mayor"]]), form=np.array([NAME, ROLE]), spans=spans)
    heads = np.arange(len(tokens))
    heads[place["Lee"]], heads[place["mayor"]] = place["said"], place["Lee"]
    source = [*span("Ann Lee, the mayor", text), "Ann Lee, the mayor"]
    article = polnear.Article(doc_id="a", text=text, scan=scan, tokens=tokens, record={}, attributions=[],
                              gold=[{"source": [source], "attributed": True, "kind": "direct"}])
    none = np.zeros((1, 3), np.float32)
    tags = tagging.Tags(pos=heads, entity=heads, relation=heads, head=heads, probability={}, kind=none, source=none,
                        cue=none)
    pairs = attribution.Pairs(quote=np.zeros(2, int), mention=np.arange(2), values=none)
    right, overlaps, weight = attribution.mark_right(article, tags, mentions, pairs)
    assert right.tolist() == [True, False] and overlaps.tolist() == [True, True]
    assert weight.tolist() == pytest.approx([1.0, attribution.LOOSE_WEIGHT])


# --- the recipe -------------------------------------------------------------------------------------------------------


def test_steps_come_in_an_order_in_which_each_finds_what_it_needs(tmp_path: Path) -> None:
    names = [step.name for step in recipe.steps(tmp_path, tmp_path)]
    assert names[:8] == ["prepare the tagger's articles", "fit the tagger 6 times", "write the tagger",
                         "fit ranker, gate and confidence", "prepare the reader's quotes", "fit the reader 6 times",
                         "fit how much the reader's word counts", "fit the confidence of rows"]  # fmt: skip
    assert names[8] == "replace the models of attribution"
    assert len({step.made for step in recipe.steps(tmp_path, tmp_path)}) == len(names)


def test_what_is_made_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "polnear").mkdir()
    monkeypatch.setenv("ON_THE_RECORD_DATA", str(tmp_path))
    monkeypatch.setattr(recipe, "BUILD", tmp_path / "build")
    made: list[str] = []
    one, two = (recipe.Step(name=name, made=tmp_path / "build" / name, make=partial(made.append, name))
                for name in ("one", "two"))
    monkeypatch.setattr(recipe, "steps", lambda build, models: iter([one, two]))
    assert recipe.main() == 0 and made == ["one", "two"]
    (tmp_path / "build" / "two").unlink()
    assert recipe.main() == 0 and made == ["one", "two", "two"]
    assert "one: made already" in capsys.readouterr().out


def test_without_the_data_it_says_how_to_name_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ON_THE_RECORD_DATA", str(tmp_path / "nowhere"))
    assert recipe.main() == 2
    assert "ON_THE_RECORD_DATA" in capsys.readouterr().err


def test_new_models_replace_the_old_ones(tmp_path: Path) -> None:
    made, models = tmp_path / "build" / "models", tmp_path / "models"
    made.mkdir(parents=True), (models / "reader").mkdir(parents=True)
    (made.parent / "reader-int8.onnx").write_bytes(b"new reader")
    (made / "tagger.npz").write_bytes(b"new")
    (models / "tagger.npz").write_bytes(b"old")
    recipe.replace(made, models)
    assert (models / "tagger.npz").read_bytes() == b"new"
    assert (models / "reader" / "reader-int8.onnx").read_bytes() == b"new reader"


# --- with torch -------------------------------------------------------------------------------------------------------


@needs_torch
def test_the_network_says_the_same_in_numpy_as_in_torch() -> None:
    import torch

    from research.training.network import Network, arrays_of, batch_of

    prepared = small_prepared()
    torch.manual_seed(0)
    network = Network(torch.tensor(prepared.vectors), prepared.sizes).eval()
    article, _ = labelled()
    in_numpy = tagging.from_arrays(arrays_of(network), prepared.names)
    tags = tagging.tag(in_numpy, article.text, article.scan, article.tokens)
    batch = batch_of([prepared.articles[0]], None, "cpu")
    with torch.no_grad():
        hidden = network(batch["codes"])
        scores = {name: head(hidden)[0] for name, head in network.heads.items()}
        arcs = network.arcs(hidden)[0]
        around = (batch["rows"], batch["places"], batch["windows"], torch.nn.Identity())
        pointed = {name: pointer(hidden, *around).softmax(1) for name, pointer in network.pointers.items()}
    for task in ("pos", "entity", "relation"):
        assert getattr(tags, task).tolist() == scores[task].argmax(1).tolist()
    np.testing.assert_allclose(tags.probability["source"], 1 - scores["source"].softmax(1)[:, 0], atol=1e-5)
    np.testing.assert_allclose(tags.kind, scores["kind"][batch["places"]].softmax(1), atol=1e-5)
    for name, expected in pointed.items():
        np.testing.assert_allclose(getattr(tags, name), expected, atol=1e-5)
    places = torch.arange(len(arcs))
    inside = (places[:, None] + torch.arange(-tagging.ARC_REACH, tagging.ARC_REACH + 1)).clamp(0, len(arcs) - 1)
    assert tags.head.tolist() == inside.gather(1, arcs.argmax(1, keepdim=True))[:, 0].tolist()


@needs_torch
def test_a_small_fit_learns_its_articles_by_heart() -> None:
    from research.training.network import arrays_of, fit_network

    prepared = small_prepared()
    lines: list[str] = []
    articles = prepared.without(tagger.ALL)
    network = fit_network(articles, prepared.vectors, prepared.sizes, epochs=30, report=lines.append)
    learnt = tagging.from_arrays(arrays_of(network), prepared.names)
    measured = tagger.measure([labelled()], lambda article: learnt)
    assert len(lines) == 30
    assert all(measured[task][0] == 1 for task in ("kind", "source, direct", "source, mixed", "cue, direct"))


# --- who the sources are ----------------------------------------------------------------------------------------------


def test_every_annotated_source_has_a_kind_a_form_and_a_name_if_it_is_a_person() -> None:
    quotes, pronouns = speakers.read_speakers(), speakers.read_pronouns()
    kinds = {"person", "unnamed person", "organisation", "group", "document", "unknown"}
    assert len(quotes) == 785 and sum(map(len, quotes.values())) == 8144 and sum(map(len, pronouns.values())) == 745
    for every in (quotes, pronouns):
        for source in (source for sources in every.values() for source in sources.values()):
            assert source["kind"] in kinds and source["form"] in {"name", "pronoun", "nominal"}
            assert (source["speaker"] is None) <= (source["kind"] == "unknown")


@pytest.mark.parametrize(("text", "name", "found"), [
    ("Ann Lee spoke. Bob Lee did not, Ms. Lee said. Mr. Lee left.", "Ann Lee", ["Ann Lee", "Lee"]),
    ("Donald Trump and Donald Trump Jr. met. Trump left.", "Donald Trump", ["Donald Trump", "Trump"]),
    ("Sen. Bernie Sanders won; Sanders’s staff cheered. Sandersville slept.", "Bernard Sanders",
     ["Bernie Sanders", "Sanders"]),
    ("Nobody was there.", "Ann Lee", []),
])  # fmt: skip
def test_a_person_is_named_by_the_surname_unless_it_is_anothers(text: str, name: str, found: list[str]) -> None:
    assert [text[slice(*where)] for where in speakers.named_at(text, name)] == found
    assert not speakers.named_at(text, name, [(0, len(text))])


def test_a_row_is_right_by_surname_and_nobodys_words_are_never() -> None:
    person = {"kind": "person", "speaker": "Freddie Gray Jr."}
    assert confidence.is_right("F. Gray", {"attributed": True}, person) is True
    assert confidence.is_right("Ann Lee", {"attributed": True}, person) is False
    assert confidence.is_right("Ann Lee", {"attributed": True}, {"kind": "group", "speaker": "the Lees"}) is False
    assert confidence.is_right("Ann Lee", {"attributed": False}, None) is False
    assert confidence.is_right("Ann Lee", {"attributed": True}, {"kind": "unknown", "speaker": None}) is None
    assert confidence.is_right("Ann Lee", {"attributed": True}, None) is None


def test_confidence_is_fitted_to_both_and_goes_into_the_models_and_their_card(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = []
    for number in range(1000):
        sure, clear = random.uniform(0.3, 0.99, 2).tolist()
        right = bool(random.random() < sure * clear)
        kind, form = ("person", ("name", "pronoun", "nominal")[number % 3]) if number % 10 else ("group", "nominal")
        rows.append(confidence.Row(
            attribution=sure, identity=clear, names_person=True, surname=right, whole=right, kind=kind, form=form,
            is_direct=number % 2 == 0, fold=number % polnear.FOLDS))
    nameless = [replace(row, names_person=False) for row in rows[:50]]
    unknown = [replace(row, surname=None) for row in rows[:50]]
    fitted, same = (confidence.fit_named(every) for every in (rows, [*rows, *nameless, *unknown]))
    assert (fitted.coef_ > 0.2).all() and (fitted.coef_ == same.coef_).all()
    lines = confidence.shares(rows)
    assert lines["kind right, of who is no named person"].endswith(" of 100")
    assert lines["surname right, where a person is named"] == f"{np.mean([r.surname for r in rows]):.3f} of 1,000"
    np.savez(tmp_path / "attribution.npz", threshold=np.array(0.5), named=np.zeros(3))
    (tmp_path / "attribution.md").write_text("# Card\nstored as arrays (0 kB, no pickle)\n")
    for _ in range(2):
        confidence.add({False: fitted, True: same}, confidence.card(rows, rows), tmp_path)
    with np.load(tmp_path / "attribution.npz") as stored:
        assert set(stored.files) == {"threshold", "named", "reader.named"}
        assert stored["named"][1] == fitted.coef_[0, 0]
    assert (tmp_path / "attribution.md").read_text().count("## Confidence in a person") == 1
    assert (tmp_path / "attribution.md").read_text().splitlines()[1] == "stored as arrays (1 kB, no pickle)"


def test_the_card_of_attribution_says_how_large_its_file_is() -> None:
    kilobytes = round((tagger.MODELS / "attribution.npz").stat().st_size / 1000)
    assert f"arrays ({kilobytes} kB" in (tagger.MODELS / "attribution.md").read_text("utf8")
