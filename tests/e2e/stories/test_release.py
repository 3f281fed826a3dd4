"""Stories 1 and 2: adopt what runs, install what is new, release the next version and restore the one before."""

import subprocess

from tests.e2e.stories.database import IMAGE, Database
from tests.e2e.stories.shop import Raw, Shop, image


def test_a_flow_over_a_running_deployment_adopts_it(shop: Shop) -> None:
    pods = shop.pod_uids()

    shop.flow("v1")
    ready = shop.ready()

    assert ready["reason"] == "Released"
    assert shop.pod_uids() == pods, "no pod is restarted"
    (run,) = shop.runs()
    assert run["status"]["outcome"] == "NothingPending"
    assert "backup" not in run["status"]
    assert [(step["name"], step["type"]) for step in run["status"]["steps"]] == [("check", "Check")]


def test_the_next_version_is_released_and_its_backup_is_the_state_before(shop: Shop) -> None:
    shop.flow("v1")
    shop.ready()
    before = shop.database.dump()

    shop.release("v2")
    shop.ready()

    assert shop.live() == image("v2")
    run = shop.runs()[-1]
    assert run["status"]["outcome"] == "Migrated"
    assert before != shop.database.dump()
    assert _restored(shop, run["status"]["backup"]["restoreCommand"]) == before, "row by row"


def test_an_init_container_of_the_released_repository_moves_with_it_and_others_stay(shop: Shop) -> None:
    shop.deploy("v1", beside={"initContainers": [_ends("prepare", image("v1")), _ends("wait", IMAGE)]})
    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=60s")

    shop.flow("v2")
    shop.ready()

    spec = shop.get("deployment", "shop")["spec"]["template"]["spec"]
    assert {it["name"]: it["image"] for it in spec["initContainers"]} == {"prepare": image("v2"), "wait": IMAGE}
    assert (shop.live(), shop.serves()) == (image("v2"), "v2")


def _ends(name: str, image: str) -> Raw:
    """Return an init container that ends at once."""
    return {"name": name, "image": image, "imagePullPolicy": "IfNotPresent", "command": ["true"]}


def _restored(shop: Shop, command: str) -> str:
    """Restore a backup as the manual says, into an empty database; returns what is in it."""
    other = Database(shop.database.server, f"{shop.database.name}_restored").create()
    try:
        shop.secret(url=other.url, name="restore-into")
        done = _played(command)
        assert done.returncode == 0, done
        assert "Restored" in done.stdout.splitlines()
        again = _played(command)
        assert again.returncode != 0
        assert "Nothing was restored: the database is not empty" in again.stdout.splitlines()
        return other.dump()
    finally:
        other.drop()


def _played(command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=120)
