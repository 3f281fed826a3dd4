"""Our own containers reach the database as the application does, and nothing of the application steers them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from releaseflow.api.v1alpha1.database import Database
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.jobs.connection import connection, missing_variables
from tests.unit.jobs.kubelet_environment import environment_of
from tests.unit.jobs.test_steps import env, facts, pod

OBJECTS = {
    "app": {"url": "postgres://u:a$(B)$$c%41@db/shop", "URL": "of prefix", "A": "from envFrom", "PGHOST": "wrong"},
    "later": {"A": "from the later one", "LD_PRELOAD": "/evil.so"},
}
FIELDS = {"metadata.namespace": "shop"}
MIGRATOR = {"name": "migrator", "key": "url"}
OF_THE_POD = {"valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}}
SECRET = {"valueFrom": {"secretKeyRef": {"name": "app", "key": "url"}}}

WEB: dict[str, Any] = {
    "name": "web",
    "image": "shop:1",
    "env": [{"name": "DATABASE_URL", **SECRET}, {"name": "PGHOST", "value": "wrong"}],
    "envFrom": [{"secretRef": {"name": "app"}}],
}


def database(**fields: Any) -> Database:
    return Database.model_validate(fields)


def seen_by_us(container: dict[str, Any], way: Database) -> dict[str, str]:
    """What our container sees of the connection, as its program reads it, and everything else that it sees."""
    made = connection(way, container)
    return environment_of({"env": made.env, "envFrom": made.env_from}, OBJECTS, FIELDS)


def read(value: str) -> str:
    """A value as our program reads it: a reference that led nowhere is as the application has it."""
    return value.replace("$(RELEASEFLOW_APP_", "$(")


NAMES = st.sampled_from(["A", "B", "C", "URL", "url", "odd.name-1", "PGHOST"])
VALUES = st.lists(
    st.one_of(
        NAMES.map(lambda name: f"$({name})"),
        st.sampled_from(["$$", "$", "$(", ")", "$$(A)", "$(NO)", "$x", "x", "é", "%41", "'\"\\ \n", "$(a b)", "$()"]),
    ),
    max_size=5,
).map("".join)
ENTRIES = st.lists(
    st.builds(
        lambda name, source: {"name": name, **source},
        NAMES,
        st.one_of(
            VALUES.map(lambda value: {"value": value}),
            st.just(SECRET),
            st.just({"valueFrom": {"secretKeyRef": {"name": "app", "key": "absent", "optional": True}}}),
            st.just({"valueFrom": {"configMapKeyRef": {"name": "later", "key": "A"}}}),
            st.just({"valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}}),
        ),
    ),
    max_size=6,
)
SOURCES = st.lists(
    st.sampled_from([
        {"secretRef": {"name": "app"}},
        {"configMapRef": {"name": "later"}},
        {"prefix": "U", "secretRef": {"name": "app"}},
        {"secretRef": {"name": "absent", "optional": True}},
    ]),
    max_size=3,
)  # fmt: skip


@settings(max_examples=400)
@given(ENTRIES, SOURCES, NAMES)
def test_a_variable_has_the_value_that_it_has_in_the_application(
    entries: list[dict[str, Any]], sources: list[dict[str, Any]], name: str
) -> None:
    container = {"env": entries, "envFrom": sources}
    theirs = environment_of(container, OBJECTS, FIELDS)
    ours = seen_by_us(container, database(fromEnv={"url": name}))

    assert read(ours["RELEASEFLOW_DATABASE_URL"]) == theirs.get(name, f"$({name})")
    assert all(variable.startswith("RELEASEFLOW_") for variable in ours)


@given(ENTRIES, SOURCES, NAMES)
def test_a_variable_is_missed_only_where_the_container_cannot_have_it(
    entries: list[dict[str, Any]], sources: list[dict[str, Any]], name: str
) -> None:
    container = {"env": entries, "envFrom": sources}
    if missing_variables(facts(StepType.BACKUP, database={"fromEnv": {"url": name}}).spec, container):
        assert name not in environment_of(container, OBJECTS, FIELDS)


@pytest.mark.parametrize(("container", "missing"), [
    ({}, ("DATABASE_URL",)),
    ({"env": [{"name": "DATABASE_URL", **SECRET}]}, ()),
    ({"env": [{"name": "DATABASE_URL", **OF_THE_POD}]}, ("DATABASE_URL",)),
    ({"envFrom": [{"secretRef": {"name": "app"}}]}, ()),
    ({"envFrom": [{"prefix": "DATABASE_", "secretRef": {"name": "app"}}]}, ()),
    ({"envFrom": [{"prefix": "SHOP_", "secretRef": {"name": "app"}}]}, ("DATABASE_URL",)),
])  # fmt: skip
def test_what_the_container_lacks_is_seen_without_reading_a_secret(
    container: dict[str, Any], missing: tuple[str, ...]
) -> None:
    assert missing_variables(facts(StepType.BACKUP, database={}).spec, container) == missing


@pytest.mark.parametrize("fields", [
    {"migration": {"tool": "Django", "env": [{"name": "DATABASE_URL", "value": "postgres://db/shop"}]}},
    {"database": {"engine": "Other"}, "backup": {"none": {"acknowledge": "DataMayBeLost"}}},
    {"database": {"urlSecretRef": MIGRATOR}},
    {"database": {"parameters": {"host": {"value": "db"}, "database": {"value": "shop"}}}},
])  # fmt: skip
def test_nothing_is_missed_that_comes_from_elsewhere_or_is_not_needed(fields: dict[str, Any]) -> None:
    assert missing_variables(facts(StepType.BACKUP, **{"database": {}, **fields}).spec, {}) == ()


def test_a_variable_of_the_migration_leads_the_backup_to_the_same_database() -> None:
    migration = {"tool": "Django", "env": [{"name": "DATABASE_URL", "value": "postgres://other/shop"}]}
    [backup] = pod(facts(StepType.BACKUP, {"containers": [WEB]}, database={}, migration=migration))["containers"]
    seen = environment_of(backup, OBJECTS, FIELDS)
    assert seen["RELEASEFLOW_DATABASE_URL"] == "postgres://other/shop"


def test_only_what_the_connection_needs_is_copied() -> None:
    container = {
        "env": [
            {"name": "WORD", **SECRET},
            {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "other", "key": "token"}}},
            {"name": "DATABASE_URL", "value": "postgres://shop:$(WORD)@db/shop"},
        ],
        "envFrom": [{"secretRef": {"name": "more"}}],
    }
    assert connection(Database(), container).env == (
        {"name": "RELEASEFLOW_APP_WORD", **SECRET},
        {"name": "RELEASEFLOW_APP_DATABASE_URL", "value": "postgres://shop:$(RELEASEFLOW_APP_WORD)@db/shop"},
        {"name": "RELEASEFLOW_DATABASE_URL", "value": "$(RELEASEFLOW_APP_DATABASE_URL)"},
    )
    assert connection(Database(), container).env_from == ()


def test_parameters_are_taken_as_they_are_written() -> None:
    parameters = {
        "host": {"value": "$(HOME)$$db"},
        "database": {"configMapKeyRef": {"name": "app", "key": "url"}},
        "password": {"secretKeyRef": {"name": "app", "key": "url"}},
    }
    assert seen_by_us({"env": [{"name": "HOME", "value": "x"}]}, database(parameters=parameters)) == {
        "RELEASEFLOW_DATABASE_HOST": "$(HOME)$$db",
        "RELEASEFLOW_DATABASE_PASSWORD": OBJECTS["app"]["url"],
        "RELEASEFLOW_DATABASE_DATABASE": OBJECTS["app"]["url"],
    }


@pytest.mark.parametrize("step", [StepType.BACKUP, StepType.MIGRATE])
def test_client_and_way_are_the_same_in_backup_and_report(step: StepType) -> None:
    client = {"image": "client:1", "env": [{"name": "PGSSLMODE", "value": "require"}]}
    spec = {"resources": {"limits": {"memory": "2Gi"}}, **client}
    template = pod(facts(step, {"containers": [WEB]}, database={"client": spec}))
    [container] = template["containers"]
    assert container["name"] in {"backup", "report"}
    assert container["image"] == "client:1"
    assert container["resources"]["limits"]["memory"] == "2Gi"
    assert env(container)["PGSSLMODE"] == "require"
    assert env(container)["RELEASEFLOW_DATABASE_URL"] == "$(RELEASEFLOW_APP_DATABASE_URL)"
    assert not {"DATABASE_URL", "PGHOST"} & env(container).keys()
    assert "envFrom" not in container


@pytest.mark.parametrize(("fields", "replaced"), [
    ({}, set()),
    ({"fromEnv": {"url": "PGHOST"}}, set()),
    ({"urlSecretRef": MIGRATOR}, {"DATABASE_URL"}),
    ({"urlSecretRef": MIGRATOR, "urlEnvNames": ["DIRECT_URL", "PGHOST"]}, {"DIRECT_URL", "PGHOST"}),
    ({"urlSecretRef": MIGRATOR, "urlEnvNames": []}, set()),
    ({"parameters": {"host": {"value": "db"}, "database": {"value": "shop"}}}, set()),
])  # fmt: skip
def test_only_a_url_of_its_own_replaces_variables_of_the_application(
    fields: dict[str, Any], replaced: set[str]
) -> None:
    [check] = pod(facts(StepType.CHECK, {"containers": [WEB]}, database=fields))["containers"]
    url = {"secretKeyRef": MIGRATOR}
    assert {name for name, source in env(check).items() if source == url} == replaced
    kept = {v["name"]: v.get("value", v.get("valueFrom")) for v in WEB["env"] if v["name"] not in replaced}
    assert kept.items() <= env(check).items()
    assert check["envFrom"] == WEB["envFrom"]


def test_a_variable_that_is_defined_twice_keeps_both_places() -> None:
    entries = [{"name": "A", "value": "1"}, {"name": "B", "value": "$(A)"}, {"name": "A", "value": "2"}]
    [check] = pod(facts(StepType.CHECK, {"containers": [{**WEB, "env": entries}]}, database={}))["containers"]
    assert [v for v in check["env"] if v["name"] in {"A", "B"}] == entries
