"""Startup: the migration runs where many have it already, at the start of the pods that get the new image."""

from releaseflow.runners.runner import Field, Runner


def _of_the_target(what: str) -> str:
    return f"migrates in the pods of the first target, which have {what}: leave it out, or write runIn: Job"


class Startup(Runner):
    """The way `Startup`."""

    name = "Startup"
    summary = (
        "In the pods of the first target, as they start with the new image: in the init container `releaseflow-migrate`"
        " that the promotion writes, or before `startCommand`. Check and backup run in pods of their own before."
    )
    suits = (
        "For applications that migrate at their start today and stay with that: one replica with the strategy Recreate,"
        " or a tool with a lock that a second migration waits for."
    )
    has_job = False
    own = ("startCommand",)
    refuses = (
        Field("image", _of_the_target("the released image")),
        Field("serviceAccountName", _of_the_target("their own ServiceAccount")),
        Field("sidecars", _of_the_target("their own sidecars"), "size(self.sidecars) > 0"),
    )


RUNNER = Startup()
