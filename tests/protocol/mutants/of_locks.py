"""Mutants of what a lock remembers of its database, and for how long."""

from tests.protocol.mutants.mutant import RUN, Mutant, Tier

MUTANTS = (
    Mutant(
        "the tables of a namespace that is gone are missed in the one made anew",
        "11 one run per database",
        f"{RUN}/lock.py",
        'made_anew = "" not in namespaces and len(namespaces) > 1',
        "made_anew = False",
        Tier.STORIES,
        killer="core/test_story_of_empty_databases.py",
    ),
    Mutant(
        "a namespace that may not be read counts as made anew",
        "11 one run per database",
        f"{RUN}/lock.py",
        'made_anew = "" not in namespaces and len(namespaces) > 1',
        "made_anew = len(namespaces) > 1",
        Tier.STORIES,
        killer="core/test_story_of_empty_databases.py",
    ),
    Mutant(
        "the same database may have lost its tables where the namespace is new",
        "11 one run per database",
        f"{RUN}/lock.py",
        "(not made_anew or lock.identity == identity)",
        "not made_anew",
        Tier.STORIES,
        killer="core/test_story_of_empty_databases.py",
    ),
    Mutant(
        "tables that were not missed are missed after the next failure",
        "11 one run per database",
        f"{RUN}/finish.py",
        "(backup.tables == 0 and remembers_tables(lock, seen.status.database_identity))",
        "backup.tables == 0",
        Tier.STORIES,
        killer="core/test_story_of_empty_databases.py",
    ),
    Mutant(
        "tables that a run saw are put down to the namespace before",
        "11 one run per database",
        f"{RUN}/finish.py",
        "return (True, lock.namespace_uid) if",
        "return (True, lock.tables_namespace_uid) if",
        Tier.STORIES,
        killer="core/test_story_of_empty_databases.py",
    ),
    Mutant(
        "a lock does not learn in which namespace it was taken",
        "11 one run per database",
        "shell/execute_run.py",
        "locks.NAMESPACE_UID: await _namespace_uid(reader, run.namespace),",
        'locks.NAMESPACE_UID: "",',
        Tier.STORIES,
        killer="shell/test_execute.py",
    ),
    Mutant(
        "no lock is taken where the namespace may not be read",
        "11 one run per database",
        "shell/execute_run.py",
        '        log.warning("namespace_not_read", why=error.message)\n        return ""\n',
        "        raise error from None\n",
        Tier.STORIES,
        killer="shell/test_execute.py",
    ),
)
