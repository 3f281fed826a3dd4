"""Which image a flow wants: the one that it names or, where its targets name it, the one that appeared there."""

from collections.abc import Iterator

from pydantic import TypeAdapter, ValidationError

from releaseflow.api.schema.base import ImageName
from releaseflow.api.v1alpha1.migration import check_tag
from releaseflow.api.v1alpha1.promotion import Mode
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec, ReleaseFlowStatus
from releaseflow.api.v1alpha1.target import ContainerStatus, TargetStatus
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.containers import chosen_images, recorded_images
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.flow.held import image_to_release, is_gated, with_what_serves
from releaseflow.core.names import repository

_IMAGE: TypeAdapter[str] = TypeAdapter(ImageName)


def follows_targets(spec: ReleaseFlowSpec) -> bool:
    """Whether the image of the targets is the truth, and nothing holds it back."""
    return spec.mode is Mode.FOLLOW


def wanted_image(facts: FlowObserved) -> str:
    """Return the image that a flow wants; empty where its targets name it, and none was seen yet.

    With mode Follow, an image that a target has counts as new until a release of it has begun. Where several are new,
    one of them is wanted, and the next once a release of that one has begun.
    """
    if facts.spec.image is not None:
        return facts.spec.image
    known = _released(facts.status)
    if is_gated(facts.spec):
        return image_to_release(facts, known)
    return next((image for image in _new_images(facts) if image != known), known)


def with_followed(facts: FlowObserved, status: ReleaseFlowStatus) -> ReleaseFlowStatus:
    """Return the record of targets that name the image: who they are, and which of them have the release's image.

    A target that is deleted and made again is followed like the one before it.
    """
    if facts.spec.mode is Mode.PROMOTE or status.release is None:
        return status
    facts = facts.with_status(status)
    if is_gated(facts.spec):
        return with_what_serves(facts, status.release)
    followed = tuple(_followed(facts, index, status.release.image) for index in range(len(status.targets)))
    return status.model_copy(update={"targets": followed})


def why_unusable(spec: ReleaseFlowSpec, image: str) -> str:
    """Return why no release of an image can begin; empty where one can: a target may have any text as its image."""
    try:
        check_tag(_IMAGE.validate_python(image), spec.migration)
    except ValidationError as error:
        return f"{image} {error.errors()[0]['msg']}"[:LONGEST_MESSAGE]
    except ValueError as error:
        return f"{image} cannot be released: {error}"[:LONGEST_MESSAGE]
    return ""


def _new_images(facts: FlowObserved) -> Iterator[str]:
    """Return the images that were not recorded yet, of the containers that have the first one's repository."""
    ours = ""
    for index, status in enumerate(facts.status.targets):
        recorded = dict(recorded_images(status))
        for name, image in chosen_images(facts, index, ours):
            ours = ours or image
            if repository(image) == repository(ours) and recorded.get(name) != image:
                yield image


def _followed(facts: FlowObserved, index: int, released: str) -> TargetStatus:
    status, target = facts.status.targets[index], facts.targets[index]
    images, recorded = chosen_images(facts, index, released), dict(recorded_images(status))
    if target is ABSENT or not images:
        return status
    containers = tuple(
        ContainerStatus(name=name, image=image if image == released else recorded.get(name, ""))
        for name, image in images
    )
    return TargetStatus(kind=status.kind, name=status.name, uid=target.uid, containers=containers)


def _released(status: ReleaseFlowStatus) -> str:
    return "" if status.release is None else status.release.image
