"""Cloud Run services and Cloud Functions by what others write to reach them: a reference, a name, a URL."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from budgetcheck.model.span import Span
from budgetcheck.model.topology import Target
from budgetcheck.readers.terraform.catalogue.paths import is_public, split_url
from budgetcheck.readers.terraform.catalogue.settings import text
from budgetcheck.readers.terraform.catalogue.stack import Stack
from budgetcheck.readers.terraform.instances import Resource
from budgetcheck.readers.terraform.values import Unknown, Value

SERVICES = ("google_cloud_run_service", "google_cloud_run_v2_service", "google_cloudfunctions2_function")
"""What answers below run.app; a function of the second generation is a Cloud Run service too."""
FUNCTIONS = ("google_cloudfunctions_function", "google_cloudfunctions2_function")
KINDS = tuple(dict.fromkeys((*SERVICES, *FUNCTIONS)))

_SHARED_HOSTS = (".run.app", ".cloudfunctions.net")
# `api-k2x7qwertz-ew.a.run.app` and `api-123456789012.europe-west1.run.app`.
_RUN_HOST = re.compile(r"(?P<name>.+)-(?:[a-z0-9]{10}-[a-z]{2,3}\.a|\d+\.[a-z]+-[a-z]+\d+)\.run\.app")


def named(stack: Stack, name: str, kinds: tuple[str, ...]) -> list[Resource]:
    """The resources of these types with that name."""
    return [one for kind in kinds for one in stack.of(kind) if name and text(one.value("name")) == name]


def targets_by_name(stack: Stack, value: Value, kinds: tuple[str, ...], span: Span) -> Iterator[Target]:
    """What a value names: by reference, or by the plain name that a resource here has."""
    found = stack.referred(value, *kinds) or named(stack, text(value), kinds)
    for one in found:
        yield Target(address=stack.address(one), span=span)
    if not found:
        reason = value.reason if isinstance(value, Unknown) else ""
        yield Target(group=text(value), span=span, reason=reason)


def targets_by_url(stack: Stack, value: Value, span: Span) -> Iterator[Target]:
    """What answers at a URL: by the resource it is taken from, by its host name, or the host as it is."""
    address = text(value)
    found = stack.referred(value, *KINDS) or _at(stack, address)
    for one in found:
        yield Target(address=stack.address(one), span=span)
    if found:
        return
    host, port = split_url(address)
    if host:
        yield Target(host=host, port=port, external=_certainly_elsewhere(host), span=span)
        return
    reason = (
        value.reason if isinstance(value, Unknown) else "it is not the address of anything in these files"
    )
    yield Target(span=span, reason=reason)


def url_path(url: str) -> str:
    """The path that a URL asks for, `/` where it names none; empty for what is no http URL."""
    return urlsplit(url).path or "/" if split_url(url)[0] else ""


def _at(stack: Stack, url: str) -> list[Resource]:
    """The resources behind a host name that Google gives, which holds their name."""
    host, _ = split_url(url)
    if match := _RUN_HOST.fullmatch(host):
        return named(stack, match["name"], SERVICES)
    if host.endswith(".cloudfunctions.net"):
        return named(stack, url_path(url).strip("/").partition("/")[0], FUNCTIONS)
    return []


def _certainly_elsewhere(host: str) -> bool:
    """A host name of Google's own that no resource here has; any other may be a balancer's."""
    return is_public(host) and host.endswith((*_SHARED_HOSTS, ".googleapis.com"))
