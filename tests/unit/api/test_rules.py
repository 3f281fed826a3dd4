"""Rules and patterns: the operator and the API server refuse the same, with the same words."""

from typing import Annotated

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from releaseflow.api.schema.base import ContainerName, ImageName, ObjectName
from releaseflow.api.schema.cel import (
    VALIDATIONS,
    FieldValueErrorReason,
    ListMap,
    Pattern,
    Rule,
    cel_string,
    with_rules,
)

HEX = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "image",
    [
        "shop",
        "shop:2",
        "ghcr.io/acme/shop:1.4.2",
        "localhost:5000/shop_web/a--b:V1_x",
        f"shop@sha256:{HEX}",
        f"registry.example:5000/acme/shop:1@sha256:{HEX}",
    ],
)
def test_image_is_accepted(image: str) -> None:
    assert TypeAdapter(ImageName).validate_python(image) == image


@pytest.mark.parametrize(
    ("image", "word"),
    [
        ("", "is not an image"),
        ("shop:", "is not an image"),
        ("shop :2", "is not an image"),
        ("shop:2\n", "is not an image"),
        ("Shop:2", "is not an image"),
        ("https://ghcr.io/acme/shop:2", "is not an image"),
        ("shop:a:b", "is not an image"),
        ("shop@", "has no whole digest"),
        ("shop@sha256:abc", "has no whole digest"),
        (f"shop@sha256:{HEX.upper()}", "has no whole digest"),
        (f"shop@sha256:{HEX}0", "has no whole digest"),
    ],
)
def test_image_is_refused(image: str, word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        TypeAdapter(ImageName).validate_python(image)


@pytest.mark.parametrize("name", ["shop", "a", "0-x", "shop.example.org"])
def test_name_is_accepted(name: str) -> None:
    assert TypeAdapter(ObjectName).validate_python(name) == name


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a_b", "a..b", ".a", "a/b", "a" * 254])
def test_name_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(ObjectName).validate_python(name)


def test_container_name_has_no_dots() -> None:
    with pytest.raises(ValidationError, match="is not a container's name"):
        TypeAdapter(ContainerName).validate_python("a.b")


def test_pattern_becomes_a_rule_with_its_message() -> None:
    schema = TypeAdapter(Annotated[str, Field(max_length=9), Pattern("^a+$", "write a")]).json_schema()
    assert schema[VALIDATIONS] == [{"rule": "self.matches(r'^a+$')", "message": "write a"}]
    assert "pattern" not in schema


def test_rule_names_its_field_and_reason() -> None:
    rule = Rule("true", "write it", field=".a.b", reason=FieldValueErrorReason.FORBIDDEN)
    assert rule.in_schema() == {
        "rule": "true",
        "message": "write it",
        "fieldPath": ".a.b",
        "reason": "FieldValueForbidden",
    }


def test_rules_are_added_to_those_before() -> None:
    schema = with_rules(with_rules({"type": "string"}, Rule("a", "x")), Rule("b", "y"))
    assert [entry["rule"] for entry in schema[VALIDATIONS]] == ["a", "b"]
    assert with_rules({"type": "string"}) == {"type": "string"}


def test_keys_are_in_the_schema_of_a_list() -> None:
    schema = TypeAdapter(Annotated[tuple[str, ...], ListMap(("kind", "name"))]).json_schema()
    assert schema["x-kubernetes-list-type"] == "map"
    assert schema["x-kubernetes-list-map-keys"] == ["kind", "name"]


def test_quote_that_cel_would_misread_is_refused() -> None:
    with pytest.raises(ValueError, match="single quote"):
        cel_string("it's")
