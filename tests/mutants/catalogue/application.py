"""Mutants of the Job as the application's pod: which image and words migrate, no target, and sidecars beside a step."""

from tests.mutants.mutant import FLOW, RUN, Mutant, Tier

IMAGE, CHECK, ONLY, SIDECARS = "the migration's image", "the tool's own check", "without targets", "sidecars"
TOOLS, PARSE, MIGRATE_ONLY, BY_FILES = (
    f"{file}.py"
    for file in (
        "core/test_tools_and_names",
        "controllers/test_parse_jobs",
        "core/test_scenario_migrate_only",
        "jobs/test_check_by_files",
    )
)

MUTANTS = (
    Mutant(
        "the check may run in another image than the one that was asked for",
        IMAGE,
        f"{RUN}/check.py",
        "container.image == _checking_image(facts) and not",
        "not",
        Tier.UNIT,
        "core/test_run_gates.py",
    ),
    Mutant(
        "an image that only migrates is compared with the pods",
        IMAGE,
        "controllers/parse_objects.py",
        "migrate is not ABSENT and run.spec.migration.image is None else",
        "migrate is not ABSENT else",
        Tier.UNIT,
        "core/test_scenario_release.py",
    ),
    Mutant(
        "a check that does not answer for the arguments is asked",
        CHECK,
        "presets/preset.py",
        "if not self.check.arguments or (arguments and not self.check.takes_arguments):",
        "if not self.check.arguments:",
        Tier.UNIT,
        TOOLS,
    ),
    Mutant(
        "what compares the names of files may be the released image itself",
        CHECK,
        f"{RUN}/check.py",
        "return client_image(facts.spec, facts.client_image) if by_files else migration_image(facts.spec)",
        "return migration_image(facts.spec)",
        Tier.UNIT,
        "core/test_check_by_files.py",
    ),
    Mutant(
        "a migration that is applied and not in the image is no difference",
        CHECK,
        "steps/check.py",
        ', ("applied, and not in the image", applied - found)',
        ",",
        Tier.UNIT,
        BY_FILES,
    ),
    Mutant(
        "a file of an unknown name is no migration",
        CHECK,
        "steps/check.py",
        "            yield match.group(1) if match else file\n",
        "            if match:\n                yield match.group(1)\n",
        Tier.UNIT,
        BY_FILES,
    ),
    Mutant(
        "a folder without migrations has nothing pending",
        CHECK,
        "steps/check.py",
        "    if not found:\n",
        "    if not found and applied:\n",
        Tier.UNIT,
        BY_FILES,
    ),
    Mutant(
        "a flow without targets is ready without a run",
        ONLY,
        f"{FLOW}/gates.py",
        "_WITHOUT_TARGETS = (RUNNER_READY, RUN_SUCCEEDED)",
        "_WITHOUT_TARGETS: tuple[FlowGate, ...] = ()",
        killer="migrate only",
    ),
    Mutant(
        "a flow without targets reports a promotion",
        ONLY,
        f"{FLOW}/gates.py",
        "row = GATES if facts.spec.has_targets else _WITHOUT_TARGETS",
        "row = GATES",
        Tier.UNIT,
        MIGRATE_ONLY,
    ),
    Mutant(
        "a flow without targets cannot be aborted",
        ONLY,
        f"{FLOW}/decide.py",
        "if ask.abort and (withheld or not facts.spec.has_targets):",
        "if ask.abort and withheld:",
        Tier.UNIT,
        MIGRATE_ONLY,
    ),
    Mutant(
        "a container of ours that is restarted for ever is a sidecar",
        SIDECARS,
        "controllers/parse_jobs.py",
        ' and get_str(spec, "name") not in set(ContainerName)',
        "",
        Tier.UNIT,
        PARSE,
    ),
    Mutant(
        "a sidecar belongs to the step",
        SIDECARS,
        "core/facts.py",
        "own = [container for container in self.containers if not container.is_sidecar]",
        "own = list(self.containers)",
        Tier.UNIT,
        PARSE,
    ),
    Mutant(
        "a sidecar that runs is the start of a migration",
        SIDECARS,
        "core/facts.py",
        "any(container.started for container in self.containers if not container.is_sidecar)",
        "any(container.started for container in self.containers)",
        Tier.UNIT,
        PARSE,
    ),
)
