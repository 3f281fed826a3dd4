"""The explorer's model as a stage for vectors: its API server, people and controllers, played until they rest."""

from collections.abc import Callable, Iterable, Sequence

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import PodPhase
from tests.conformance import projection
from tests.conformance.fixtures import IMAGES, KINDS, thing
from tests.conformance.language import Act, Answer, Create, Delete, Finish, Named, People, Write
from tests.conformance.patches import written
from tests.model import api, controllers, facts, users
from tests.model.objects import Kind, LockBody, PodBody, StoredObject, shelved
from tests.model.pod_outcomes import KILLED
from tests.model.state import GHOSTS, Change, ClusterState, Ghost

MOST_MOVES = 100
ANSWERS = {
    api.Refused.CONFLICT: Answer.CONFLICT,
    api.Refused.NOT_FOUND: Answer.NOT_FOUND,
    api.Refused.ALREADY_EXISTS: Answer.ALREADY_EXISTS,
}
AS_EXPLORED = {
    "time to live is over": "delete job and pods",
    "delete job, waiting for its pods": "delete job and pods",
    "delete job, saying nothing of its pods": "orphan job",
    "delete flow, waiting for its runs": "delete flow",
    "delete pod by force": "delete pod",
    "deadline is over": "tick",
}
"""What the explorer knows by a broader name."""

WELL = {
    StepType.CHECK: "nothing pending",
    StepType.BACKUP: "backed up",
    StepType.MIGRATE: "migrated",
    StepType.REPORT: "as before",
}
BADLY = {
    StepType.CHECK: "pending",
    StepType.BACKUP: "backup failed",
    StepType.MIGRATE: "migration failed",
    StepType.REPORT: "no report",
}
"""How pods end whose container ends with 0, or with 1."""

Choose = Callable[[Sequence[Change]], Change]
"""Which of the controllers' moves comes first."""


class Model:
    """The explored world with the objects of one vector."""

    def __init__(self, choose: Choose) -> None:
        self.choose = choose
        self.cluster = ClusterState((shelved(()),) * len(Kind), GHOSTS.number(Ghost()))
        self.first: dict[str, StoredObject] = {}
        self.traits: dict[str, list[str]] = {}
        self.finished = False
        self.last_role = ""

    async def do(self, act: Act) -> Answer:
        """Do something, and return the answer."""
        match act:
            case Create():
                return self._create(act)
            case Write() | Delete():
                return self._write(act)
            case People(trouble):
                return self._meddle(AS_EXPLORED.get(trouble, trouble))
            case Finish():
                self.finished = True
                return Answer.CHANGED

    async def answer_shows(self) -> str:
        """Return how the object of the last write stands before any controller has seen it."""
        return self._words(self.last_role)

    async def seen(self, roles: Iterable[str], expected: dict[str, str]) -> dict[str, str]:
        """Let the controllers go on until they rest; return what is then seen of roles."""
        for _ in range(MOST_MOVES):
            moves = [move for move in controllers.changes(self.cluster) if self._happens(move)]
            if not moves:
                return {role: self._words(role) for role in roles}
            self.cluster = self.choose(moves).after
        return {"the controllers": "never at rest"}

    def _create(self, act: Create) -> Answer:
        kind = KINDS[act.role]
        uid, ghost = GHOSTS[self.cluster.ghost].born(act.role)
        owner = next((self.first[word[3:]].uid for word in act.traits.split() if word.startswith("of-")), "")
        made = thing(act, uid, owner)
        shelf = api.created(self.cluster.store[kind], made)
        if isinstance(shelf, api.Refused):
            return ANSWERS.get(shelf, Answer.REFUSED)
        self.first.setdefault(act.role, made)
        self.traits[act.role] = act.traits.split()
        self.cluster = self.cluster.with_ghost(ghost).with_shelf(kind, shelf)
        return Answer.CHANGED

    def _write(self, act: Write | Delete) -> Answer:
        kind, before = KINDS[act.role], self._now(act.role)
        base = before or self.first[act.role]
        name, uid, version = base.name, *self._named(act, base)
        shelf = self.cluster.store[kind]
        if isinstance(act, Delete):
            answer = api.deleted(shelf, name, uid, version)
        else:
            owner = self.first.get("run", base)
            answer = api.updated(shelf, name, uid, version, written(base, act.change, owner.uid))
        self.last_role = act.role
        if isinstance(answer, api.Refused):
            return ANSWERS.get(answer, Answer.REFUSED)
        self.cluster = self.cluster.with_shelf(kind, answer)
        return Answer.UNCHANGED if answer == shelf else Answer.CHANGED

    def _meddle(self, trouble: str) -> Answer:
        """Let people do the one thing of this kind that they can do here."""
        changes = users.changes(self.cluster, trouble) if trouble in users.TROUBLES else ()
        if len(changes) != 1:
            return Answer.REFUSED
        (change,) = changes
        self.cluster = change.after
        return Answer.CHANGED

    def _named(self, act: Write | Delete, now: StoredObject) -> tuple[str, int]:
        first = self.first.get(act.role, now)
        uids = {Named.NOBODY: "", Named.NOW: now.uid, Named.FIRST: first.uid}
        versions = {Named.NOBODY: 0, Named.NOW: now.version, Named.FIRST: first.version}
        if act.version is Named.FIRST and first.uid == now.uid and self._now(act.role):
            assert first.version != now.version, "the vector means a stale version, and it is not"
        return uids[act.uid], versions[act.version]

    def _now(self, role: str) -> StoredObject | None:
        if role == "pods":
            pods = self.cluster.shelf(Kind.POD).things
            return pods[-1] if pods else None
        return self.cluster.shelf(KINDS[role]).by_name.get(role)

    def _happens(self, move: Change) -> bool:
        """Whether a move is one of this vector's: its pods end as the Job's traits say."""
        traits = self.traits.get("job", [])
        for pod in move.after.shelf(Kind.POD).things:
            before = self.cluster.shelf(Kind.POD).by_uid.get(pod.uid)
            if before is None or before.body == pod.body:
                continue
            assert isinstance(pod.body, PodBody)
            if pod.body.phase is PodPhase.RUNNING and not pod.body.ended:
                return "stuck" not in traits
            return pod.body.fate == self._fate(pod, pod.body, traits)
        if "fails" in self.traits.get("target", []) and move.who == "Deployment controller":
            return "has rolled out" not in move.what
        if "fails" in self.traits.get("statefulset", []) and move.who == "Deployment controller":
            return "begins" in move.what
        return not move.trouble

    def _fate(self, pod: StoredObject, body: PodBody, traits: list[str]) -> str:
        if "stuck" in traits or ("waits" in traits and not self.finished):
            return KILLED if pod.deleting else "still running"
        return (BADLY if "badly" in traits else WELL)[body.step]

    def _words(self, role: str) -> str:
        if role == "pods":
            return projection.of_pods(facts.pod_facts(pod) for pod in self.cluster.shelf(Kind.POD).things)
        now = self._now(role)
        if now is None:
            return projection.GONE
        match KINDS[role]:
            case Kind.JOB:
                return projection.of_job(facts.job_facts(now))
            case Kind.TARGET:
                return projection.of_target(facts.target_facts(now, owner_exists=False), IMAGES)
            case Kind.LEASE:
                assert isinstance(now.body, LockBody)
                return projection.of_lock(holder=now.body.holder_uid)
            case _:
                return projection.of_kept(deleting=now.deleting, held=now.held)
