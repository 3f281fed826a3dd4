"""The operator's own requests for the writes of vectors, through its typed client."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from releaseflow.api.v1alpha1.metadata import FENCE, FINALIZER, MANAGED_LABEL
from releaseflow.cache.writer import ObjectVersion, Writer
from releaseflow.controllers.flow.act import _images
from releaseflow.controllers.parse_targets import fence_text
from releaseflow.core.flow.actions import SetImage
from releaseflow.core.flow.facts import Fence
from releaseflow.unstructured import Object, get_int, get_map
from tests.conformance.language import Change
from tests.conformance.manifests import NEW, reference


@dataclass(frozen=True)
class Sending:
    """One request about an object that was seen."""

    writer: Writer
    at: ObjectVersion
    """Uid and version that the request names."""
    before: Object
    """The object as it was seen."""
    run: Object
    """What the object is to belong to, for a change that says so."""

    @property
    def others(self) -> list[str]:
        """The finalizers on the object that are not ours."""
        return [
            finalizer
            for finalizer in get_map(self.before, "metadata").get("finalizers") or []
            if finalizer != FINALIZER
        ]

    def own(self) -> Awaitable[Object]:
        """Let go of a Job."""
        changes = {"finalizers": self.others, "ownerReferences": [reference(self.run)]}
        return self.writer.metadata(self.at, changes, spec={"ttlSecondsAfterFinished": 3600})

    def metadata(self, **changes: object) -> Awaitable[Object]:
        """Merge changes into the metadata, as for finalizers, owners and fences."""
        return self.writer.metadata(self.at, changes)

    def take(self) -> Awaitable[Object]:
        """Replace a lock by one that another holds."""
        metadata = {**self.before["metadata"], **self.at.metadata}
        body = {"metadata": metadata, "spec": {"holderIdentity": "another"}}
        return self.writer.replace(self.at.kind, self.at.namespace, body)

    def report(self, more: int) -> Awaitable[Object]:
        """Replace a flow's status."""
        status = get_map(self.before, "status")
        return self.writer.status(self.at, {**status, "sequence": get_int(status, "sequence") + more})

    def suspend(self, *, suspended: bool) -> Awaitable[Object]:
        """Suspend or start a Job."""
        return self.writer.set_field(self.at, "/spec/suspend", suspended)

    def promote(self, restart_for: int) -> Awaitable[Object]:
        """Apply the image of a release."""
        at = self.at
        return self.writer.apply(
            at, _images(SetImage(at.kind.singular, at.name, at.uid, at.resource_version, (("web", NEW),), restart_for))
        )


REQUESTS: dict[Change, Callable[[Sending], Awaitable[Object]]] = {
    Change.TAKE: Sending.take,
    Change.REPORT: lambda to: to.report(1),
    Change.REPORT_SAME: lambda to: to.report(0),
    Change.KEEP: lambda to: to.metadata(finalizers=[*to.others, FINALIZER]),
    Change.LET_GO: lambda to: to.metadata(finalizers=to.others),
    Change.OWN: Sending.own,
    Change.NOTHING: lambda to: to.metadata(labels=to.before["metadata"]["labels"]),
    Change.SUSPEND: lambda to: to.suspend(suspended=True),
    Change.RESUME: lambda to: to.suspend(suspended=False),
    Change.FENCE: lambda to: to.metadata(
        annotations={FENCE: fence_text(Fence("shop", "flow-uid", 1))}, labels={MANAGED_LABEL: "true"}
    ),
    Change.IMAGE: lambda to: to.promote(0),
    Change.RESTART: lambda to: to.promote(1),
}
"""How the operator sends each change; it writes nothing that does not matter."""
