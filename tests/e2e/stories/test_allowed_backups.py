"""Story of a platform team that forbids migrations without a backup, and of a flow that was older than that."""

from tests.e2e.kubectl import RefusedError
from tests.e2e.policy import rendered
from tests.e2e.stories.shop import Shop, image
from tests.e2e.stories.waiting import until

NO_BACKUP = {"persistentVolumeClaim": None, "none": {"acknowledge": "DataMayBeLost"}}
REFUSED = (
    "spec.backup.none is not allowed in this cluster, which allows persistentVolumeClaim, pointInTime. Write one of"
)


def test_a_flow_that_is_older_than_the_rule_releases_nothing_until_it_has_a_backup(shop: Shop) -> None:
    shop.flow("v3", backup=NO_BACKUP)
    shop.stalled("MigrationFailed")
    policy = rendered(shop.kubectl.namespace, "admissionPolicy.allowedBackups={persistentVolumeClaim,pointInTime}")
    shop.kubectl("apply", "--filename=-", document=policy)
    try:
        until(lambda: _refusal(shop), lambda words: REFUSED in words, 20, "the rule to hold")
        shop.command("retry", "looked-at-it")
        ready = shop.waits("Forbidden")
        assert REFUSED in ready["message"], "the operator is refused as well, and says why"
        assert (len(shop.runs()), shop.serves()) == (1, "v1")

        shop.flow("v4")
        shop.ready()
        assert shop.runs()[-1]["status"]["backup"]["method"] == "PersistentVolumeClaim"
        assert (shop.live(), shop.serves()) == (image("v4"), "v4")
    finally:
        shop.kubectl("delete", "--ignore-not-found", "--filename=-", document=policy)


def _refusal(shop: Shop) -> str:
    """What the team reads that asks for another version; empty where that would work."""
    wanted = f'--patch={{"spec":{{"image":"{image("v4")}"}}}}'
    try:
        shop.kubectl("patch", "rflow", "shop", "--type=merge", wanted, "--dry-run=server")
    except RefusedError as error:
        return str(error)
    return ""
