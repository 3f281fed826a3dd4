"""Mutants of the way to the database: names, sources, and what takes the place of what."""

from tests.mutants.mutant import Mutant, Tier

JOBS = "jobs/connection.py"
RULE = "the connection is the application's"

MUTANTS = (
    Mutant(
        "the application's variables reach our containers under their own names",
        RULE,
        JOBS,
        """return {"name": f"{APPLICATION}{entry['name']}", **given}""",
        """return {"name": entry["name"], **given}""",
        Tier.UNIT,
        killer="jobs/test_connection.py",
    ),
    Mutant(
        "an envFrom of the application reaches our containers without a prefix",
        RULE,
        JOBS,
        """{**source, "prefix": f"{APPLICATION}{source.get('prefix') or ''}"}""",
        "{**source}",
        Tier.UNIT,
        killer="jobs/test_connection.py",
    ),
    Mutant(
        "a reference keeps the application's name in our containers",
        RULE,
        JOBS,
        """given["value"] = _EXPANDED.sub(followed, given["value"])""",
        "pass",
        Tier.UNIT,
        killer="jobs/test_connection.py",
    ),
    Mutant(
        "an optional variable hides an earlier one of its name",
        RULE,
        JOBS,
        "        if not _may_define_nothing(entry):\n            needed.discard",
        "        if True:\n            needed.discard",
        Tier.UNIT,
        killer="jobs/test_connection.py",
    ),
    Mutant(
        "a run begins although its container cannot have the variable",
        RULE,
        "core/run/attempt.py",
        "elif facts.workload.missing:",
        "elif False:",
        Tier.UNIT,
        killer="core/test_connection_not_found.py",
    ),
    Mutant(
        "the URL of a Secret takes the place of no variable",
        RULE,
        "jobs/environment.py",
        "return dict.fromkeys(inputs.spec.database.replaced_variables, source)",
        "return {}",
        Tier.UNIT,
        killer="jobs/test_connection.py",
    ),
    Mutant(
        "a run for another database goes on",
        RULE,
        "core/run/early_end.py",
        "if not flow.same_database:",
        "if False:",
        Tier.UNIT,
        killer="core/test_connection_not_found.py",
    ),
    Mutant(
        "what was migrated for another database is released",
        RULE,
        "core/flow/wanted.py",
        "if database_hash(facts.spec.database) != release.database_hash:",
        "if False:",
        killer="other database",
    ),
    Mutant(
        "a flow without targets is Ready for what it does not name any more",
        RULE,
        "core/flow/gates.py",
        "    if changed is not ABSENT:\n        return GateResult(changed, facts.status)\n",
        "",
        killer="other database",
    ),
    Mutant(
        "a changed client starts a release",
        RULE,
        "core/flow/history.py",
        "return digest(database.engine,",
        "return digest(database.client.model_dump_json(), database.engine,",
        Tier.UNIT,
        killer="core/test_connection_not_found.py",
    ),
)
