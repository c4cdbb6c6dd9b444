"""Azure: applications behind limits of the platform, and what stands in front of them.

Sources: https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/linux_web_app,
container_app, cdn_frontdoor_route, cdn_frontdoor_profile, frontdoor, application_gateway.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from budgetcheck.model.settings import Declaration, Setting
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, PathRule, Target
from budgetcheck.readers.terraform.catalogue.paths import path_pattern
from budgetcheck.readers.terraform.catalogue.settings import known_names, place, setting, text, texts
from budgetcheck.readers.terraform.catalogue.stack import Stack, items_at, values_at
from budgetcheck.readers.terraform.instances import Item, Resource
from budgetcheck.readers.terraform.values import Value

if TYPE_CHECKING:
    from budgetcheck.readers.processes.servers.base import Server

_APPLICATION, _CONTAINERS = "azurerm_linux_web_app", "azurerm_container_app"
_PROFILE, _GROUP, _ORIGIN = (
    "azurerm_cdn_frontdoor_profile",
    "azurerm_cdn_frontdoor_origin_group",
    "azurerm_cdn_frontdoor_origin",
)
_DOMAIN = "azurerm_cdn_frontdoor_custom_domain"
_ROUTE, _CLASSIC, _GATEWAY = "azurerm_cdn_frontdoor_route", "azurerm_frontdoor", "azurerm_application_gateway"

TYPES = (_APPLICATION, _CONTAINERS, _PROFILE, _GROUP, _ORIGIN, _DOMAIN, _ROUTE, _CLASSIC, _GATEWAY)


def declare_web_app(stack: Stack, app: Resource) -> Iterator[Declaration]:
    """An application of App Service, whose front end has a limit that nothing can change; and its server."""
    address, names = stack.address(app), known_names(app, "name")
    servers = [
        one for value in values_at(app, "site_config.app_command_line") for one in _servers(app, text(value))
    ]
    inner = f"{address}/server"
    groups = [inner] if servers else [*names[:1]]
    yield Declaration(
        component=_APPLICATION,
        address=address,
        title=app.address,
        span=app.span,
        front=Front(names=names, hosts=tuple(f"{name}.azurewebsites.net" for name in names)),
        targets=tuple(Target(group=group, span=app.span) for group in groups),
    )
    if servers:
        from budgetcheck.readers.terraform.catalogue.ecs_commands import declare_servers

        span = place(next(items_at(app, "site_config")), "app_command_line")
        yield from declare_servers(
            servers, address=inner, name=inner, title=f"{app.address} command", ports=(), span=span
        )


def declare_container_app(stack: Stack, app: Resource) -> Iterator[Declaration]:
    """A container app with an ingress, whose time is the environment's."""
    if not app.blocks("ingress"):
        return
    names = known_names(app, "name")
    images = [text(value) for value in values_at(app, "template.container.image")]
    groups = [*names, *(image.rpartition("/")[2].partition(":")[0] for image in images if image)]
    yield Declaration(
        component=_CONTAINERS,
        address=stack.address(app),
        title=app.address,
        span=app.span,
        front=Front(names=names),
        targets=tuple(Target(group=group, span=app.span) for group in dict.fromkeys(groups)),
    )


def declare_route(stack: Stack, route: Resource) -> Iterator[Declaration]:
    """A route of Front Door; the time is that of its profile."""
    groups = stack.referred(route.value("cdn_frontdoor_origin_group_id"), _GROUP)
    profiles = [
        one for group in groups for one in stack.referred(group.value("cdn_frontdoor_profile_id"), _PROFILE)
    ]
    origins = [
        one for group in groups for one in stack.pointing_at(group, _ORIGIN, "cdn_frontdoor_origin_group_id")
    ]
    domains = stack.referred(route.value("cdn_frontdoor_custom_domain_ids"), _DOMAIN)
    timeout = next((found for one in profiles if (found := setting(one, "response_timeout_seconds"))), None)
    yield _front(
        stack,
        route,
        component=_PROFILE,
        name="",
        timeout=timeout,
        paths=texts(route.value("patterns_to_match")) or [],
        hosts=[name for one in domains if (name := text(one.value("host_name")))],
        backends=[(one.value("host_name"), place(one, "host_name")) for one in origins],
    )


def declare_classic(stack: Stack, door: Resource) -> Iterator[Declaration]:
    """The routing rules of a classic Front Door."""
    timeout = setting(door, "backend_pool_settings.backend_pools_send_receive_timeout_seconds")
    timeout = timeout or setting(door, "backend_pools_send_receive_timeout_seconds")
    pools = {text(pool.value("name")): pool for pool in door.blocks("backend_pool")}
    endpoints = {
        text(one.value("name")): text(one.value("host_name")) for one in door.blocks("frontend_endpoint")
    }
    for rule in door.blocks("routing_rule"):
        names = [text(value) for value in values_at(rule, "forwarding_configuration.backend_pool_name")]
        backends = [one for name in names if name in pools for one in pools[name].blocks("backend")]
        listed = texts(rule.value("frontend_endpoints")) or []
        if names:
            yield _front(
                stack,
                door,
                component=_CLASSIC,
                name=text(rule.value("name")),
                timeout=timeout,
                paths=texts(rule.value("patterns_to_match")) or [],
                hosts=[endpoints[one] for one in listed if endpoints.get(one)],
                backends=[(one.value("address"), place(one, "address")) for one in backends],
            )


def declare_gateway(stack: Stack, gateway: Resource) -> Iterator[Declaration]:
    """The rules of an Application Gateway, joined by names inside of it."""
    pools = {text(one.value("name")): one for one in gateway.blocks("backend_address_pool")}
    settings = {text(one.value("name")): one for one in gateway.blocks("backend_http_settings")}
    listeners = {text(one.value("name")): one for one in gateway.blocks("http_listener")}
    maps = {text(one.value("name")): one for one in gateway.blocks("url_path_map")}
    for rule in gateway.blocks("request_routing_rule"):
        listener = listeners.get(text(rule.value("http_listener_name")))
        hosts = _hosts(listener) if listener else []
        for part, paths, prefix in _parts(rule, maps.get(text(rule.value("url_path_map_name")))):
            pool = pools.get(text(part.value(f"{prefix}backend_address_pool_name")))
            limits = settings.get(text(part.value(f"{prefix}backend_http_settings_name")))
            if pool is None or limits is None:
                continue
            names = "/".join(
                filter(None, (text(rule.value("name")), text(part.value("name")) if paths else ""))
            )
            yield _front(
                stack,
                gateway,
                component=_GATEWAY,
                name=names,
                timeout=setting(limits, "request_timeout", name="backend_http_settings.request_timeout"),
                paths=paths,
                hosts=hosts,
                backends=[
                    (pool.value(key), place(pool, key))
                    for key in ("fqdns", "ip_addresses")
                    if pool.written(key)
                ],
            )


def _parts(rule: Item, paths: Item | None) -> Iterator[tuple[Item, list[str], str]]:
    """The rule itself, or the rules of its path map and what that does with all other paths."""
    if paths is None:
        yield rule, [], ""
        return
    for one in paths.blocks("path_rule"):
        yield one, texts(one.value("paths")) or [], ""
    yield paths, [], "default_"


def _hosts(listener: Item) -> list[str]:
    return [
        one
        for one in (text(listener.value("host_name")), *(texts(listener.value("host_names")) or []))
        if one
    ]


def _front(
    stack: Stack,
    resource: Resource,
    *,
    component: str,
    name: str,
    timeout: Setting | None,
    paths: Iterable[str],
    hosts: Iterable[str],
    backends: Iterable[tuple[Value, Span]],
) -> Declaration:
    rules = tuple(path_pattern(path) for path in paths) or (PathRule(pattern="/", prefix="/"),)
    return Declaration(
        component=component,
        address=stack.address(resource) + (f"/{name}" if name else ""),
        title=resource.address + (f"/{name}" if name else ""),
        span=resource.span,
        settings=(timeout,) if timeout else (),
        front=Front(hosts=tuple(hosts), paths=rules, entry=True),
        targets=tuple(one for value, span in backends for one in _targets(stack, value, span)),
    )


def _targets(stack: Stack, value: Value, span: Span) -> Iterator[Target]:
    found = stack.referred(value, _APPLICATION, _CONTAINERS)
    yield from (Target(address=stack.address(one), span=span) for one in found)
    if not found:
        yield from (Target(host=name, span=span) for name in (texts(value) or [text(value)]) if name)


def _servers(app: Resource, command: str) -> "tuple[Server, ...]":
    """What a start-up command runs. A script that is named there is not looked for.

    gunicorn also reads a file of the application's folder, which is not known here: only a command that says
    how long a request may take is all there is to know.
    """
    if not command:
        return ()
    from budgetcheck.readers.processes.commands import servers_of
    from budgetcheck.readers.processes.lexing import Source

    span = app.span
    found = servers_of(Source(text=command, file=span.file, line=span.line), {})
    return tuple(
        one for one in found if one.component != "gunicorn" or any(s.name == "timeout" for s in one.settings)
    )
