"""What holds for every data file of a migration tool, and how a wrong one is refused."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from releaseflow.engines.registry import CLIENTS
from releaseflow.presets.preset import Preset
from releaseflow.presets.registry import PRESETS, parse_preset

PRODUCT = Path(str(files("releaseflow")))
EXAMPLES = Path(__file__).parents[3] / "examples"
LOCKS = ("requirements.txt", "package.json")
GOOD = """
name = "Dummy"
versions = "1"
program = ["dummy"]
migrate = ["up"]
[check]
says = "It has none."
[bookkeeping.PostgreSQL]
table = "dummies"
version = "select 1"
[leftovers.PostgreSQL]
failed = "Nothing"
killed = "Nothing"
"""


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_preset_speaks_of_every_engine(preset: Preset) -> None:
    assert set(preset.bookkeeping) == set(preset.leftovers) == set(CLIENTS)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_no_text_of_a_preset_is_in_another_place_of_the_product(preset: Preset) -> None:
    words = {preset.name, " ".join(preset.migrate_command()), *(b.table for b in preset.bookkeeping.values())}
    words |= {argument for argument in (*preset.migrate, *preset.check.arguments) if re.search(r"[-:]", argument)}
    found = [
        (word, file.relative_to(PRODUCT).as_posix())
        for file in PRODUCT.rglob("*")
        if file.is_file() and file.suffix not in {".pyc", ".toml"}
        for word in words
        if word.lower() in file.read_text("utf-8").lower()
    ]
    assert not found


def test_tools_are_in_alphabetical_order() -> None:
    assert list(PRESETS) == sorted(PRESETS)


@pytest.mark.parametrize(
    ("file_name", "text", "why"),
    [
        ("other.toml", GOOD, "other.toml describes Dummy: call it dummy.toml"),
        ("dummy.toml", f"lock = true\n{GOOD}", "lock"),
        ("dummy.toml", GOOD.replace('["up"]', "[]"), "migrate"),
        ("dummy.toml", GOOD.replace("says", "pending = [1]\nsays"), "a check has arguments and codes"),
        ("dummy.toml", GOOD.replace("says", 'pending = [0]\narguments = ["x"]\nsays'), "pending"),
        ("dummy.toml", "name = ", "Invalid value"),
        ("dummy.toml", GOOD.replace("[book", '[path]\nnames = "x"\n[book'), "a path is named once"),
        ("dummy.toml", GOOD.replace("[book", '[path]\nnames = "x"\nafter = ["-p"]\n[book'), "a path is named once"),
    ],
)
def test_a_data_file_that_is_wrong_is_refused(file_name: str, text: str, why: str) -> None:
    assert parse_preset("dummy.toml", GOOD).check_command() == ()
    with pytest.raises(ValueError, match=re.escape(why)):
        parse_preset(file_name, text)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_the_versions_of_a_tool_are_those_that_an_example_is_played_with(preset: Preset) -> None:
    shop, own = EXAMPLES / "shop", EXAMPLES / "tools" / preset.name.lower()
    folder = own if own.is_dir() else shop
    pinned = "".join((folder / name).read_text("utf-8") for name in LOCKS if (folder / name).is_file())
    assert re.search(rf"\b{preset.name.lower()}\b[\"=: ]+{re.escape(preset.versions)}\.", pinned)
