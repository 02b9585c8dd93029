"""What was measured of the models, as their cards in research/models/ say it."""

from __future__ import annotations

from importlib import resources


def read_card(model: str) -> str:
    """Read the card of a model.

    >>> read_card("tone").partition(":")[0]
    '# tone.npz'
    """
    return resources.files("research.models").joinpath(f"{model}.md").read_text(encoding="utf-8")


def read_table(card: str, section: str) -> dict[str, dict[str, str]]:
    r"""Read the table of a card's section: for each row its cells by the names of the columns, emphasis dropped.

    >>> read_table("## Measured\n| model | F1 |\n|---|---|\n| old | 0.8 |\n| **ours** | 0.9 |\n", "Measured")
    {'old': {'F1': '0.8'}, 'ours': {'F1': '0.9'}}
    """
    header, _, *rows = _split_rows(card, section)
    return {row[0].strip("* "): dict(zip(header[1:], row[1:], strict=False)) for row in rows}


def find_measured() -> dict[str, str]:
    """Read from all cards what was measured of each model: the rows in bold under "Measured", and with the reader."""
    cards = [each for each in resources.files("research.models").iterdir() if each.name.endswith(".md")]
    found = {card.name.removesuffix(".md"): read_measured(card.read_text(encoding="utf-8")) for card in cards}
    return {name: what for name, what in sorted(found.items()) if what}


def read_measured(card: str) -> str:
    r"""Read the rows in bold of a card's section "Measured", and the rows "right, …" of "With the reader".

    >>> read_measured("## Measured\n| model | F1 |\n|---|---|\n| old | 0.8 |\n| **ours** | 0.9 |\n")
    'F1 0.9'
    """
    found = _find_rows(card, "Measured", "**")
    found += [(f"with the reader {name}", numbers) for name, numbers in _find_rows(card, "With the reader", "right, ")]
    return found[0][1] if len(found) == 1 else "; ".join(f"{name} ({numbers})" for name, numbers in found)


def _find_rows(card: str, section: str, opening: str) -> list[tuple[str, str]]:
    """Find the rows of a section's tables whose name opens so, with their numbers by the names of the columns."""
    rows = _split_rows(card, section)
    header: list[str] = []
    found = []
    for row, following in zip(rows, [*rows[1:], [""]], strict=False):
        if set(following[0]) == {"-"}:
            header = row
        elif row[0].startswith(opening):
            numbers = [f"{name} {value}" for name, value in zip(header[1:], row[1:], strict=False)]
            found.append((row[0].strip("*"), ", ".join(numbers)))
    return found


def _split_rows(card: str, section: str) -> list[list[str]]:
    """The cells of all lines of tables in a section, the lines of dashes among them."""
    own = card.partition(f"## {section}\n")[2].partition("\n## ")[0]
    lines = (line.strip().removeprefix("|").removesuffix("|") for line in own.splitlines() if line[:1] == "|")
    return [[cell.strip() for cell in line.split("|")] for line in lines]
