"""The values: each is described, listed in the README, and a misspelt one is refused."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.unit.chart.rendering import CHART, Chart

SCHEMA: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text())
VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with what it refers to."""
    references = [part["$ref"] for part in (schema, *schema.get("allOf", [])) if "$ref" in part]
    for reference in references:
        schema = {**SCHEMA["definitions"][reference.rsplit("/", 1)[1]], **schema}
    return schema


def properties(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property below a schema, as its path and its own schema."""
    for name, declared in schema.get("properties", {}).items():
        inner = resolved(declared)
        yield f"{path}{name}", inner
        yield from properties(inner, f"{path}{name}.")
        if "items" in inner:
            yield from properties(inner["items"], f"{path}{name}[].")


def leaves(values: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that can be set, as its path and its default."""
    for name, value in values.items():
        if isinstance(value, dict) and value and name != "resources":
            yield from leaves(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"replicaCount": 3}, "replicaCount"),
        ({"image": {"repo": "x"}}, "repo"),
        ({"image": {"tag": ""}}, "tag"),
        ({"image": {"pullPolicy": "Sometimes"}}, "pullPolicy"),
        ({"namespaces": "shop"}, "namespaces"),
        ({"namespaces": ["Shop"]}, "namespaces/0"),
        ({"namespaces": ["shop", "shop"]}, "namespaces"),
        ({"log": {"level": "loud"}}, "level"),
        ({"replicas": "two"}, "replicas"),
        ({"runningContainer": {"serviceAccounts": ["migrator"]}}, "serviceAccounts/0"),
        ({"runningContainer": {"serviceAccounts": [{"name": "migrator"}]}}, "namespace"),
        ({"gate": {"policy": "Sometimes"}}, "gate/policy"),
        ({"runAsUser": 0}, "runAsUser"),
        ({"imagePullSecrets": ["registry"]}, "imagePullSecrets/0"),
        ({"tolerations": [{"opertor": "Exists"}]}, "opertor"),
        ({"resources": {"request": {}}}, "request"),
    ],
    ids=str,
)
def test_a_wrong_value_is_refused_by_its_name(chart: Chart, values: dict[str, Any], complaint: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        chart.text(values)

    assert complaint in refusal.value.stderr


def test_the_chart_may_be_part_of_another(chart: Chart) -> None:
    assert chart.objects({"global": {"anything": 1}}).only("Deployment")


def test_every_value_is_described() -> None:
    described = dict(properties(SCHEMA))

    assert [path for path, schema in described.items() if not schema.get("description")] == []
    assert {path for path, _ in leaves(VALUES)} <= set(described)
    assert set(SCHEMA["properties"]) - {"global"} == set(VALUES)


def test_nothing_unknown_is_let_through() -> None:
    open_ended = [
        path
        for path, schema in properties(SCHEMA)
        if schema.get("type") == "object" and "additionalProperties" not in schema and path != "global"
    ]

    assert open_ended == []


def test_the_readme_has_every_value_with_its_default() -> None:
    cells = [line.split("|") for line in (CHART / "README.md").read_text().splitlines() if line.startswith("| `")]

    assert {row[1].strip(" `"): yaml.safe_load(row[2].strip(" `")) for row in cells} == dict(leaves(VALUES))
