"""The name of a database's lock, where a spec gives none."""

from releaseflow.api.v1alpha1.connection import FromEnv, Parameter, Parameters
from releaseflow.api.v1alpha1.database import Database
from releaseflow.api.v1alpha1.pods import ConfigMapKeyRef, SecretKeyRef
from releaseflow.api.v1alpha1.workload import WorkloadRef


def effective_lock_key(database: Database, workload: WorkloadRef | None) -> str:
    """Return the key of a database's lock: as it is named or, by default, made of what leads to the database.

    It is made of the spec alone: what a workload or a Secret has in it may change while a run holds the lock.

    Args:
        database: The database of a flow or a run.
        workload: The workload whose variables are meant, if there is one.
    """
    if database.lock_key:
        return database.lock_key
    match database.way:
        case SecretKeyRef() as secret:
            return _reference(secret)
        case FromEnv() as variables:
            named = variables.named
            place = (named["url"],) if "url" in named else (named["host"], named["database"])
            of_workload = () if workload is None else (workload.kind, workload.name)
            return "/".join((*of_workload, *place))
        case Parameters() as parameters:
            return f"{_written(parameters.host)}/{_written(parameters.database)}"


def _written(parameter: Parameter) -> str:
    """Return a parameter as it is written, which names a value without holding any that is secret."""
    reference = parameter.secret_key_ref or parameter.config_map_key_ref
    return parameter.value or "" if reference is None else _reference(reference)


def _reference(reference: SecretKeyRef | ConfigMapKeyRef) -> str:
    return f"{reference.name}/{reference.key}"
