"""A past state of the cluster, for the operator's own code to observe: what it would write ends the replay."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any, cast

from kubernetes.aio.client import ApiClient
from typing_extensions import override

from releaseflow.cache.cache import Cache
from releaseflow.cache.reader import Reader
from releaseflow.controllers.parse_objects import Unreadable
from releaseflow.controllers.reconciler import Reconciler
from releaseflow.controllers.rejections import Rejections
from releaseflow.controllers.reporter import Reporter
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.controllers.run.job_specs import JobSpecs
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.kube.client import Client
from releaseflow.kube.errors import ApiError, error_of
from releaseflow.kube.requests import Request, Verb
from releaseflow.kube.resources import Resource
from releaseflow.runtime.composition import reconciler
from releaseflow.unstructured import label
from tests.faults.controlplane import gate
from tests.faults.oracles.changes import State
from tests.faults.simulator.history import Raw

CLIENT_IMAGE, OPERATOR_IMAGE = (f"localhost/releaseflow/{image}:dev" for image in ("client", "operator"))
"""What the operator is started with where nothing else is said."""
_LONG_AFTER = count(0, 100)
"""By this clock every pause is over when it is asked again."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_LASTED = re.compile(r'"duration": "\w+"')
"""How long a run took says at which second its end was decided, too."""
POLICIES: State = {(raw["kind"], raw["metadata"]["name"]): raw for raw in gate.policies()}
"""What admission follows in every plan: it is neither watched nor changed."""
KINDS = {kind.singular: kind for kind in Resource}
"""By the name that an object gives as its kind."""


@dataclass(frozen=True)
class Sent:
    """A write as it is sent; at which second it was decided is left out."""

    method: str
    path: str
    body: str


def sent(method: str, path: str, body: Any) -> Sent:
    """Return a write as it can be compared."""
    return Sent(method, path, _LASTED.sub('"duration": "then"', _TIME.sub("then", json.dumps(body, sort_keys=True))))


class WroteError(Exception):
    """The operator would write this."""

    def __init__(self, what: Sent) -> None:
        super().__init__(f"{what.method} {what.path}")
        self.what = what


@dataclass(frozen=True)
class RecordedClient(Client):
    """Answers as the API server would have; a write is not done."""

    state: Mapping[tuple[str, str], Raw] = field(default_factory=dict)
    forbidden: str = ""
    """Kind that may not be read."""

    @override
    async def _send(
        self, request: Request, body: Any = None, part: str = "", query: dict[str, str] | None = None
    ) -> Raw:
        if request.verb is Verb.GET:
            if request.kind.singular == self.forbidden:
                raise error_of(request, 403, {})
            raw = POLICIES.get((request.kind.singular, request.name)) or self.state.get(
                (request.kind.singular, request.name)
            )
            if raw is None or raw["metadata"].get("namespace", "") != request.namespace:
                raise error_of(request, 404, {})
            return raw
        if request.verb is Verb.LIST:
            chosen = (query or {}).get("labelSelector", "")
            return {"items": [raw for raw in _of_kind(self.state, request) if _is_chosen(raw, chosen)], "metadata": {}}
        raise WroteError(sent(request.verb.method, request.path(part), body))


@dataclass(frozen=True)
class Replay:
    """What an operator could see: its view, and the API server's answers."""

    shown: State
    store: State
    """Not older than what is shown."""
    now: datetime
    operator_namespace: str
    forbidden: str = ""
    """Kind that the API server refused to show."""

    def would_write(
        self, key: ReconcileRequest, refused: ApiError | None = None, *, pauses: bool = False
    ) -> Sent | None:
        """Return what the production code would write about an object; None where it would rest.

        Args:
            key: The object.
            refused: What the API server answered last to an action about it, where that was a refusal.
            pauses: Whether it is too early to try that action again.
        """
        hands = self._hands(Rejections(lambda: 0.0 if pauses else next(_LONG_AFTER)))
        try:
            if refused is not None:
                _run(_remember(hands, key, refused))
            _run(hands.reconcile(key))
        except WroteError as wrote:
            return wrote.what
        except ApiError:
            return None
        return None

    def _hands(self, refusals: Rejections) -> Reconciler:
        kube = RecordedClient(transport=cast("ApiClient", None), state=self.store, forbidden=self.forbidden)
        hands = reconciler(
            kube,
            self._view(),
            self.operator_namespace,
            JobSpecs(CLIENT_IMAGE, OPERATOR_IMAGE),
            Reporter(lambda _: None),
        )
        flows = replace(hands.flows, observer=replace(hands.flows.observer, clock=self._clock, rejections=refusals))
        runs = replace(hands.runs, observer=replace(hands.runs.observer, clock=self._clock, rejections=refusals))
        return replace(hands, flows=flows, runs=runs, rejections=refusals, clock=self._clock)

    def _view(self) -> Cache:
        view = Cache()
        for (kind, _), raw in self.shown.items():
            if kind in KINDS:
                view.upsert(KINDS[kind], raw)
        return view

    def _clock(self) -> datetime:
        return self.now


async def _remember(hands: Reconciler, key: ReconcileRequest, refused: ApiError) -> None:
    """Put a refusal into the operator's mind, where it could have acted at all."""
    reader = Reader(hands.kube, hands.cache)
    flow, run = hands.flows, hands.runs
    look: Any = await (flow if key.kind is Resource.FLOW else run).observe(reader, key)
    if isinstance(look, Absent | Unreadable):
        return
    action = (flow.decide(look) if key.kind is Resource.FLOW else run.decide(look)).action
    if action is not ABSENT:
        hands.rejections.add(key, action, refused)


def _run(steps: Any) -> None:
    """Run something that never really waits."""
    try:
        steps.send(None)
    except StopIteration:
        return
    steps.close()
    raise AssertionError("the past was waited for")


def _of_kind(state: Mapping[tuple[str, str], Raw], request: Request) -> Iterator[Raw]:
    for (kind, _), raw in state.items():
        if kind == request.kind.singular and raw["metadata"]["namespace"] == request.namespace:
            yield raw


def _is_chosen(raw: Raw, selector: str) -> bool:
    pairs = (piece.partition("=") for piece in selector.split(",") if piece)
    return all(
        label(raw, key) == value if equals else key in raw["metadata"].get("labels", {}) for key, equals, value in pairs
    )
