"""What users get wrong in the backup of a flow or run, and what the API server answers."""

from typing import Any

from tests.e2e.bad_objects import NOT_A_NAME, flow, run
from tests.e2e.objects import ABSENT

NO_PLACE = "needs exactly one place for backups: write persistentVolumeClaim: {claimName: shop-backups}"
CLAIM_NAME = "spec.backup.persistentVolumeClaim.claimName"
BACKUP = "spec.backup"
POINT = "spec.backup.pointInTime"
CLAIM_WITHOUT_NAME: dict[str, Any] = {"persistentVolumeClaim": {}}
NO_WAY_BACK = {"acknowledge": "DataMayBeLost"}
CANNOT_DUMP = "no backup can be taken with engine Other, which ReleaseFlow has no client for: write backup: {none:"

BAD_BACKUPS = [
    flow("no place for backups", {"backup": {}}, "spec.backup", NO_PLACE),
    flow("a place and none", {"backup.none": NO_WAY_BACK}, "spec.backup", NO_PLACE),
    flow("a backup without a client", {"database.engine": "Other"}, "spec.backup", CANNOT_DUMP),
    run("a run's backup without a client", {"database.engine": "Other"}, "spec.backup", CANNOT_DUMP),
    flow("a place and a point", {"backup.pointInTime": {"statement": "RDS, 7 days"}}, "spec.backup", NO_PLACE),
    flow(
        "a point and none",
        {"backup": {"pointInTime": {"statement": "RDS, 7 days"}, "none": NO_WAY_BACK}},
        "spec.backup",
        "pointInTime: {statement: 'RDS, 7 days, restore tested 2026-10-02'}; or, to migrate with no way back",
    ),
    flow("a point without a word", {"backup": {"pointInTime": {}}}, f"{POINT}.statement", "Required value"),
    flow(
        "a point that says little",
        {"backup": {"pointInTime": {"statement": "RDS"}}},
        f"{POINT}.statement",
        "at least 10",
    ),
    flow(
        "a point that says too much",
        {"backup": {"pointInTime": {"statement": "R" * 513}}},
        f"{POINT}.statement",
        "may not be more than 512",
    ),
    flow(
        "a point without a client",
        {"backup": {"pointInTime": {"statement": "RDS, 7 days"}}, "database.engine": "Other"},
        "spec.backup",
        CANNOT_DUMP,
    ),
    run(
        "a point that says little",
        {"backup": {"pointInTime": {"statement": "RDS"}}},
        f"{POINT}.statement",
        "at least 10",
    ),
    flow("a backup that is never fresh", {"backup.maximumAgeSeconds": 59}, f"{BACKUP}.maximumAgeSeconds", "to 60"),
    flow("a backup that is old", {"backup.maximumAgeSeconds": 604801}, f"{BACKUP}.maximumAgeSeconds", "to 604800"),
    run(
        "an age in words", {"backup.maximumAgeSeconds": "1h"}, f"{BACKUP}.maximumAgeSeconds", "must be of type integer"
    ),
    flow("none without a word", {"backup": {"none": {}}}, "spec.backup.none.acknowledge", "Required value"),
    flow(
        "another word for it",
        {"backup": {"none": {"acknowledge": "Yes"}}},
        "spec.backup.none.acknowledge",
        'supported values: "DataMayBeLost"',
    ),
    flow("no backup", {"backup": ABSENT}, "spec.backup", "Required value"),
    flow("claim as text", {"backup": {"volumeClaimName": "b"}}, "spec.backup.volumeClaimName", "unknown field"),
    flow("claim without a name", {"backup": CLAIM_WITHOUT_NAME}, CLAIM_NAME, "Required value"),
    flow("claim with a slash", {"backup.persistentVolumeClaim.claimName": "a/b"}, CLAIM_NAME, NOT_A_NAME),
]
