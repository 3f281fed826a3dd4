"""What was parsed is remembered, of as many objects as are at work at a time, and forgotten in the order of use."""

from releaseflow.controllers.parse_cache import _REMEMBERED, ParseCache
from releaseflow.unstructured import Object


def test_one_object_too_many_costs_the_one_that_was_read_longest_ago_and_no_other() -> None:
    parsed: list[str] = []

    def parse(raw: Object) -> str:
        parsed.append(raw["metadata"]["uid"])
        return parsed[-1]

    memory = ParseCache(parse)
    raws = [{"metadata": {"uid": str(number)}} for number in range(_REMEMBERED + 1)]
    for raw in raws[:-1]:
        memory.read(raw)
    memory.read(raws[0])
    memory.read(raws[-1])
    parsed.clear()

    for raw in (raws[0], raws[2], raws[-1], raws[1]):
        memory.read(raw)

    assert parsed == ["1"]


def test_another_version_of_an_object_is_parsed_again() -> None:
    memory = ParseCache(lambda raw: raw["version"])
    assert [memory.read({"metadata": {"uid": "a"}, "version": version}) for version in (1, 2)] == [1, 2]
