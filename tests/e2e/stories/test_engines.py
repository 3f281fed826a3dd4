"""Stories of a database that ReleaseFlow has no client for, and of one that it takes no backup of."""

from tests.e2e.stories import invariants
from tests.e2e.stories.shop import Raw, Shop, image

NO_CLIENT = "ReleaseFlow has no client for engine Other"
NO_BACKUP = {"persistentVolumeClaim": None, "none": {"acknowledge": "DataMayBeLost"}}


def test_a_database_without_a_client_is_migrated_and_a_failure_is_held(shop: Shop) -> None:
    shop.flow("v2", backup=NO_BACKUP, database={"engine": "Other"})
    shop.ready()

    assert shop.serves() == "v2"
    (run,) = shop.runs()
    assert run["status"]["backup"]["method"] == "None"
    assert "schemaAfter" not in run["status"]
    assert _said(run, "BackedUp")["reason"] == "BackupSkipped"
    assert _said(run, "Ready")["message"] == f"The migration of {image('v2')} is complete by its pod: {NO_CLIENT}"
    columns = shop.columns("mrun", run["metadata"]["name"])
    assert (columns["BACKUP"], columns["MIGRATION"], columns["READY"]) == ("Skipped", "Succeeded", "True")
    steps = [job["metadata"]["labels"][invariants.STEP] for job in shop.all("jobs", invariants.MANAGED)]
    assert "Backup" not in steps
    pods = shop.pod_uids()

    shop.release("v3")
    failure = shop.stalled("MigrationFailed")["failure"]
    assert failure["exitCode"] == 1
    assert f"What it left in the database is not known: {NO_CLIENT}" in failure["hint"]
    assert (shop.live(), shop.serves(), shop.pod_uids()) == (image("v2"), "v2", pods)

    shop.release("v4")
    shop.command("retry", "looked-at-it")
    shop.ready()
    assert shop.live() == image("v4")
    assert [run["status"]["outcome"] for run in shop.runs()] == ["Migrated", "MigrationFailed", "Migrated"]
    invariants.are_kept(shop)


def test_without_a_backup_the_database_still_has_the_last_word(shop: Shop) -> None:
    shop.flow("v2", backup=NO_BACKUP)
    shop.ready()

    (run,) = shop.runs()
    status = run["status"]
    assert (status["outcome"], status["backup"]["method"]) == ("Migrated", "None")
    assert len(status["databaseIdentity"]) == 64
    assert status["schemaAfter"]["version"]
    assert "schemaBefore" not in status
    assert _said(run, "Ready")["message"] == f"The schema is migrated by {image('v2')}"
    assert shop.serves() == "v2"
    invariants.are_kept(shop)


def _said(run: Raw, kind: str) -> Raw:
    return next(condition for condition in run["status"]["conditions"] if condition["type"] == kind)
