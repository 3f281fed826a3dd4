"""The chart's NetworkPolicy, enforced: the operator releases behind it, and reaches nothing that it does not need."""

from tests.e2e.kubectl import Kubectl, RefusedError
from tests.e2e.stories.database import NAMESPACE as STORIES
from tests.e2e.stories.installation import NAMESPACE as SYSTEM
from tests.e2e.stories.operators import Operators
from tests.e2e.stories.shop import Shop, image
from tests.e2e.stories.waiting import until

DATABASE = f"postgres.{STORIES}"
API_SERVER = "kubernetes.default"


def test_the_operator_releases_behind_its_policy_which_keeps_it_from_the_database(shop: Shop) -> None:
    assert shop.kubectl.within(SYSTEM)("get", "networkpolicy", "releaseflow", "--output=json")
    shop.flow("v1")
    shop.ready()
    shop.release("v2")
    shop.ready()
    assert shop.live() == image("v2")

    operator = shop.kubectl.within(SYSTEM)
    assert connects(operator, "deployment/releaseflow", API_SERVER, 443)
    assert not connects(operator, "deployment/releaseflow", DATABASE, 5432)
    assert connects(shop.kubectl, "deployment/shop", DATABASE, 5432), "the database answers those who may"


def test_no_pod_reaches_a_port_of_the_operator_other_than_that_of_its_probes(shop: Shop) -> None:
    operators = Operators(shop.kubectl)
    address = until(lambda: addresses(operators), bool, 60, "an operator's pod")[0]
    assert connects(shop.kubectl, "deployment/shop", address, 8080)
    assert failure(shop.kubectl, "deployment/shop", address, 9) == "TimeoutError", "dropped, not refused by the pod"


def addresses(operators: Operators) -> list[str]:
    """Addresses of the operator's pods that are ready."""
    return [pod["status"]["podIP"] for pod in operators.pods() if pod["status"].get("phase") == "Running"]


def connects(kubectl: Kubectl, pod: str, host: str, port: int) -> bool:
    """Whether a connection from a pod is accepted."""
    return failure(kubectl, pod, host, port) == ""


def failure(kubectl: Kubectl, pod: str, host: str, port: int) -> str:
    """Why a connection from a pod fails; empty where it is accepted. The name of the host must be found."""
    code = f"import socket; socket.create_connection((socket.gethostbyname({host!r}), {port}), timeout=3)"
    try:
        kubectl("exec", pod, "--", "python3", "-c", code)
    except RefusedError as refused:
        return next(line for line in reversed(str(refused).splitlines()) if "Error" in line).split(":")[0]
    return ""
