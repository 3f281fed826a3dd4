"""Story 5: backups that must stop a release, each with its own reason, and what makes it go on."""

from typing import Any

from tests.e2e.stories import invariants
from tests.e2e.stories.database import IMAGE, Database
from tests.e2e.stories.shop import Shop, image
from tests.e2e.stories.waiting import until

BALLAST = """create table ballast as select string_agg(decode(md5(random()::text), 'hex'), '') as noise
from generate_series(1, 524288) as number group by number / 64"""
"""8 MiB that cannot be compressed."""
CUT = """while :; do
  for f in /backups/shop/*.dump.part; do
    [ -s "$f" ] && printf X | dd of="$f" bs=1 seek=100 conv=notrunc,nocreat 2>/dev/null && echo "changed $f"
  done
done"""
"""Changes a byte of each backup for as long as it is not proven."""
RESTRICTED_USER = 65532


def test_a_wrong_password_stops_the_release_until_it_is_corrected(shop: Shop) -> None:
    shop.secret(url=shop.database.url.replace("ry%3Ap", "gu3ssed"))

    shop.flow("v2")
    failure = _stopped(shop, "AuthenticationFailed")
    assert "password authentication failed for user" in failure["hint"]
    assert "gu3ssed" not in str(shop.all("rflow") + shop.runs())

    shop.secret()
    shop.command("retry", "corrected")
    shop.ready()
    assert shop.live() == image("v2")
    invariants.are_kept(shop)


def test_a_full_volume_stops_the_release_and_keeps_no_part_of_the_file(shop: Shop) -> None:
    shop.claim("small", storage_class="tiny")
    shop.database.ask(BALLAST)

    shop.flow("v2", backup={"persistentVolumeClaim": {"claimName": "small"}})
    failure = _stopped(shop, "VolumeFull")
    assert "No space left on device" in failure["hint"]

    shop.database.ask("drop table ballast")
    shop.command("retry", "smaller now")
    shop.ready()
    assert shop.live() == image("v2")
    invariants.are_kept(shop)


def test_a_file_that_changes_before_it_is_proven_stops_the_release_and_leaves_nothing(shop: Shop) -> None:
    shop.database.ask(BALLAST)
    _storage_that_changes_a_byte(shop)

    shop.flow("v2")
    failure = _stopped(shop, "BackupUnverified")

    assert "what was read back is not what was written" in failure["hint"]
    assert "changed /backups/shop/" in shop.kubectl("logs", "lossy")
    assert shop.kubectl("exec", "lossy", "--", "ls", "/backups/shop").strip() == ""
    shop.database.ask("drop table ballast")
    invariants.are_kept(shop)


def test_a_recreated_database_stops_the_release_until_a_person_accepts_that_it_is_empty(shop: Shop) -> None:
    shop.flow("v2")
    shop.ready()
    empty = Database(shop.database.server, f"{shop.database.name}_empty").create()
    try:
        shop.secret(url=empty.url)

        shop.release("v4")
        failure = _stopped(shop, "DatabaseEmpty", serving="v2")
        assert "had tables" in failure["hint"]
        assert "if the database is new on purpose: kubectl annotate rflow shop" in failure["hint"]
        assert empty.ask("select count(*) from pg_tables where schemaname = 'public'") == ["0"]

        shop.command("retry", "it was made anew")
        shop.ready()
        assert (shop.live(), shop.serves()) == (image("v4"), "v4")
        run = shop.runs()[-1]
        assert (run["spec"]["acceptEmptyDatabase"], run["status"]["outcome"]) == (True, "Migrated")
        invariants.are_kept(shop)
    finally:
        empty.drop()


def _stopped(shop: Shop, reason: str, serving: str = "v1") -> dict[str, Any]:
    """Wait for the stop of a release by its backup; returns the failure."""
    pods, schema = shop.pod_uids(), shop.database.dump()
    failure = shop.stalled(reason)["failure"]
    run = shop.runs()[-1]
    assert (failure["step"], failure["reason"]) == ("Backup", reason)
    assert failure == run["status"]["failure"]
    retry = f"kubectl annotate rflow shop -n {shop.kubectl.namespace} --overwrite releaseflow.dev/retry="
    assert retry in failure["hint"]
    assert shop.columns("mrun", run["metadata"]["name"])["REASON"] == reason
    assert not shop.all("jobs", f"{invariants.STEP}=Migrate,{invariants.RUN}={run['metadata']['uid']}")
    assert (shop.live(), shop.pod_uids(), shop.serves()) == (image(serving), pods, serving)
    assert shop.database.dump() == schema
    shop.warned("Deployment", "shop", reason)
    return dict(failure)


def _storage_that_changes_a_byte(shop: Shop) -> None:
    """Start a pod that mounts the claim, as a failing storage would, and changes each backup while it is written."""
    container = {
        "name": "lossy",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", CUT],
        "volumeMounts": [{"name": "backups", "mountPath": "/backups"}],
    }
    pod = {
        "containers": [container],
        "volumes": [{"name": "backups", "persistentVolumeClaim": {"claimName": "shop-backups"}}],
        "securityContext": {"runAsUser": RESTRICTED_USER, "runAsGroup": RESTRICTED_USER, "fsGroup": RESTRICTED_USER},
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 0,
    }
    shop.apply("v1", "Pod", "lossy", spec=pod)
    until(lambda: shop.get("pod", "lossy")["status"]["phase"], lambda phase: phase == "Running", 60, "the pod")
