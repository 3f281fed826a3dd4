"""What holds for every place for backups that the product has."""

from importlib.resources import files
from pathlib import Path

import pytest
from pydantic.alias_generators import to_camel, to_snake

from releaseflow.destinations.destination import Destination
from releaseflow.destinations.registry import DESTINATIONS
from tests.support.builders import BACKUPS

PRODUCT = Path(str(files("releaseflow")))
CALLED = ("draft", "prepare", "put", "discard", "get", "has", "abandoned", "remove")
"""Functions that the programs of engines call."""


@pytest.mark.parametrize("kind", DESTINATIONS.values(), ids=DESTINATIONS)
def test_no_other_file_of_the_product_knows_it(kind: type[Destination]) -> None:
    words = (to_snake(kind.method), f"{kind.location_format.partition('://')[0]}://", kind.example)
    found = [
        (word, str(file.relative_to(PRODUCT)))
        for file in PRODUCT.rglob("*")
        if file.is_file() and file.suffix != ".pyc" and file.parent.name != "destinations"
        for word in words
        if word in file.read_text("utf-8")
    ]
    assert not found


@pytest.mark.parametrize("kind", DESTINATIONS.values(), ids=DESTINATIONS)
def test_it_has_the_functions_that_programs_call(kind: type[Destination]) -> None:
    assert [name for name in CALLED if f"\n{name}() {{\n" not in kind.functions] == []
    assert kind.functions.endswith("\n")


@pytest.mark.parametrize("kind", DESTINATIONS.values(), ids=DESTINATIONS)
def test_its_example_begins_with_its_member(kind: type[Destination]) -> None:
    assert kind.example.startswith(f"{to_camel(to_snake(kind.method))}: {{")


def test_a_backup_is_found_by_its_location_and_by_no_other_one() -> None:
    assert BACKUPS.path_of(BACKUPS.location("shop/1.dump")) == "shop/1.dump"
    assert BACKUPS.path_of("pvc://backups-of-others/shop/1.dump") == ""
