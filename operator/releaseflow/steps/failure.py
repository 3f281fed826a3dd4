"""Why a step ends: the operator's word for it, and a sentence."""


class StepFailed(Exception):  # noqa: N818 (what a step did)
    """A step cannot do what it is for."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
