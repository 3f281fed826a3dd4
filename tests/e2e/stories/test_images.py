"""Story 4: other images before, during and after a migration; back to an earlier one; a schema that is ahead."""

import json
import subprocess

import pytest

from tests.e2e.kubectl import RefusedError
from tests.e2e.stories import invariants
from tests.e2e.stories.shop import Shop, image
from tests.e2e.stories.waiting import until

MIGRATE = "exec python3 manage.py migrate --noinput"
NOTE = 'python3 -c \'import os, psycopg; psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)'
NOTE += '.execute("insert into migrations_begun values (%s)", [os.environ["SHOP_VERSION"]])\''
CHECK = ["python3", "manage.py", "migrate", "--check"]


def test_a_newer_image_before_the_migration_supersedes_it(shop: Shop) -> None:
    _counts_migrations(shop)
    slow_check = ["sh", "-c", f"[ $SHOP_VERSION != v2 ] || sleep 60; exec {' '.join(CHECK)}"]
    shop.flow("v2", migration=_by_command(check={"command": slow_check}))
    until(lambda: shop.all("pods", "releaseflow.dev/step=Check"), bool, 30, "the check at v2")

    shop.release("v4")
    shop.ready()

    assert shop.live() == image("v4")
    first, second = shop.runs()
    assert (first["status"]["outcome"], second["status"]["outcome"]) == ("Superseded", "Migrated")
    assert [job["metadata"]["labels"][invariants.RUN] for job in invariants.migrations(shop)] == [
        second["metadata"]["uid"]
    ]
    assert _begun(shop) == ["v4"]
    assert image("v2") not in _images_that_served(shop)
    invariants.are_kept(shop)


def test_a_newer_image_during_the_migration_waits_for_its_end(shop: Shop) -> None:
    _counts_migrations(shop)
    shop.flow("v2", migration=_by_command("[ $SHOP_VERSION != v2 ] || sleep 5"))
    until(lambda: _begun(shop), bool, 60, "the migration of v2")

    shop.release("v4")
    shop.ready()

    first, second = shop.runs()
    assert (first["status"]["outcome"], second["status"]["outcome"]) == ("Migrated", "Migrated")
    assert first["status"]["completionTime"] <= second["metadata"]["creationTimestamp"], "one after the other"
    assert _begun(shop) == ["v2", "v4"], "nothing is killed, and nothing runs twice"
    assert _images_that_served(shop) == {image("v1"), image("v4")}, "v2 is migrated, and not promoted"
    assert shop.get("rflow", "shop")["status"]["history"][0]["outcome"] == "Superseded"
    invariants.are_kept(shop)


def test_a_newer_image_after_the_migration_takes_the_place_of_the_migrated_one(shop: Shop) -> None:
    shop.flow("v2", approvals=["BeforePromotion"])
    shop.waits("AwaitingApproval")
    before = shop.runs()[0]["metadata"]["name"]

    shop.release("v4")
    until(lambda: len(shop.runs()), lambda count: count == 2, 30, "the run of v4")
    shop.command("approve", before)
    shop.waits("AwaitingApproval")
    run = shop.runs()[-1]["metadata"]["name"]
    message = until(lambda: shop.condition("rflow", "shop")["message"], lambda said: run in said, 60, "the run of v4")
    assert shop.live() == image("v1"), "the approval of v2 does not hold for v4"
    _type(shop, message)
    shop.ready()

    assert _images_that_served(shop) == {image("v1"), image("v4")}
    assert [run["status"]["outcome"] for run in shop.runs()] == ["Migrated", "Migrated"]
    invariants.are_kept(shop)


def test_back_to_the_first_image_is_a_release_of_its_own(shop: Shop) -> None:
    shop.flow("v2")
    shop.ready()
    schema = shop.database.ask("select name from django_migrations order by id")

    shop.release("v1")
    shop.ready()

    assert shop.live() == image("v1")
    assert shop.serves() == "v1"
    assert [run["spec"]["flowRef"]["sequence"] for run in shop.runs()] == [1, 2]
    assert [run["status"]["outcome"] for run in shop.runs()] == ["Migrated", "NothingPending"]
    assert shop.database.ask("select name from django_migrations order by id") == schema
    invariants.data_is_whole(shop)
    invariants.are_kept(shop)


def test_an_older_image_after_a_breaking_migration_needs_an_approval(shop: Shop) -> None:
    shop.flow("v1", migration={"compatibility": "Breaking"})
    shop.ready()
    shop.release("v2")
    shop.ready()
    pods = shop.pod_uids()

    shop.release("v1")
    shop.stalled("SchemaAhead")

    with pytest.raises(RefusedError, match="timed out"):
        shop.kubectl("wait", "--for=condition=Ready", "--timeout=1s", "rflow/shop")
    assert len(shop.runs()) == 2, "nothing runs before the approval"
    assert (shop.live(), shop.pod_uids()) == (image("v2"), pods)
    _type(shop, shop.condition("rflow", "shop")["message"])
    shop.ready()

    assert shop.live() == image("v1")
    assert shop.runs()[-1]["status"]["outcome"] == "NothingPending"
    invariants.are_kept(shop)


def _by_command(before: str = ":", **changes: object) -> dict[str, object]:
    """Return a migration by a command of one's own, which notes in the database that it began."""
    command = ["sh", "-c", f"{NOTE} && {{ {before}; }} && {MIGRATE}"]
    return {"tool": None, "command": command, "check": {"command": CHECK}, **changes}


def _counts_migrations(shop: Shop) -> None:
    shop.database.ask("create table migrations_begun (version text)")


def _begun(shop: Shop) -> list[str]:
    return shop.database.ask("select version from migrations_begun order by ctid")


def _images_that_served(shop: Shop) -> set[str]:
    """Return the images that the Deployment ever had pods of: it keeps a ReplicaSet for each."""
    specs = [found["spec"]["template"]["spec"] for found in shop.all("replicasets")]
    return {container["image"] for spec in specs for container in spec["containers"]}


def _type(shop: Shop, message: str) -> None:
    """Type the command that a message ends with."""
    command = "kubectl annotate" + message.split("kubectl annotate", maxsplit=1)[1]
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, json.dumps([command, done.stderr])
