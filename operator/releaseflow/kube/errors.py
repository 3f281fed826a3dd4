"""What the API server may answer instead of what was asked for."""

from http import HTTPStatus

from releaseflow.kube.requests import Request, Verb
from releaseflow.unstructured import Object, get_int, get_list, get_str


class ApiError(Exception):
    """A request that did not do what it should; the message is the API server's."""

    def __init__(self, request: Request, message: str) -> None:
        super().__init__(f"{request}: {message}")
        self.request = request
        self.message = message


class NotFoundError(ApiError):
    """The object, or its namespace, is not there."""


class ConflictError(ApiError):
    """The object is not, or no longer, the one that was read: reconcile again."""


class AlreadyExistsError(ApiError):
    """An object of this name is there already."""


class ForbiddenError(ApiError):
    """Not allowed: by RBAC, by a quota, or by an admission policy."""


class NamespaceTerminatingError(ApiError):
    """Nothing can be created here any more."""


class InvalidError(ApiError):
    """The API server does not accept the object."""


class UnavailableError(ApiError):
    """No answer, or none that says anything: whether a write was done is not known."""

    def __init__(self, request: Request, message: str, retry_after: float = 0.0) -> None:
        super().__init__(request, message)
        self.retry_after = retry_after


def error_of(request: Request, status: int, answer: Object, retry_after: str = "") -> ApiError:
    """Return what an answer outside of 200 to 299 means."""
    message = get_str(answer, "message") or f"HTTP {status}"
    if status in _TRY_LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return UnavailableError(request, message, _seconds(retry_after, answer))
    return _class_of(request, status, answer)(request, message)


_TRY_LATER = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT})


def _class_of(request: Request, status: int, answer: Object) -> type[ApiError]:
    match status:
        case HTTPStatus.NOT_FOUND:
            return NotFoundError
        case HTTPStatus.CONFLICT:
            return AlreadyExistsError if get_str(answer, "reason") == "AlreadyExists" else ConflictError
        case HTTPStatus.FORBIDDEN:
            return NamespaceTerminatingError if _namespace_is_terminating(answer) else ForbiddenError
        case HTTPStatus.UNPROCESSABLE_ENTITY if _names_another_object(request, answer):
            return ConflictError
        case _:
            return InvalidError


def _namespace_is_terminating(answer: Object) -> bool:
    return any(cause.get("reason") == "NamespaceTerminating" for cause in get_list(answer, "details", "causes"))


def _names_another_object(request: Request, answer: Object) -> bool:
    """Distinguish a failed precondition from an invalid object: both are 422.

    A uid in a patch is named among the causes. A failed test in a JSON patch has no causes, and no words of its own.
    """
    causes = get_list(answer, "details", "causes")
    if request.verb is Verb.JSON_PATCH and not causes:
        return True
    return any(get_str(cause, "field") == "metadata.uid" for cause in causes)


def _seconds(header: str, answer: Object) -> float:
    return float(header) if header.isdigit() else float(get_int(answer, "details", "retryAfterSeconds"))
