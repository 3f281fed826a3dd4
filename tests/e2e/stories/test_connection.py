"""Story 20: the application's environment is the connection, however the team gives it to the container."""

from collections.abc import Callable

import pytest

from tests.e2e.stories import invariants
from tests.e2e.stories.connections import (
    BUILDS_ITS_URL,
    READS_ANOTHER,
    SPECIAL,
    Connection,
    drop_user,
    from_config_map,
    from_secret,
    key_of,
    make_user,
    parts,
    url_of,
)
from tests.e2e.stories.database import PASSWORD, USER, Database
from tests.e2e.stories.shop import Raw, Shop, image
from tests.e2e.stories.waiting import until

SKU = "from information_schema.columns where table_name = 'shop_item' and column_name = 'sku'"
BUILDER = ("python3", "-c", BUILDS_ITS_URL)
SEPARATE = {
    "host": "DB_HOST",
    "port": "DB_PORT",
    "username": "DB_USER",
    "password": "DB_PASSWORD",
    "database": "DB_NAME",
}


def _secret(given: dict[str, str]) -> Connection:
    env = (from_secret("DATABASE_URL", "any-name", "dsn"),)
    return Connection(env=env, secrets={"any-name": {"dsn": url_of(given)}})


def _config_map(given: dict[str, str]) -> Connection:
    env = (from_config_map("DATABASE_URL", "settings", "database.url"),)
    return Connection(env=env, config_maps={"settings": {"database.url": url_of(given)}})


def _literal(given: dict[str, str]) -> Connection:
    return Connection(env=({"name": "DATABASE_URL", "value": url_of(given)},))


def _env_from(given: dict[str, str]) -> Connection:
    secrets = {"app": {"DATABASE_URL": url_of(given), "PGHOST": "nowhere.invalid", "LD_PRELOAD": "/nothing.so"}}
    return Connection(env_from=({"secretRef": {"name": "app"}},), secrets=secrets)


def _env_from_with_prefix(given: dict[str, str]) -> Connection:
    sources = (
        {"configMapRef": {"name": "absent", "optional": True}},
        {"prefix": "DATABASE_", "secretRef": {"name": "app"}},
    )
    return Connection(env_from=sources, secrets={"app": {"URL": url_of(given), "PASSWORD": "of nobody"}})


def _built_of_others(given: dict[str, str]) -> Connection:
    url = url_of({**given, "username": "USER", "password": "WORD"}).replace("USER:WORD", "$(DB_USER):$(APP_WORD)")
    env = (from_secret("DB_USER", "app", "user"), {"name": "DATABASE_URL", "value": url})
    word = url_of(given).split(":")[2].split("@")[0]
    source = {"prefix": "APP_", "secretRef": {"name": "words"}}
    return Connection(env=env, env_from=(source,), secrets={"app": {"user": USER}, "words": {"WORD": word}})


def _separate(given: dict[str, str]) -> Connection:
    env = tuple(from_secret(name, "app", part) for part, name in SEPARATE.items())
    started = (*BUILDER, "DB_HOST,DB_USER,DB_NAME,DB_PORT,DB_PASSWORD")
    return Connection({"fromEnv": SEPARATE}, env, secrets={"app": given}, started_by=started)


def _cloud_native_pg(given: dict[str, str]) -> dict[str, dict[str, str]]:
    other = {"dbname": given["database"], "user": given["username"], "uri": url_of(given), "pgpass": "host:5432:*"}
    return {"shop-app": {**{k: given[k] for k in ("host", "port", "username", "password")}, **other}}


def _uri_of_cloud_native_pg(given: dict[str, str]) -> Connection:
    env = (from_secret("DATABASE_URL", "shop-app", "uri"),)
    database = {"urlSecretRef": {"name": "shop-app", "key": "uri"}, "urlEnvNames": ["DATABASE_URL"]}
    return Connection(database, env, secrets=_cloud_native_pg(given))


def _keys_of_cloud_native_pg(given: dict[str, str]) -> Connection:
    keys = {"host": "host", "port": "port", "username": "username", "password": "password", "database": "dbname"}
    parameters = {part: key_of("shop-app", key) for part, key in keys.items()}
    env = (from_secret("DATABASE_URL", "shop-app", "uri"),)
    return Connection({"parameters": parameters}, env, secrets=_cloud_native_pg(given))


ZALANDO = "story.acid-shop.credentials.postgresql.acid.zalan.do"
"""A name of a Secret that Zalando's operator makes."""


def _zalando(given: dict[str, str]) -> Connection:
    values = {part: {"value": given[part]} for part in ("host", "port", "database")}
    keys = {part: key_of(ZALANDO, part) for part in ("username", "password")}
    env = (
        {"name": "DB_HOST", "value": given["host"]},
        {"name": "DB_NAME", "value": given["database"]},
        from_secret("DB_USER", ZALANDO, "username"),
        from_secret("DB_PASSWORD", ZALANDO, "password"),
        {"name": "DB_PORT", "value": given["port"]},
    )
    started = (*BUILDER, "DB_HOST,DB_USER,DB_NAME,DB_PORT,DB_PASSWORD")
    secrets = {ZALANDO: {part: given[part] for part in ("username", "password")}}
    return Connection({"parameters": {**values, **keys}}, env, secrets=secrets, started_by=started)


CASES: dict[str, Callable[[dict[str, str]], Connection]] = {
    "a variable from a Secret": _secret,
    "a variable from a ConfigMap": _config_map,
    "a literal": _literal,
    "envFrom": _env_from,
    "envFrom with a prefix": _env_from_with_prefix,
    "a variable built of others": _built_of_others,
    "separate variables": _separate,
    "the uri of CloudNativePG": _uri_of_cloud_native_pg,
    "the keys of CloudNativePG": _keys_of_cloud_native_pg,
    "the Secret of Zalando's operator": _zalando,
}


@pytest.mark.parametrize("way", CASES.values(), ids=CASES)
def test_a_release_finds_the_database_as_the_application_does(
    shop: Shop, way: Callable[[dict[str, str]], Connection]
) -> None:
    connection = way(parts(shop.database, USER, PASSWORD))
    connection.deploy(shop)
    shop.kubectl("delete", "secret", "shop-db")

    connection.flow(shop, "v2")

    _is_released(shop)


def test_a_password_of_every_special_character_is_what_it_is(shop: Shop) -> None:
    user = f"special_{shop.database.name}"
    make_user(shop.database, user, SPECIAL)
    connection = _separate(parts(shop.database, user, SPECIAL))
    connection.deploy(shop)

    connection.flow(shop, "v2")

    _is_released(shop)
    drop_user(shop.database, user)


@pytest.mark.parametrize("certain", [True, False], ids=["by the container", "by the pod"])
def test_an_application_that_reads_another_variable_is_released_with_the_line_of_the_message(
    shop: Shop, *, certain: bool
) -> None:
    url = url_of(parts(shop.database, USER, PASSWORD))
    connection = Connection(
        env=(from_secret("SHOP_DB_URL", "app", "url"),),
        env_from=() if certain else ({"secretRef": {"name": "more"}},),
        secrets={"app": {"url": url}, "more": {"COLOUR": "blue"}},
        started_by=("python3", "-c", READS_ANOTHER),
    )
    connection.deploy(shop)

    connection.flow(shop, "v2")

    said = shop.waits("ConnectionNotFound") if certain else shop.stalled("ConnectionNotFound")["failure"]
    message = said["message"] if certain else said["hint"]
    assert "no variable DATABASE_URL" in message
    assert "Write database: {fromEnv: {url: SHOP_DB_URL}}" in message
    assert f"kubectl edit rflow shop -n {shop.kubectl.namespace}" in message or not certain
    assert shop.live() == image("v1")

    line = message.partition("Write database: ")[2].partition("}}")[0] + "}}"
    patch = f'{{"spec":{{"database":{line.replace("{", "{").replace("fromEnv", chr(34) + "fromEnv" + chr(34))}}}}}'
    patch = patch.replace("url: SHOP_DB_URL", '"url":"SHOP_DB_URL"')
    shop.kubectl("patch", "rflow", "shop", "--type=merge", f"--patch={patch}")

    _is_released(shop)


def test_a_database_that_is_named_while_another_is_migrated_is_checked_before_the_image_serves(shop: Shop) -> None:
    other = Database(shop.database.server, f"{shop.database.name}_b").create("shop_v1")
    try:
        shop.secret(other.url, "other-db")
        slow: Raw = {"command": ["sh", "-c", "sleep 6; exec python3 manage.py migrate --noinput"], "tool": None}
        shop.flow("v2", migration=slow)
        until(lambda: invariants.migrations(shop, "pods"), bool, 120, "the migration")
        patch = '{"spec":{"database":{"urlSecretRef":{"name":"other-db"}}}}'
        shop.kubectl("patch", "rflow", "shop", "--type=merge", f"--patch={patch}")

        until(shop.runs, lambda runs: len(runs) == 2, 60, "a run for the other database")
        first = shop.runs()[0]["status"]["outcome"]
        assert (first, shop.live()) == ("Migrated", image("v1")), "it was migrated, and its image waits"
        assert other.ask(f"select count(*) {SKU}") == ["0"]
        shop.kubectl("wait", "--for=condition=Ready", "--timeout=180s", "releaseflow/shop")
        assert [database.ask(f"select count(*) {SKU}") for database in (shop.database, other)] == [["1"], ["1"]]
        assert shop.live() == image("v2")
        release = shop.get("rflow", "shop")["status"]
        assert release["release"]["trigger"] == "DatabaseChanged"
        assert release["history"][0]["outcome"] == "Superseded"
        invariants.are_kept(shop)
    finally:
        other.drop()


def _is_released(shop: Shop) -> None:
    assert shop.ready()["reason"] == "Released"
    run = shop.runs()[-1]
    assert run["status"]["outcome"] == "Migrated"
    assert run["status"]["backup"]["tables"] > 0
    assert shop.database.ask("select count(*) from django_migrations where name = '0002_item_sku'") == ["1"]
    assert (shop.live(), shop.serves()) == (image("v2"), "v2")
