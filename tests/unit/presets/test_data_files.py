"""What holds for every data file of a migration tool, and how a wrong one is refused."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from releaseflow.engines.registry import CLIENTS
from releaseflow.presets.preset import Preset
from releaseflow.presets.registry import PRESETS, parse_preset
from tools.cluster.driver.images import TOOLS_OF_TEST

PRODUCT = Path(str(files("releaseflow")))
EXAMPLES = Path(__file__).parents[3] / "examples"
LOCKS = ("requirements.txt", "package.json", "pom.xml", "Containerfile")
"""Where an example pins its tool: a package of Python, of npm, or what the build installs."""
GOOD = """
name = "Dummy"
language = "Dummies"
versions = "1"
program = ["dummy"]
migrate = ["up"]
second = "Waits"
[check]
says = "It has none."
[bookkeeping.PostgreSQL]
table = "dummies"
version = "select 1"
[leftovers.PostgreSQL]
undone = true
failed = "Nothing"
killed = "Nothing"
"""

DOWN = """
[down]
arguments = ["down", "{version}"]
version = "(.)"
[down.leftovers.PostgreSQL]
undone = true
failed = "Nothing"
killed = "Nothing"
"""


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_preset_speaks_of_every_engine(preset: Preset) -> None:
    assert set(preset.bookkeeping) == set(preset.leftovers) == set(CLIENTS)
    assert preset.down is None or set(preset.down.leftovers) == set(CLIENTS)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_no_text_of_a_preset_is_in_another_place_of_the_product(preset: Preset) -> None:
    words = {preset.name, " ".join(preset.migrate_command())}
    words |= {b.table for b in preset.bookkeeping.values() if b.table != "migrations"}  # a word of any page
    words |= {
        argument
        for argument in (*preset.migrate, *preset.check.arguments, *_down_of(preset))
        if re.search(r"[-:]", argument)
    }
    found = [
        (word, file.relative_to(PRODUCT).as_posix())
        for file in PRODUCT.rglob("*")
        if file.is_file() and file.suffix not in {".pyc", ".toml"}
        for word in words
        if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", file.read_text("utf-8"), re.IGNORECASE)
    ]
    assert not found


def _down_of(preset: Preset) -> tuple[str, ...]:
    return () if preset.down is None else preset.down.arguments


@pytest.mark.parametrize(
    "preset", [preset for preset in PRESETS.values() if preset.check.files is not None], ids=lambda preset: preset.name
)
def test_a_preset_says_by_which_names_an_example_is_compared(preset: Preset) -> None:
    files = preset.check.files
    assert files is not None
    assert set(files.recorded) == set(CLIENTS)
    assert re.compile(files.name).groups == 1
    re.compile(files.ignored)
    flow = (EXAMPLES / "tools" / preset.name.lower() / "flow.yaml").read_text("utf-8")
    assert re.search(r"check: \{folder: /app/", flow), "so its README releases an image by the names of its files"


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
        ("dummy.toml", f"{GOOD}{DOWN}".replace("{version}", "x"), "a way down names the version once"),
        ("dummy.toml", f"{GOOD}{DOWN}".replace("{version}", "{version}{next}"), "a way down names the version once"),
        ("dummy.toml", f"{GOOD}{DOWN}".replace("(.)", "."), "has one group"),
    ],
)
def test_a_data_file_that_is_wrong_is_refused(file_name: str, text: str, why: str) -> None:
    assert parse_preset("dummy.toml", GOOD).check_command() == ()
    with pytest.raises(ValueError, match=re.escape(why)):
        parse_preset(file_name, text)


def test_a_tool_that_needs_a_path_is_given_its_default() -> None:
    needs = parse_preset("dummy.toml", f'{GOOD}[path]\nnames = "x"\nafter = ["-p", "{{path}}"]\ndefault = "here"')
    assert needs.migrate_command() == ("dummy", "up", "-p", "here")
    assert needs.migrate_command(path="there") == ("dummy", "up", "-p", "there")


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_the_versions_of_a_tool_are_those_that_an_example_is_played_with(preset: Preset) -> None:
    shop, own = EXAMPLES / "shop", EXAMPLES / "tools" / preset.name.lower()
    folder = own if own.is_dir() else shop
    pinned = "".join((folder / name).read_text("utf-8") for name in LOCKS if (folder / name).is_file())
    pinned = re.sub(r"<groupId>(.*)</groupId>\s*<artifactId>(.*)</artifactId>\s*<version>", r"\1:\2:", pinned)
    package = re.escape(preset.package or preset.name.lower())
    assert re.search(rf"(?<![\w-]){package}[\"=:@ ]+(\d+:)?v?{re.escape(preset.versions)}\.", pinned)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_tool_has_an_example_with_a_short_flow(preset: Preset) -> None:
    folder = EXAMPLES / "tools" / preset.name.lower()
    flow = (folder / "flow.yaml").read_text("utf-8")
    assert len(flow.splitlines()) <= 15
    assert re.search(rf"\btool: {preset.name}\b", flow)
    assert len((folder / "README.md").read_text("utf-8").splitlines()) <= 80


def test_make_test_plays_a_tool_of_each_language() -> None:
    played = {preset.language for preset in PRESETS.values() if preset.name.lower() in TOOLS_OF_TEST}
    assert played == {preset.language for preset in PRESETS.values()}
