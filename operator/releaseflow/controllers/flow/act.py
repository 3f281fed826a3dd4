"""Carry out what was decided about a flow; doing any of it twice is harmless."""

from releaseflow.api.schema.base import API_VERSION, to_dict
from releaseflow.api.v1alpha1.metadata import (
    FENCE,
    FINALIZER,
    FLOW_UID_LABEL,
    HELD,
    LOCK_NAME_LABEL,
    MANAGED_LABEL,
    RESTARTED_FOR,
)
from releaseflow.cache.reader import Reader
from releaseflow.cache.writer import ObjectVersion, Writer
from releaseflow.controllers.flow.start_target import moved_containers, start_target
from releaseflow.controllers.parse_objects import ParsedFlow
from releaseflow.controllers.parse_targets import fence_text
from releaseflow.controllers.run.locks import LockPlace
from releaseflow.core.flow.actions import (
    CreateRun,
    DeleteRun,
    FenceTarget,
    FlowAction,
    ResumeTarget,
    SetImage,
    StartTarget,
)
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object
from releaseflow.workloads.registry import WORKLOADS


async def act_for_flow(reader: Reader, writer: Writer, flow: ParsedFlow, action: FlowAction) -> None:
    """Carry out one action."""
    match action:
        case FenceTarget(kind, name, uid, version, fence):
            changes = {"annotations": {FENCE: fence_text(fence)}, "labels": {MANAGED_LABEL: "true"}}
            await writer.metadata(_target(flow, kind, name, uid, version), changes)
        case CreateRun():
            await writer.create(Resource.RUN, flow.namespace, _run(flow, action))
        case StartTarget():
            await start_target(reader, writer, flow, action)
        case SetImage(kind, name, uid, version):
            await writer.apply(_target(flow, kind, name, uid, version), _images(action))
        case ResumeTarget(kind, name, uid, version, mark):
            resumed = WORKLOADS[kind].resumed(mark)
            await writer.metadata(_target(flow, kind, name, uid, version), {"annotations": {HELD: None}}, spec=resumed)
        case DeleteRun(name, uid, version):
            await writer.delete(ObjectVersion(Resource.RUN, flow.namespace, name, uid, version))


def _run(flow: ParsedFlow, action: CreateRun) -> Object:
    """Return the run of a release: it belongs to the flow, and is kept until its outcome is recorded."""
    owner = {
        "apiVersion": API_VERSION,
        "kind": Resource.FLOW.singular,
        "name": flow.name,
        "uid": flow.uid,
        "controller": True,
        "blockOwnerDeletion": False,
    }
    lock = LockPlace(flow.namespace, action.spec.lock_key)
    return {
        "metadata": {
            "name": action.name,
            "labels": {MANAGED_LABEL: "true", FLOW_UID_LABEL: flow.uid, LOCK_NAME_LABEL: lock.name},
            "finalizers": [FINALIZER],
            "ownerReferences": [owner],
        },
        "spec": to_dict(action.spec),
    }


def _target(flow: ParsedFlow, kind: str, name: str, uid: str, version: str) -> ObjectVersion:
    return ObjectVersion(Resource.of_workload(kind), flow.namespace, name, uid, version)


def _images(action: SetImage) -> Object:
    """Return the fields of a workload that we own: images, and what its pods were restarted for."""
    annotations = {RESTARTED_FOR: str(action.restart_for)} if action.restart_for else {}
    return WORKLOADS[action.kind].in_template(moved_containers(action), annotations)
