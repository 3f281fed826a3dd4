"""Reach the API server: from a pod by its ServiceAccount, from elsewhere by a kubeconfig."""

import os
import ssl
from dataclasses import dataclass
from typing import Any

import aiohttp
from kubernetes.aio.client import ApiClient, Configuration
from kubernetes.aio.config import load_incluster_config, load_kube_config


@dataclass(frozen=True)
class Connection:
    """One way to the API server, for any number of sessions."""

    configuration: Configuration

    @property
    def server(self) -> str:
        """URL of the API server."""
        return str(self.configuration.host)

    def transport(self) -> ApiClient:
        """Open a client for requests. It reads a ServiceAccount's token again as it is rotated."""
        return ApiClient(self.configuration)

    def session(self, *middlewares: aiohttp.ClientMiddlewareType) -> aiohttp.ClientSession:
        """Open a session for watches, with the same credentials; middlewares see each request before it has them."""
        connector = aiohttp.TCPConnector(limit=0, ssl=self._tls())
        return aiohttp.ClientSession(
            connector=connector, middlewares=(*middlewares, self._authorize), proxy=self.configuration.proxy
        )

    async def _authorize(self, request: aiohttp.ClientRequest, handler: Any) -> aiohttp.ClientResponse:
        token = await self.configuration.get_api_key_with_prefix("BearerToken")
        if token:
            request.headers["Authorization"] = token
        answer: aiohttp.ClientResponse = await handler(request)
        return answer

    def _tls(self) -> ssl.SSLContext:
        settings = self.configuration
        context = ssl.create_default_context(cafile=settings.ssl_ca_cert, cadata=settings.ca_cert_data)
        if settings.cert_file:
            context.load_cert_chain(settings.cert_file, keyfile=settings.key_file)
        return context


async def connection() -> Connection:
    """Return the way to the cluster that KUBECONFIG names; without it, to the one that this pod runs in.

    Raises:
        ConfigException: There is neither a kubeconfig nor a ServiceAccount.
    """
    configuration = Configuration()
    if os.environ.get("KUBECONFIG"):
        await load_kube_config(client_configuration=configuration)
    else:
        load_incluster_config(client_configuration=configuration)
    # The default reads .netrc in a thread for each request, which costs four times the CPU.
    configuration.client_session_kwargs = {"trust_env": False}
    return Connection(configuration)
