"""Settings of the operator: environment variables, each with a flag of the same name."""

import argparse
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from releaseflow.reporting.logs import LogFormat
from releaseflow.version import __version__

_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True)
class Settings:
    """How this process runs."""

    pod_name: str
    """Identity of this process in the leader's Lease."""
    pod_namespace: str
    """Namespace of the leader's Lease and of the database locks."""
    namespaces: tuple[str, ...]
    """Namespaces to serve; empty for all."""
    client_image: str
    operator_image: str
    log_format: LogFormat
    log_level: str
    probe_port: int


@dataclass(frozen=True)
class _Setting:
    variable: str
    default: str
    help: str
    choices: tuple[str, ...] = ()

    @property
    def flag(self) -> str:
        return "--" + self.variable.removeprefix("RELEASEFLOW_").lower().replace("_", "-")


_SETTINGS = (
    _Setting("POD_NAME", "", "name of this process in the leader's Lease (default: host name and process id)"),
    _Setting("POD_NAMESPACE", "releaseflow", "namespace of the leader's Lease and of the database locks"),
    _Setting("RELEASEFLOW_NAMESPACES", "", "namespaces to serve, separated by commas; empty: all"),
    _Setting("RELEASEFLOW_CLIENT_IMAGE", "localhost/releaseflow/client:dev", "image of our own containers"),
    _Setting("RELEASEFLOW_OPERATOR_IMAGE", "localhost/releaseflow/operator:dev", "image of what executes elsewhere"),
    _Setting("RELEASEFLOW_LOG_FORMAT", "auto", "json, console, or auto: console on a terminal", tuple(LogFormat)),
    _Setting("RELEASEFLOW_LOG_LEVEL", "info", "least level that is logged", _LEVELS),
    _Setting("RELEASEFLOW_PROBE_PORT", "8080", "port of /healthz, /readyz and /metrics; 0: none"),
)


def parse_settings(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the configuration; a flag wins over its environment variable.

    Raises:
        SystemExit: A value is not valid, or help was asked for.
    """
    parser = _parser(environment)
    found = parser.parse_args(arguments)
    if not found.probe_port.isdigit():
        parser.error(f"RELEASEFLOW_PROBE_PORT is {found.probe_port!r}: give a number")
    return Settings(
        pod_name=found.pod_name or f"{socket.gethostname()}-{os.getpid()}",
        pod_namespace=found.pod_namespace,
        namespaces=tuple(name.strip() for name in found.namespaces.split(",") if name.strip()),
        client_image=found.client_image,
        operator_image=found.operator_image,
        log_format=LogFormat(found.log_format),
        log_level=found.log_level,
        probe_port=int(found.probe_port),
    )


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m releaseflow",
        description="Runs the ReleaseFlow operator: migration-gated rollouts.",
        epilog="It reaches the API server by KUBECONFIG where that is set, and else by the pod's ServiceAccount.",
    )
    parser.add_argument("--version", action="version", version=f"releaseflow {__version__}")
    for setting in _SETTINGS:
        value = environment.get(setting.variable) or setting.default
        if setting.choices and value not in setting.choices:
            parser.error(f"{setting.variable} is {value!r}: write one of {', '.join(setting.choices)}")
        words = f"{setting.help} [${setting.variable}, now {value!r}]"
        parser.add_argument(setting.flag, default=value, choices=setting.choices or None, help=words)
    return parser
