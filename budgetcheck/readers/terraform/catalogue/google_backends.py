"""What stands behind a Google backend service: serverless endpoints, instance groups, addresses.

Sources: https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/compute_backend_service,
compute_region_network_endpoint_group, compute_instance_group, compute_global_network_endpoint.
"""

import re
from collections.abc import Iterator

from budgetcheck.model.topology import Target
from budgetcheck.readers.terraform.catalogue.google_gateways import gateway_hops
from budgetcheck.readers.terraform.catalogue.google_serverless import FUNCTIONS, SERVICES, targets_by_name
from budgetcheck.readers.terraform.catalogue.settings import known_name, place, setting, text, trait, whole
from budgetcheck.readers.terraform.catalogue.stack import Stack, items_at
from budgetcheck.readers.terraform.instances import Item, Resource, references
from budgetcheck.readers.terraform.values import Unknown, Value

_REGIONAL = "google_compute_region_network_endpoint_group"
_INTERNET = "google_compute_global_network_endpoint_group"
_INSTANCES = (
    "google_compute_instance_group",
    "google_compute_instance_group_manager",
    "google_compute_region_instance_group_manager",
)

TYPES = (_REGIONAL, _INTERNET, "google_compute_global_network_endpoint", *_INSTANCES)

_NEVER_SERVERLESS = re.compile(
    r"(?:^|[./])google_compute_(?:instance_group|region_instance_group|network_endpoint_group|"
    r"global_network_endpoint_group)\w*\.|/instanceGroups/|/zones/[^/]+/networkEndpointGroups/"
)


def backend_kind(stack: Stack, service: Resource) -> str:
    """`serverless`, `instances`, or `unknown` where these files do not say what stands behind.

    A time that is written says that it is not serverless: the platform would refuse it.
    """
    kinds = {_kind(stack, backend.value("group")) for backend in service.blocks("backend")}
    if "serverless" in kinds:
        return "serverless"
    if kinds == {"instances"} or setting(service, "timeout_sec") is not None:
        return "instances"
    return "unknown"


def _kind(stack: Stack, group: Value) -> str:
    regional = stack.referred(group, _REGIONAL)
    if regional:
        serverless = any(_is_serverless(found) for found in regional)
        return "serverless" if serverless else "instances"
    known = any(_NEVER_SERVERLESS.search(where) for where in (*references(group), text(group)))
    return "instances" if known else "unknown"


def _is_serverless(endpoints: Resource) -> bool:
    return trait(endpoints, "network_endpoint_type", "SERVERLESS") == "SERVERLESS"


def backend_targets(stack: Stack, service: Resource) -> Iterator[Target]:
    """Everything behind a backend service."""
    for backend in service.blocks("backend"):
        group = backend.value("group")
        found = stack.referred(group, _REGIONAL, _INTERNET)
        for endpoints in found:
            yield from _endpoint_targets(stack, endpoints, service, backend)
        if not found:
            reason = group.reason if isinstance(group, Unknown) else ""
            port = _named_port(service, stack.referred(group, *_INSTANCES))
            yield Target(port=port, group=known_name(service), span=place(backend, "group"), reason=reason)


def _endpoint_targets(
    stack: Stack, endpoints: Resource, service: Resource, backend: Item
) -> Iterator[Target]:
    span = place(backend, "group")
    if endpoints.type == _INTERNET:
        for endpoint in stack.pointing_at(
            endpoints, "google_compute_global_network_endpoint", "global_network_endpoint_group"
        ):
            host = text(endpoint.value("fqdn")) or text(endpoint.value("ip_address"))
            yield Target(host=host, port=whole(endpoint.value("port")), span=place(endpoint, "fqdn"))
        return
    if not _is_serverless(endpoints):
        yield Target(group=known_name(service), span=span)
        return
    for run in items_at(endpoints, "cloud_run"):
        yield from targets_by_name(stack, run.value("service"), SERVICES, place(run, "service"))
    for called in items_at(endpoints, "cloud_function"):
        yield from targets_by_name(stack, called.value("function"), FUNCTIONS, place(called, "function"))
    for deployed in items_at(endpoints, "serverless_deployment"):
        for address in gateway_hops(stack, deployed.value("resource")):
            yield Target(address=address, span=place(deployed, "resource"))


def _named_port(service: Resource, groups: list[Resource]) -> int:
    """The port that the service's port name stands for in its instance groups; 0 where it is not known."""
    name = trait(service, "port_name", "http")
    ports = {
        whole(named.value("port"))
        for group in groups
        for named in group.blocks("named_port")
        if text(named.value("name")) == name
    }
    return ports.pop() if len(ports) == 1 else 0
