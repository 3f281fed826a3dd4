"""What holds for the folder of every database engine, and how a wrong one is refused."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from releaseflow.engines.registry import CLIENTS, DEFAULT_ENGINE, ENGINES, parse_engine, the_default

PRODUCT = Path(str(files("releaseflow")))
FACTS = """
name = "Dummy"
says = "a dummy"
url = "dummy://host"
[client]
schemes = ["dummy", "dumb"]
bookkeeping = "ask.sql"
restore = "all.sh"
[client.session]
variable = "DUMMYNAME"
longest = 32
ended_by = "kill"
[client.programs]
dump = ["all.sh", "ask.sql"]
proof = "all.sh"
prune = "all.sh"
report = "all.sh"
point = "all.sh"
"""
TEXTS = {"all.sh": "echo '<SCHEMES>'\n", "ask.sql": "<VERSION> of <TABLE>\n"}


def folder(facts: str = FACTS) -> dict[str, str]:
    return {"engine.toml": facts, **TEXTS}


def test_a_program_is_its_files_one_after_the_other_with_the_schemes_filled_in() -> None:
    client = parse_engine("dummy", folder()).client
    assert client is not None
    assert client.programs.dump == "echo 'dummy|dumb'\n<VERSION> of <TABLE>\n"
    assert client.restore == "echo 'dummy|dumb'\n"


@pytest.mark.parametrize(
    ("name", "facts", "why"),
    [
        ("other", FACTS, "other/engine.toml describes Dummy: call the folder dummy"),
        ("dummy", f"port = 1\n{FACTS}", "port"),
        ("dummy", FACTS.replace('"ask.sql"]', '"no.sh"]'), "there is no file 'no.sh' beside the data file"),
        ("dummy", FACTS.replace('["dummy", "dumb"]', "[]"), "schemes"),
        ("dummy", FACTS.replace("DUMMYNAME", "dummy name"), "variable"),
        ("dummy", "name = ", "Invalid value"),
    ],
)
def test_a_folder_that_is_wrong_is_refused(name: str, facts: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        parse_engine(name, folder(facts))


def test_exactly_one_engine_is_the_default() -> None:
    dummy = parse_engine("dummy", folder())
    default = dummy.model_copy(update={"default": True})
    assert the_default({"a": dummy, "b": default}) == "Dummy"
    for engines, why in (({"a": dummy}, "not none"), ({"a": default, "b": default}, "not Dummy, Dummy")):
        with pytest.raises(ValueError, match=why):
            the_default(engines)
    assert ENGINES[DEFAULT_ENGINE].default


def test_engines_are_in_alphabetical_order() -> None:
    assert list(ENGINES) == sorted(ENGINES)


@pytest.mark.parametrize("name", CLIENTS)
def test_no_text_of_an_engine_is_in_another_place_of_the_product(name: str) -> None:
    client = CLIENTS[name]
    words = {f'"{name}"', client.session.variable, client.session.ended_by, f"{client.schemes[0]}://"}
    found = [
        (word, file.relative_to(PRODUCT).as_posix())
        for file in PRODUCT.rglob("*")
        if file.is_file() and file.suffix != ".pyc" and PRODUCT / "engines" / name.lower() not in file.parents
        for word in words
        if word in file.read_text("utf-8")
    ]
    assert not found


@pytest.mark.parametrize("name", CLIENTS)
def test_the_url_that_is_shown_begins_with_the_usual_scheme(name: str) -> None:
    assert ENGINES[name].url.startswith(f"{CLIENTS[name].schemes[0]}://")


def test_an_engine_may_have_no_client() -> None:
    bare = parse_engine("dummy", folder(FACTS.partition("[client]")[0]))
    assert bare.client is None
    assert "Other" in ENGINES.keys() - CLIENTS.keys()
