"""The schemas of the CRDs: bounded, described, with the defaults of the models."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from releaseflow.api.schema.base import ApiModel
from releaseflow.api.schema.cel import VALIDATIONS
from releaseflow.api.v1alpha1.backup import Backup
from releaseflow.api.v1alpha1.connection import FromEnv, Parameter
from releaseflow.api.v1alpha1.database import Database
from releaseflow.api.v1alpha1.pods import EnvVar, EnvVarSource, Resources
from releaseflow.jobs.resources import client_resources
from tests.unit.api.samples import pruned, sample
from tools.crds import root_schema
from tools.kinds import KINDS, Kind
from tools.schema import full_schema, spec_schema, status_schema

MODELS = [model for kind in KINDS for model in (kind.spec, kind.status)]
MINIMAL_FLOW: dict[str, Any] = {
    "image": "shop:2",
    "targets": [{"name": "shop"}],
    "database": {"urlSecretRef": {"name": "shop-db", "key": "url"}},
    "backup": {"persistentVolumeClaim": {"claimName": "shop-backups"}},
    "migration": {"tool": "Django"},
}
MINIMAL_RUN = {
    **{key: value for key, value in MINIMAL_FLOW.items() if key != "targets"},
    "migration": {"tool": "Django", "workloadRef": {"name": "shop"}},
}
WRITTEN_BY_PEOPLE = (".spec.database", ".spec.backup", ".spec.migration", ".spec.jobs")
"""Parts of a spec that `kubectl explain` describes like a manual."""
MINIMAL = {"ReleaseFlow": MINIMAL_FLOW, "MigrationRun": MINIMAL_RUN}


def every_node(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Each schema in a schema, with the path to it."""
    yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from every_node(inner, f"{path}.{name}")
    if "items" in schema:
        yield from every_node(schema["items"], f"{path}[]")


def every_field(kind: Kind) -> list[tuple[str, dict[str, Any]]]:
    schema = root_schema(kind)["properties"]
    return [*every_node(schema["spec"], ".spec"), *every_node(schema["status"], ".status")]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
class TestEveryField:
    def test_says_what_it_is_for(self, kind: Kind) -> None:
        silent = [path for path, node in every_field(kind) if not node.get("description") and not path.endswith("[]")]
        assert silent == []

    def test_shows_how_it_is_written(self, kind: Kind) -> None:
        fields = [(path, node) for path, node in every_field(kind) if path.startswith(WRITTEN_BY_PEOPLE)]
        unshown = [
            path
            for path, node in fields
            if not path.endswith("[]")
            and not {"enum", "default"} & node.keys()
            and not any(shown in node["description"] for shown in ("for example", "For example", "Write `"))
        ]
        assert unshown == []

    def test_is_bounded(self, kind: Kind) -> None:
        texts = [(path, node) for path, node in every_field(kind) if node["type"] == "string" and "enum" not in node]
        assert [path for path, node in texts if "maxLength" not in node] == []
        lists = [(path, node) for path, node in every_field(kind) if node["type"] == "array"]
        assert [path for path, node in lists if "maxItems" not in node] == []
        maps = [(path, node) for path, node in every_field(kind) if "additionalProperties" in node]
        bounds = [("maxProperties" in node, "maxLength" in node["additionalProperties"]) for _, node in maps]
        assert set(bounds) <= {(True, True)}

    def test_has_a_type_that_a_structural_schema_knows(self, kind: Kind) -> None:
        for path, node in every_field(kind):
            assert node["type"] in {"object", "array", "string", "integer", "boolean"}, path
            assert not {"$ref", "anyOf", "title", "nullable"} & node.keys(), path
            assert ("properties" in node or "additionalProperties" in node) == (node["type"] == "object"), path
            is_time = node["type"] == "string" and path.endswith("Time")
            assert ("format" in node) == (node["type"] == "integer" or is_time), path

    def test_names_no_other_namespace(self, kind: Kind) -> None:
        assert [path for path, _ in every_field(kind) if "namespace" in path.lower()] == []

    def test_is_a_named_list_where_things_have_names(self, kind: Kind) -> None:
        for path, node in every_field(kind):
            things = node.get("items", {}).get("properties", {})
            if {"name", "type"} & things.keys():
                assert node["x-kubernetes-list-type"] == "map", path
                for key in node["x-kubernetes-list-map-keys"]:
                    assert key in node["items"]["required"] or "default" in things[key], f"{path}: {key}"

    def test_refuses_with_words(self, kind: Kind) -> None:
        rules = [(path, rule) for path, node in every_field(kind) for rule in node.get(VALIDATIONS, [])]
        assert rules
        for path, rule in rules:
            assert len(rule["message"].split()) > 5, f"{path}: {rule['message']}"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
class TestStatus:
    def test_of_an_object_that_was_not_seen_is_in_progress(self, kind: Kind) -> None:
        assert root_schema(kind)["properties"]["status"]["default"] == {"observedGeneration": -1}

    def test_accepts_what_a_newer_operator_says(self, kind: Kind) -> None:
        closed = [path for path, node in every_node(status_schema(kind.status)) if {"enum", VALIDATIONS} & node.keys()]
        assert closed == []

    def test_is_not_made_up_by_the_api_server(self, kind: Kind) -> None:
        assert [path for path, node in every_node(status_schema(kind.status)) if "default" in node] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_of_a_model_survives_the_schema(model: type[ApiModel]) -> None:
    full = sample(full_schema(model))
    schema = status_schema(model) if model.__name__.endswith("Status") else spec_schema(model)
    assert model.model_validate(full).model_dump(mode="json", by_alias=True) == full
    assert pruned(full, schema) == full


@pytest.mark.parametrize("model", [Backup, Database, EnvVar, EnvVarSource, Parameter])
def test_members_of_a_union_are_optional_and_a_rule_demands_one_of_them(model: type[ApiModel]) -> None:
    schema = full_schema(model)
    assert model.union is not None
    assert set(model.union.members) <= schema["properties"].keys() - set(schema.get("required", []))
    [rule] = [entry["rule"] for entry in schema[VALIDATIONS] if entry["message"] == model.union.message]
    assert all(f"has(self.{member})" in rule for member in model.union.members)


@pytest.mark.parametrize(("model", "given", "member"), [
    (Backup, {"retain": 3}, "persistentVolumeClaim"),
    (FromEnv, {"port": "DB_PORT"}, "the variable with the whole connection URL"),
])  # fmt: skip
def test_a_union_without_a_member_is_not_read(model: type[ApiModel], given: dict[str, Any], member: str) -> None:
    """An object that an older CRD let pass is refused where it is parsed: there is no None in the core."""
    with pytest.raises(ValidationError, match=member):
        model.model_validate(given)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_defaults_of_the_schema_are_those_of_the_model(kind: Kind) -> None:
    by_server = pruned(MINIMAL[kind.name], spec_schema(kind.spec))
    by_model = kind.spec.model_validate(MINIMAL[kind.name])
    assert kind.spec.model_validate(by_server) == by_model
    unsaid = by_model.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert pruned(without_empty(unsaid), spec_schema(kind.spec)) == by_server == without_empty(unsaid)


def without_empty(value: Any) -> Any:
    """A value without fields that say nothing."""
    if isinstance(value, dict):
        kept = {name: without_empty(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner not in ("", [], {}, None)}
    return [without_empty(item) for item in value] if isinstance(value, list) else value


def test_the_clients_resources_are_described_as_they_are() -> None:
    described = {
        path: node["description"] for path, node in every_node(spec_schema(Database)) if path.endswith("resources")
    }
    given = client_resources(Resources())
    cpu, memory, most = given["requests"]["cpu"], given["requests"]["memory"], given["limits"]["memory"]
    said = f"{cpu} of CPU and {memory} of memory requested, {most} of memory at most"
    assert said in described[".client.resources"]
