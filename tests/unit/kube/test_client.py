"""The client: what it sends for a write, what it checks before, and what it makes of answers."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from kubernetes.aio.client import ApiClient
from typing_extensions import override

from releaseflow.kube.client import Client
from releaseflow.kube.errors import AlreadyExistsError, ConflictError, UnavailableError
from releaseflow.kube.resources import Resource


@dataclass
class Answer:
    """What the API server answers."""

    status: int = 200
    body: object = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    async def read(self) -> bytes:
        return json.dumps(self.body).encode()


@dataclass
class Wire:
    """A transport that sends nothing, and remembers what it was given."""

    answer: Answer = field(default_factory=Answer)
    sent: list[tuple[str, str, Any]] = field(default_factory=list)

    async def param_serialize(self, method: str, path: str, **facts: Any) -> tuple[str, str, Any]:
        return method, path, facts["body"]

    async def call_api(self, *request: Any, _request_timeout: object) -> Answer:
        self.sent.append(request)
        return self.answer

    def kube(self) -> Client:
        return Client(cast("ApiClient", self))


class LedByAnotherError(Exception):
    """Says that this process must not write."""


def led_by_another() -> None:
    raise LedByAnotherError


async def test_a_deletion_names_exactly_what_was_seen() -> None:
    wire = Wire()

    await wire.kube().delete(Resource.JOB, "shop", "migrate", "uid-1", "12")

    ((method, path, body),) = wire.sent
    assert (method, path.rpartition("/")[2]) == ("DELETE", "migrate")
    assert body["preconditions"] == {"uid": "uid-1", "resourceVersion": "12"}
    assert body["propagationPolicy"] == "Background"


async def test_every_write_is_asked_for_first_and_no_read_is() -> None:
    wire = Wire()
    kube = wire.kube().with_write_guard(led_by_another)
    named = {"metadata": {"name": "x"}}
    writes = (
        kube.create(Resource.JOB, "shop", named),
        kube.replace(Resource.JOB, "shop", named),
        kube.merge_patch(Resource.JOB, "shop", "x", named),
        kube.json_patch(Resource.JOB, "shop", "x", []),
        kube.apply(Resource.JOB, "shop", named),
        kube.delete(Resource.JOB, "shop", "x", "uid", "1"),
    )
    for write in writes:
        with pytest.raises(LedByAnotherError):
            await write
    assert not wire.sent

    await kube.get(Resource.JOB, "shop", "x")
    await kube.list_objects(Resource.JOB, "shop")
    assert len(wire.sent) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(409, {"reason": "AlreadyExists"}), AlreadyExistsError),
        (Answer(409, {"reason": "Conflict"}), ConflictError),
        (Answer(500, "no object"), UnavailableError),
        (Answer(429, {}, {"Retry-After": "3"}), UnavailableError),
    ],
)
async def test_an_answer_that_says_no_is_an_error(answer: Answer, error: type[Exception]) -> None:
    with pytest.raises(error):
        await Wire(answer).kube().create(Resource.JOB, "shop", {"metadata": {"name": "x"}})


async def test_a_long_listing_is_read_page_by_page() -> None:
    wire = Wire(Answer(body={"items": [{"n": 1}], "metadata": {"continue": "", "resourceVersion": "7"}}))

    listing = await wire.kube().list_objects(Resource.JOB, "shop")

    assert (listing.items, listing.resource_version) == ([{"n": 1}], "7")


async def test_of_a_listing_only_that_is_kept_which_is_asked_for() -> None:
    wire = Wire(Answer(body={"items": [{"n": 1, "bulk": "x"}], "metadata": {"resourceVersion": "7"}}))

    listing = await wire.kube().list_objects(Resource.JOB, "shop", keep=lambda raw: {"n": raw["n"]})

    assert listing.items == [{"n": 1}]


@dataclass
class Dead(Wire):
    """A transport that nothing answers."""

    @override
    async def call_api(self, *request: Any, _request_timeout: object) -> Answer:
        raise TimeoutError


@pytest.mark.parametrize(
    ("wire", "code"),
    [(Wire(), "200"), (Wire(Answer(409)), "409"), (Dead(), "<error>")],
    ids=["done", "refused", "no answer"],
)
async def test_a_request_is_counted_by_its_answer(wire: Wire, code: str) -> None:
    kube = wire.kube()

    with suppress(ConflictError, UnavailableError):
        await kube.merge_patch(Resource.JOB, "shop", "x", {})

    labels = {"verb": "patch", "resource": "jobs", "code": code}
    assert kube.metrics.registry.get_sample_value("releaseflow_api_requests_total", labels) == 1
