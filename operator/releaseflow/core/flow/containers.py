"""Which containers of a target a flow releases, and what they run."""

from typing import TypeAlias

from releaseflow.api.v1alpha1.target import ContainerStatus, Target, TargetStatus
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.facts import FlowObserved, TargetFacts
from releaseflow.core.names import repository

Images: TypeAlias = tuple[tuple[str, str], ...]
"""Name and image of each of some containers."""


def chosen_containers(spec: Target, status: TargetStatus, target: TargetFacts, image: str) -> tuple[str, ...] | Absent:
    """Choose the containers and init containers for a release of an image.

    Those that the flow names; else all whose image has the repository of the released one, those that the release
    before moved, or the only container; nothing where the target has none of these.
    """
    images = (*target.images, *target.init_images)
    same = tuple(name for name, found in images if repository(found) == repository(image))
    return _if_present(spec.containers or same or _names(status) or _only_container(target), target)


def released_containers(spec: Target, status: TargetStatus, target: TargetFacts) -> tuple[str, ...] | Absent:
    """Return the containers that were chosen when the release first saw the target, if they are all there."""
    return _if_present(spec.containers or _names(status) or _only_container(target), target)


def live_images(spec: Target, status: TargetStatus, target: TargetFacts) -> Images:
    """Return what the released containers have."""
    containers = released_containers(spec, status, target)
    return () if containers is ABSENT else images_of(target, containers)


def images_of(target: TargetFacts, containers: tuple[str, ...]) -> Images:
    """Return what some containers and init containers have."""
    return tuple((name, image) for name, image in (*target.images, *target.init_images) if name in containers)


def chosen_images(facts: FlowObserved, index: int, like: str) -> Images:
    """Return what the containers of a target have that a release of such an image is about."""
    spec, status, target = facts.spec.targets[index], facts.status.targets[index], facts.targets[index]
    if target is ABSENT:
        return ()
    containers = chosen_containers(spec, status, target, like)
    return () if containers is ABSENT else images_of(target, containers)


def images_that_run(facts: FlowObserved) -> tuple[str, ...]:
    """Return the images of the released containers of all targets, each once; of one that is held, those before."""
    found = zip(facts.spec.targets, facts.status.targets, facts.targets, strict=False)
    live = (_images_that_run(spec, status, target) for spec, status, target in found if target is not ABSENT)
    return distinct_images(tuple(pair for images in live for pair in images))


def _images_that_run(spec: Target, status: TargetStatus, target: TargetFacts) -> Images:
    return recorded_images(status) if target.held else live_images(spec, status, target)


def distinct_images(images: Images) -> tuple[str, ...]:
    """Return images without the names of their containers, each once."""
    return tuple(dict.fromkeys(image for _, image in images))


def all_have(images: Images, image: str) -> bool:
    """Whether there are containers, and all of them have this image."""
    return distinct_images(images) == (image,)


def recorded_images(status: TargetStatus) -> Images:
    """Return what the release last knew to be in its containers."""
    return tuple((container.name, container.image) for container in status.containers if container.image)


def were_changed(status: TargetStatus, live: Images) -> bool:
    """Whether containers have other images than was recorded; one without a record may have any that was."""
    recorded = dict(recorded_images(status))
    if not live:
        return bool(recorded)
    return any(image not in ({recorded[name]} if name in recorded else recorded.values()) for name, image in live)


def good_images(status: TargetStatus, live: Images) -> Images:
    """Return what to put back into each of these containers; nothing where that is not known of all of them."""
    good = _good_by_name(status)
    return tuple((name, good[name]) for name, _ in live) if all(good.get(name) for name, _ in live) else ()


def with_images(status: TargetStatus, live: Images) -> tuple[ContainerStatus, ...]:
    """Return the record of these containers, each with the image that it has."""
    good = _good_by_name(status)
    return tuple(ContainerStatus(name=name, image=image, good_image=good.get(name, "")) for name, image in live)


def images_to_set(target: TargetFacts, wanted: Images) -> tuple[Images, Images]:
    """Return those of the images that go into containers, and those that go into init containers."""
    images = dict(wanted)
    ordinary, init = (
        tuple((name, images[name]) for name, _ in there if name in images)
        for there in (target.images, target.init_images)
    )
    return ordinary, init


def _names(status: TargetStatus) -> tuple[str, ...]:
    return tuple(container.name for container in status.containers)


def _good_by_name(status: TargetStatus) -> dict[str, str]:
    return {container.name: container.good_image for container in status.containers}


def _only_container(target: TargetFacts) -> tuple[str, ...]:
    return tuple(name for name, _ in target.images) if len(target.images) == 1 else ()


def _if_present(wanted: tuple[str, ...], target: TargetFacts) -> tuple[str, ...] | Absent:
    names = {name for name, _ in (*target.images, *target.init_images)}
    return wanted if wanted and names.issuperset(wanted) else ABSENT
