"""What a CRD can say beyond JSON Schema: rules in CEL, readable patterns, lists of named things."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import literal_schema, no_info_after_validator_function
from typing_extensions import override

VALIDATIONS = "x-kubernetes-validations"
LIST_TYPE = "x-kubernetes-list-type"
LIST_MAP_KEYS = "x-kubernetes-list-map-keys"


class FieldValueErrorReason(StrEnum):
    """The kinds of refusal that the API server knows for a rule."""

    INVALID = "FieldValueInvalid"
    FORBIDDEN = "FieldValueForbidden"
    REQUIRED = "FieldValueRequired"
    DUPLICATE = "FieldValueDuplicate"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule in CEL; its message tells the user what to write instead.

    Used in `Annotated[...]` for a single value, or among the `rules` of a model.
    """

    holds: str
    """CEL expression over `self` that is true for a good value."""

    message: str
    """What to write instead, in words."""

    field: str = ""
    """Path of the field to name in the refusal, below the object that has the rule, for example `.check.command`."""

    reason: FieldValueErrorReason = FieldValueErrorReason.INVALID
    """What kind of refusal it is."""

    def in_schema(self) -> dict[str, str]:
        """The rule as an entry of x-kubernetes-validations."""
        entry = {"rule": self.holds, "message": self.message}
        if self.field:
            entry["fieldPath"] = self.field
        if self.reason is not FieldValueErrorReason.INVALID:
            entry["reason"] = self.reason.value
        return entry

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return with_rules(handler(core), self)


@dataclass(frozen=True, slots=True)
class ExactlyOne:
    """A union: its members are optional in the schema, so that others can join them, and a rule demands one of them."""

    members: tuple[str, ...]
    """Fields of which an object has exactly one, as they are written in YAML."""

    message: str
    """What to write instead of none or several of them, in words."""

    @property
    def rule(self) -> Rule:
        """The rule that demands one of the members."""
        given = ", ".join(f"has(self.{member})" for member in self.members)
        return Rule(f"[{given}].exists_one(given, given)", self.message)


@dataclass(frozen=True, slots=True)
class AtMostOne(ExactlyOne):
    """A union whose absence means something too."""

    @property
    @override
    def rule(self) -> Rule:
        """The rule that refuses several of the members."""
        given = ", ".join(f"has(self.{member})" for member in self.members)
        return Rule(f"[{given}].filter(given, given).size() <= 1", self.message)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern for a string whose refusal says how to write it, which a bare `pattern` would not."""

    pattern: str
    """Regular expression that the whole value has to match: it begins with ^ and ends with $."""

    message: str
    """How to write the value, in words."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return with_rules(handler(core), Rule(f"self.matches({cel_string(self.pattern)})", self.message))

    def _checked(self, text: str) -> str:
        if re.fullmatch(self.pattern, text) is None:
            raise PydanticCustomError("pattern", "{message}", {"message": self.message})
        return text


@dataclass(frozen=True, slots=True)
class EnumOf:
    """A string that is one of these words, where what the operator knows decides which there are."""

    words: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return literal_schema(list(self.words))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class ListMap:
    """A list of named things: merged and validated by these keys, so that two writers do not overwrite each other."""

    keys: tuple[str, ...]
    """Fields that name an item, as they are written in YAML."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(core), LIST_TYPE: "map", LIST_MAP_KEYS: list(self.keys)}


@dataclass(frozen=True, slots=True)
class ListSet:
    """A list that is a set: it has each item once, and two writers may each add one."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(core), LIST_TYPE: "set"}


def with_rules(schema: JsonSchemaValue, *rules: Rule) -> JsonSchemaValue:
    """A JSON schema with these rules added to those it has."""
    entries = [*schema.get(VALIDATIONS, []), *(rule.in_schema() for rule in rules)]
    return {**schema, VALIDATIONS: entries} if entries else schema


def cel_string(text: str) -> str:
    """Text as a raw string of CEL.

    Raises:
        ValueError: The text has a single quote, which a raw string cannot hold.
    """
    if "'" in text:
        raise ValueError(f"{text!r} has a single quote: write the rule without one")
    return f"r'{text}'"
