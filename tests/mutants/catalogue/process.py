"""Mutants of the process: what only the real one, broken on a real API server, can show."""

from tests.mutants.mutant import Mutant, Tier

MUTANTS = (
    Mutant(
        "an error in a watch ends the operator",
        "recovery",
        "handlers/watches.py",
        "session = connection.session(RelistOnWatchError(memo.manager.relist_needed.set))",
        "session = connection.session()",
        Tier.FAULTS,
        killer='{"scenario": "statefulset", "faults": [{"what": "error-event", "at": "observation", "number": 22}]}',
    ),
    Mutant(
        "a process whose watches have ended lives on",
        "recovery",
        "handlers/watches.py",
        "    memo.manager.watches_ended.set()\n",
        "",
        Tier.UNIT,
        killer="runtime/test_manager.py",
    ),
    Mutant(
        "a write without an answer is taken for done",
        "recovery",
        "controllers/workers.py",
        "self._failed(key, began, error.retry_after)",
        "self.queue.forget(key)",
        Tier.UNIT,
        killer="controllers/test_workers.py",
    ),
    Mutant(
        "the Lease is taken from a leader that renews it",
        "only the leader writes",
        "kube/leader_election/lease.py",
        'if _holder(raw) in {"", self.identity} or self._has_run_out():',
        "if True:",
        Tier.FAULTS,
        killer='{"scenario": "good",'
        ' "faults": [{"what": "renewals-refused", "at": "write", "number": 8, "amount": 22}]}',
    ),
    Mutant(
        "the Lease is renewed in the work's own loop",
        "only the leader writes",
        "kube/leader_election/elector.py",
        """        loop, self._thread_loop = asyncio.get_running_loop(), asyncio.new_event_loop()
        running = self._thread_loop.create_task(self.campaign.run(Watchdog(loop, is_alive)))
        executor = ThreadPoolExecutor(1, thread_name_prefix="leader-election")
        thread = loop.run_in_executor(executor, _run_until_it_ends, self._thread_loop, running)
""",
        """        loop = self._thread_loop = asyncio.get_running_loop()
        thread = running = loop.create_task(self.campaign.run(Watchdog(loop, is_alive)))
        executor = ThreadPoolExecutor(1)
""",
        Tier.FAULTS,
        killer='{"scenario": "good", "faults": [{"what": "blocked", "at": "write", "number": 8, "amount": 20}]}',
    ),
)
