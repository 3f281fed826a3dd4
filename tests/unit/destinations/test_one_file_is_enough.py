"""A place for backups that the project does not know: one more file in the folder, and everything else follows."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from tests.support.product_copy import answered, product_copy
from tests.unit.destinations import folder_of_a_node

ASKED = """
import json
from dataclasses import replace
from pydantic import ValidationError
from releaseflow.api.v1alpha1.backup import Backup
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.cache.cache import Cache
from releaseflow.controllers.orphans.targets import DeletedFlows
from releaseflow.core.run.retention import kept_in
from releaseflow.core.run.backup import backup_is_taken, backup_is_verified
from releaseflow.kube.resources import Resource
from tests.support import builders, objects
from tests.support.builders import PodPhase
from tests.unit.core.test_run_gates import job, under_way, with_steps
from tests.unit.jobs.test_steps import facts, pod
from tools.crds import crd_files
from tools.reference import reference_files

place = {"hostPath": {"path": "/srv/backups"}}
claim = {"persistentVolumeClaim": {"claimName": "backups"}}
ended = [builders.container("backup", 0, builders.backup_says())]
pods = (builders.pod(StepType.BACKUP, PodPhase.SUCCEEDED, *ended),)
seen = with_steps(under_way(StepType.BACKUP), jobs=job(StepType.BACKUP, complete=True), pods=pods)
taken = backup_is_taken(replace(seen, spec=builders.run_spec(backup=place))).status

cache, events = Cache(), []
target = objects.deployment(labels={"releaseflow.dev/managed": "true"})
target["metadata"]["annotations"] = {"releaseflow.dev/fence": f"shop/{objects.FLOW_UID}/1"}
cache.upsert(Resource.DEPLOYMENT, target)
DeletedFlows(events.append).announce(cache, objects.flow(backup=place))

def refused(backup):
    try:
        Backup.model_validate(backup)
    except ValidationError as error:
        return str(error)
    return ""

print(json.dumps({
    "crds": list(crd_files().values()),
    "pages": {path.name: text for path, text in reference_files().items()},
    "pod": pod(facts(StepType.BACKUP, backup=place)),
    "other": pod(facts(StepType.BACKUP, backup=claim)),
    "status": taken.backup.model_dump(mode="json", by_alias=True),
    "verified": backup_is_verified(builders.run(status=taken)).verdict.message,
    "kept": [kept.path for kept in kept_in(Backup.model_validate(place).destination, 1, taken)],
    "kept of another place": list(kept_in(Backup.model_validate(claim).destination, 1, taken)),
    "claims": [Backup.model_validate(backup).destination.claims for backup in (place, claim)],
    "deleted": events[0].note,
    "refused": [refused(backup) for backup in (place, {}, place | claim, {"hostPath": {"path": "not/absolute"}})],
}))
"""
BOTH = (
    "needs exactly one place for backups: write hostPath: {path: /srv/backups}, with the path of your folder,"
    " or persistentVolumeClaim: {claimName: shop-backups}, with the name of your claim; for a managed database that can"
    " be restored to any second, pointInTime: {statement: 'RDS, 7 days, restore tested 2026-10-02'}; or, to migrate"
    " with no way back, none: {acknowledge: DataMayBeLost}"
)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What is made of a copy of the product that has one file more."""
    copy = product_copy(tmp_path_factory.mktemp("source"), {folder_of_a_node.FILE: folder_of_a_node.TEXT})
    return answered(copy, ASKED)


def test_the_crds_have_its_member_and_their_rule_counts_it(followed: Mapping[str, Any]) -> None:
    for text in followed["crds"]:
        crd = yaml.safe_load(text)
        spec = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
        backup = spec["properties"]["backup"]
        member = backup["properties"]["hostPath"]
        assert member["description"] == "Backups go to a folder of a node. Another node does not have it."
        assert member["required"] == ["path"]
        assert "is not an absolute path" in member["properties"]["path"]["x-kubernetes-validations"][0]["message"]
        [rule] = backup["x-kubernetes-validations"]
        assert rule == {
            "rule": "[has(self.hostPath), has(self.persistentVolumeClaim), has(self.pointInTime), "
            "has(self.none)].exists_one(given, given)",
            "message": BOTH,
        }
        assert "required" not in backup


def test_the_operator_refuses_what_the_rule_refuses(followed: Mapping[str, Any]) -> None:
    good, nothing, both, relative = followed["refused"]
    assert good == ""
    assert BOTH in nothing
    assert BOTH in both
    assert "is not an absolute path" in relative


def test_the_reference_has_its_row_and_its_fields(followed: Mapping[str, Any]) -> None:
    page = followed["pages"]["destinations.md"]
    assert "| `hostPath` | a dump to a folder of a node | file:///PATH is a file of the node |" in page
    assert "For tests: the node is not known." in page
    for kind in ("releaseflow.md", "migrationrun.md"):
        assert "## spec.backup.hostPath" in followed["pages"][kind]
    assert "HostPath is a dump to a folder of a node, PersistentVolumeClaim is" in followed["pages"]["migrationrun.md"]


def test_its_jobs_mount_it_and_those_of_others_do_not(followed: Mapping[str, Any]) -> None:
    volume = {"name": "releaseflow-backups", "hostPath": {"path": "/srv/backups", "type": "DirectoryOrCreate"}}
    assert volume in followed["pod"]["volumes"]
    assert "persistentVolumeClaim" not in json.dumps(followed["pod"]["volumes"])
    assert "hostPath" not in json.dumps(followed["other"])
    for container in followed["pod"]["containers"]:
        assert {"name": "releaseflow-backups", "mountPath": "/backups"} in container["volumeMounts"]
        assert {"name": "RELEASEFLOW_PLACE", "value": "mounted_folder:/backups"} in container["env"]


def test_the_status_says_where_the_backup_is_and_the_operator_finds_it_there(followed: Mapping[str, Any]) -> None:
    status = followed["status"]
    assert (status["method"], status["location"]) == ("HostPath", "file:///srv/backups/team/shop/1.dump")
    assert followed["verified"].startswith("file:///srv/backups/team/shop/1.dump, ")
    assert followed["kept"] == ["team/shop/1.dump"]
    assert followed["kept of another place"] == []


def test_its_backup_is_restored_from_it(followed: Mapping[str, Any]) -> None:
    [beside] = [v["value"] for v in followed["pod"]["containers"][0]["env"] if v["name"] == "RELEASEFLOW_RESTORE"]
    for command in (beside, followed["status"]["restoreCommand"]):
        spec = json.loads(command.partition("--overrides='")[2].partition("'")[0])["spec"]
        assert [volume["hostPath"]["path"] for volume in spec["volumes"]] == ["/srv/backups"]
        [container] = spec["containers"]
        assert container["volumeMounts"] == [{"name": "b", "mountPath": "/backups", "readOnly": True}]


def test_no_claim_is_waited_for_that_it_does_not_have(followed: Mapping[str, Any]) -> None:
    assert followed["claims"] == [[], ["backups"]]


def test_the_targets_of_a_deleted_flow_say_where_its_backups_stay(followed: Mapping[str, Any]) -> None:
    kept = "Backups that it took stay in folder /srv/backups of the node, under shop/"
    assert followed["deleted"].endswith(f"{kept}, each with its restore command beside it")
