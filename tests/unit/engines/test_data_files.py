"""What holds for the folder of every database engine, and how a wrong one is refused."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from releaseflow.engines.registry import CLIENTS, DEFAULT_ENGINE, ENGINES, parse_engine, the_default

PRODUCT = Path(str(files("releaseflow")))
CLIENT = '''
"""The client programs of the dummy."""

from releaseflow.engines.program import Command, Connection, Contents, Facts


def connect(variables, schemes):
    return Connection(f"{schemes[0]}-database", {}, ())


def version():
    return Command(("echo", "dummy 3"))


def inspect(database, bookkeeping):
    return Command(("echo", bookkeeping))


def facts(answer):
    return Facts("id", "3", 3, "dummy", answer.strip(), "print", 1, "")


def dump(database):
    return Command(("echo", "dump of", database.target))


def read_back():
    return Command(("grep", "-q", "dump of dummy-database"))


def list_contents():
    return Command(("cat",))


def contents(listing):
    return Contents("dummy", listing.count("dump of"))


def reason(complaint, default):
    return default
'''
FACTS = """
name = "Dummy"
says = "a dummy"
url = "dummy://host"
[client]
schemes = ["dummy", "dumb"]
bookkeeping = "ask.sql"
[client.session]
variable = "DUMMYNAME"
longest = 32
ended_by = "kill"
"""
TEXTS = {"client.py": CLIENT, "ask.sql": "<VERSION> of <TABLE>\n"}


def folder(facts: str = FACTS) -> dict[str, str]:
    return {"engine.toml": facts, **TEXTS}


def test_a_question_is_a_file_of_the_folder() -> None:
    client = parse_engine("dummy", folder()).client
    assert client is not None
    assert client.bookkeeping == "<VERSION> of <TABLE>\n"


def test_an_engine_with_a_client_has_the_module_of_its_programs() -> None:
    with pytest.raises(ValueError, match=re.escape("there is no file 'client.py' beside the data file")):
        parse_engine("dummy", {"engine.toml": FACTS, "ask.sql": ""})


@pytest.mark.parametrize(
    ("name", "facts", "why"),
    [
        ("other", FACTS, "other/engine.toml describes Dummy: call the folder dummy"),
        ("dummy", f"port = 1\n{FACTS}", "port"),
        ("dummy", FACTS.replace('"ask.sql"', '"no.sql"'), "there is no file 'no.sql' beside the data file"),
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
