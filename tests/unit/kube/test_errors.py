"""What an answer of the API server means: each row was seen on a real one (facts K4, K5, K10, K11, K29 to K31)."""

from typing import Any

import pytest

from releaseflow.kube.errors import (
    AlreadyExistsError,
    ApiError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NamespaceTerminatingError,
    NotFoundError,
    UnavailableError,
    error_of,
)
from releaseflow.kube.requests import Request, Verb
from releaseflow.kube.resources import Resource

UID_CAUSE = {"field": "metadata.uid", "reason": "FieldValueInvalid", "message": "Invalid value: field is immutable"}
REJECTED = {
    "reason": "Invalid",
    "message": "the server rejected our request due to an error in our request",
    "details": {},
}
IMMUTABLE = {"field": "spec.selector", "reason": "FieldValueInvalid", "message": "field is immutable"}


@pytest.mark.parametrize(
    ("verb", "status", "answer", "meaning"),
    [
        (Verb.GET, 404, {"reason": "NotFound"}, NotFoundError),
        (Verb.CREATE, 409, {"reason": "AlreadyExists"}, AlreadyExistsError),
        (Verb.REPLACE, 409, {"reason": "Conflict"}, ConflictError),
        (Verb.DELETE, 409, {"reason": "Conflict"}, ConflictError),
        (Verb.MERGE_PATCH, 422, {"reason": "Invalid", "details": {"causes": [UID_CAUSE]}}, ConflictError),
        (Verb.JSON_PATCH, 422, REJECTED, ConflictError),
        (Verb.JSON_PATCH, 422, {"reason": "Invalid", "details": {"causes": [IMMUTABLE]}}, InvalidError),
        (Verb.CREATE, 422, {"reason": "Invalid", "message": "spec.test: Required value"}, InvalidError),
        (Verb.APPLY, 422, {"reason": "Invalid", "message": "image: Required value"}, InvalidError),
        (Verb.CREATE, 403, {"reason": "Forbidden", "message": "exceeded quota"}, ForbiddenError),
        (
            Verb.CREATE,
            403,
            {"reason": "Forbidden", "details": {"causes": [{"reason": "NamespaceTerminating"}]}},
            NamespaceTerminatingError,
        ),
        (Verb.GET, 401, {}, UnavailableError),
        (Verb.CREATE, 429, {}, UnavailableError),
        (Verb.CREATE, 500, {}, UnavailableError),
        (Verb.LIST, 504, {}, UnavailableError),
        (Verb.CREATE, 400, {}, InvalidError),
    ],
)
def test_answers(verb: Verb, status: int, answer: dict[str, Any], meaning: type[ApiError]) -> None:
    assert type(error_of(Request(verb, Resource.JOB, "shop", "x"), status, answer)) is meaning


def test_the_time_to_wait_is_kept() -> None:
    request = Request(Verb.CREATE, Resource.JOB, "shop")

    by_header = error_of(request, 429, {}, "7")
    by_body = error_of(request, 429, {"details": {"retryAfterSeconds": 3}})

    assert isinstance(by_header, UnavailableError)
    assert by_header.retry_after == 7
    assert isinstance(by_body, UnavailableError)
    assert by_body.retry_after == 3


def test_an_answer_that_is_no_status_is_no_crash() -> None:
    assert isinstance(error_of(Request(Verb.GET, Resource.POD, "shop"), 418, {"details": "tea"}), InvalidError)
