"""What users get wrong in the words, the image and the pod of a migration, and what the API server answers."""

from tests.e2e.bad_objects import flow, run
from tests.e2e.objects import ABSENT

BAD_MIGRATIONS = [
    flow(
        "path of a tool without one",
        {"migration.path": "x"},
        "spec.migration.path",
        "has no option for a path",
    ),
    flow("path without a tool", {"migration": {"args": ["a"], "path": "x"}}, "spec.migration.path", "or name the tool"),
    flow("empty path", {"migration": {"tool": "Knex", "path": ""}}, "spec.migration.path", "at least 1 chars long"),
    flow(
        "program without a tool",
        {"migration": {"command": ["a"], "program": ["b"]}},
        "spec.migration.program",
        "write its words into command, or name the tool",
    ),
    flow(
        "arguments without a tool",
        {"migration": {"command": ["a"], "arguments": ["b"]}},
        "spec.migration.arguments",
        "write them into args, or name the tool",
    ),
    flow("program as text", {"migration.program": "bundle exec"}, "spec.migration.program", "must be of type array"),
    flow("relative folder", {"migration.workingDir": "app"}, "spec.migration.workingDir", "begin it with '/'"),
    flow("user below 0", {"migration.runAsUser": -1}, "spec.migration.runAsUser", "greater than or equal to 0"),
    flow("user by name", {"migration.runAsUser": "app"}, "spec.migration.runAsUser", "must be of type integer"),
    flow("migrator in upper case", {"migration.image": "Shop:2"}, "spec.migration.image", "it may have $(TAG) in"),
    flow("another variable", {"migration.image": "shop:$(SHA)"}, "spec.migration.image", "it may have $(TAG) in"),
    flow(
        "tag of an image without one",
        {"image": "shop@sha256:" + "a" * 64, "migration.image": "shop-migrator:$(TAG)"},
        "spec.migration.image",
        "spec.image names no tag, only a repository or a digest",
    ),
    run(
        "tag of an image without one",
        {"image": "localhost:5000/shop", "migration.image": "shop-migrator:$(TAG)"},
        "spec.migration.image",
        "spec.image names no tag, only a repository or a digest",
    ),
    flow(
        "a promotion to approve without targets",
        {"targets": ABSENT, "approvals": ["BeforePromotion"], "migration.compatibility": "Additive"},
        "spec.approvals",
        "without targets there is no promotion to approve",
    ),
    flow(
        "sidecars of no workload",
        {"targets": ABSENT, "migration.sidecars": ["proxy"]},
        "spec.migration.sidecars",
        "there is no workload whose containers could be carried along",
    ),
    run(
        "sidecars of no workload",
        {"migration.workloadRef": ABSENT, "migration.sidecars": ["proxy"]},
        "spec.migration.sidecars",
        "write migration.workloadRef: {name: shop}",
    ),
    flow("a sidecar twice", {"migration.sidecars": ["a", "a"]}, "spec.migration.sidecars[1]", "Duplicate value"),
    flow("five sidecars", {"migration.sidecars": [*"abcde"]}, "spec.migration.sidecars", "at most 4 items"),
    flow("sidecar by image", {"migration.sidecars": ["a:1"]}, "spec.migration.sidecars[0]", "not a container's name"),
    flow("too many words", {"migration.program": ["a"] * 9}, "spec.migration.program", "at most 8 items"),
    flow("too many arguments", {"migration.arguments": ["a"] * 33}, "spec.migration.arguments", "at most 32 items"),
    flow(
        "check in no time",
        {"migration.check": {"deadlineSeconds": 1}},
        "spec.migration.check.deadlineSeconds",
        "greater than or equal to",
    ),
    *(
        flow(f"folder: {mistake}", {"migration": migration}, "spec.migration.check.folder", words)
        for mistake, migration, words in (
            (
                "of a tool with a check",
                {"tool": "Django", "check": {"folder": "/app"}},
                "only for",
            ),
            (
                "of a command",
                {"command": ["a"], "check": {"folder": "/app"}},
                "give check.command where",
            ),
            ("with arguments", {"tool": "Knex", "arguments": ["a"], "check": {"folder": "/a"}}, "without arguments"),
            ("and a command", {"tool": "Knex", "check": {"folder": "/a", "command": ["b"]}}, "leave out check.command"),
            ("and no check", {"tool": "Knex", "check": {"folder": "/a", "policy": "Never"}}, "and policy Never"),
            ("not absolute", {"tool": "Knex", "check": {"folder": "migrations"}}, "begin it with '/'"),
            ("too long", {"tool": "Knex", "check": {"folder": "/" + "a" * 1024}}, "may not be more than 1024"),
        )
    ),
    flow(
        "start after more than a day",
        {"jobs": {"startDeadlineSeconds": 86401}},
        "spec.jobs.startDeadlineSeconds",
        "less than or equal to 86400",
    ),
    flow(
        "label of ours", {"jobs": {"podLabels": {"releaseflow.dev/step": "x"}}}, "spec.jobs.podLabels", "leave it out"
    ),
    flow("label of Argo CD", {"jobs.podLabels": {"app.kubernetes.io/instance": "x"}}, "spec.jobs.podLabels", "belongs"),
    flow("annotation of Helm", {"jobs.podAnnotations": {"helm.sh/hook": "x"}}, "spec.jobs.podAnnotations", "belongs"),
    flow(
        "key with a space", {"jobs.podLabels": {"my app": "x"}}, "spec.jobs.podLabels", "has a key that Kubernetes does"
    ),
    flow("label with a space", {"jobs.podLabels": {"app": "my shop"}}, "spec.jobs.podLabels", "has a value that is no"),
    flow(
        "nine annotations",
        {"jobs.podAnnotations": {f"a{i}": "x" for i in range(9)}},
        "spec.jobs.podAnnotations",
        "at most 8",
    ),
    flow("bad priority class", {"jobs.priorityClassName": "High"}, "spec.jobs.priorityClassName", "is not an object's"),
]
