"""What holds for every place for backups that the product has."""

from importlib.resources import files
from pathlib import Path

import pytest
from pydantic.alias_generators import to_camel, to_snake

from releaseflow.destinations.destination import Destination
from releaseflow.destinations.registry import DESTINATIONS
from releaseflow.steps.places import mounted_folder
from releaseflow.steps.places.place import Place
from releaseflow.steps.settings import Settings
from tests.support.builders import BACKUPS

PRODUCT = Path(str(files("releaseflow")))


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


def test_its_containers_know_which_module_reads_and_writes_there() -> None:
    [variable] = BACKUPS.access("b").env
    place: Place = Settings({variable["name"]: variable["value"]}).place
    assert place == mounted_folder.Place("/backups")


@pytest.mark.parametrize("kind", DESTINATIONS.values(), ids=DESTINATIONS)
def test_its_example_begins_with_its_member(kind: type[Destination]) -> None:
    assert kind.example.startswith(f"{to_camel(to_snake(kind.method))}: {{")


def test_a_backup_is_found_by_its_location_and_by_no_other_one() -> None:
    assert BACKUPS.path_of(BACKUPS.location("shop/1.dump")) == "shop/1.dump"
    assert BACKUPS.path_of("pvc://backups-of-others/shop/1.dump") == ""
