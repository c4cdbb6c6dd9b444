"""Google API Gateway and Cloud Endpoints: backends and deadlines stand in an OpenAPI document.

Sources: https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/api_gateway_api_config,
endpoints_service; https://docs.cloud.google.com/api-gateway/docs/oasv2-extensions.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, replace

from budgetcheck.model.settings import Declaration, Setting, Unresolved
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, Target
from budgetcheck.readers.terraform.catalogue.documents import entry
from budgetcheck.readers.terraform.catalogue.google_serverless import targets_by_url, url_path
from budgetcheck.readers.terraform.catalogue.paths import gateway_path
from budgetcheck.readers.terraform.catalogue.settings import place, setting_in_document, text
from budgetcheck.readers.terraform.catalogue.stack import Stack, items_at
from budgetcheck.readers.terraform.documents import decoded
from budgetcheck.readers.terraform.evaluate import evaluate
from budgetcheck.readers.terraform.instances import Item, Resource
from budgetcheck.readers.terraform.syntax import Call
from budgetcheck.readers.terraform.values import MapValue, Scalar, Unknown, Value

_CONFIG = "google_api_gateway_api_config"
_GATEWAY = "google_api_gateway_gateway"
_ENDPOINTS = "google_endpoints_service"

TYPES = (_CONFIG, _GATEWAY, _ENDPOINTS)

_BACKEND = "x-google-backend"
_DEADLINE = f"{_BACKEND}.deadline"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_PLAIN = {"base64encode": "", "filebase64": "file"}
"""Functions that encode a document, and the one that gives it as it is; empty for the argument itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Operation:
    """One operation of a document, with the backend of its own, where it has one."""

    path: str
    method: str
    backend: Value | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """An OpenAPI document: its operations, the backend of all that have none of their own, where it is."""

    value: Value
    span: Span

    @property
    def backend(self) -> Value | None:
        return self.named(entry(self.value, _BACKEND))

    def named(self, backend: Value | None) -> Value | None:
        """A backend, which in version 3 is the name of one of the document's backends."""
        if isinstance(backend, Scalar) and isinstance(backend.value, str):
            return entry(self.value, "x-google-api-management", "backends", backend.value)
        return backend

    def operations(self) -> Iterator[_Operation]:
        """All operations, their paths behind the document's base path."""
        base = text(entry(self.value, "basePath") or Scalar(value="")).rstrip("/")
        paths = entry(self.value, "paths")
        for path, item in sorted(paths.entries.items()) if isinstance(paths, MapValue) else ():
            for method in _METHODS:
                operation = entry(item, method)
                if operation is not None:
                    own = self.named(entry(operation, _BACKEND))
                    yield _Operation(path=f"{base}{path}", method=method.upper(), backend=own)


def declare_config(stack: Stack, config: Resource) -> Iterator[Declaration]:
    """The backends of the documents of an API config."""
    for document in items_at(config, "openapi_documents.document"):
        yield from _declare(stack, config, _read(document, "contents"))


def declare_endpoints(stack: Stack, service: Resource) -> Iterator[Declaration]:
    """The backends of an Endpoints service; none where it has a gRPC configuration."""
    document = _read(service, "openapi_config")
    if not (isinstance(document.value, Scalar) and document.value.value is None):
        yield from _declare(stack, service, document)


def gateway_hops(stack: Stack, value: Value) -> list[str]:
    """Addresses of the hops that a gateway stands for."""
    found = [
        declaration.address
        for gateway in stack.referred(value, _GATEWAY)
        for config in stack.referred(gateway.value("api_config"), _CONFIG)
        for declaration in declare_config(stack, config)
    ]
    return list(dict.fromkeys(found))


def _read(item: Item, name: str) -> _Document:
    """The document that an attribute holds, before it was encoded."""
    span = place(item, name)
    attribute = item.block.attributes.get(name)
    expression = item.sources.expression(attribute) if attribute else None
    if isinstance(expression, Call) and expression.function in _PLAIN and expression.arguments:
        plain = _PLAIN[expression.function]
        inner = replace(expression, function=plain) if plain else expression.arguments[0]
        return _Document(value=decoded(evaluate(inner, item.scope)), span=span)
    value = item.value(name)
    if name == "contents":
        value = _from_base64(value)
    return _Document(value=decoded(value), span=span)


def _from_base64(value: Value) -> Value:
    if not isinstance(value, Scalar) or not isinstance(value.value, str):
        return value
    try:
        return replace(value, value=base64.b64decode(value.value, validate=True).decode(), pieces=())
    except (binascii.Error, ValueError):
        return Unknown(reason="the document is not Base64", refs=value.refs)


def _declare(stack: Stack, holder: Resource, document: _Document) -> Iterator[Declaration]:
    if not isinstance(document.value, MapValue):
        yield _unread(stack, holder, document)
        return
    operations = list(document.operations())
    shared = [one for one in operations if one.backend is None]
    if document.backend is not None and (shared or not operations):
        front = Front(paths=tuple(dict.fromkeys(gateway_path(one.path) for one in shared)))
        yield _hop(stack, holder, document, document.backend, "", front)
    for one in operations:
        if one.backend is not None:
            front = Front(paths=(gateway_path(one.path),), methods=(one.method,))
            yield _hop(stack, holder, document, one.backend, f"/{one.method} {one.path}", front)


def _unread(stack: Stack, holder: Resource, document: _Document) -> Declaration:
    """A gateway whose document is not known: its limit is not either."""
    reason = document.value.reason if isinstance(document.value, Unknown) else "it is no OpenAPI document"
    needs = "give the document as a file below the root, or write it here"
    return Declaration(
        component=holder.type,
        address=stack.address(holder),
        title=holder.address,
        span=holder.span,
        settings=(
            Setting(name=_DEADLINE, value=Unresolved(reason=reason, needs=needs), spans=(document.span,)),
        ),
        targets=(Target(span=document.span, reason=reason),),
    )


def _hop(
    stack: Stack, holder: Resource, document: _Document, backend: Value, name: str, front: Front
) -> Declaration:
    deadline = setting_in_document(entry(backend, "deadline"), document.span, name=_DEADLINE)
    return Declaration(
        component=holder.type,
        address=f"{stack.address(holder)}{name}",
        title=f"{holder.address}{name}",
        span=deadline.spans[0] if deadline and name else holder.span,
        settings=(deadline,) if deadline else (),
        front=front,
        targets=tuple(_targets(stack, document, backend, front)),
    )


def _targets(stack: Stack, document: _Document, backend: Value, front: Front) -> Iterator[Target]:
    """Where a backend is; an operation's own one takes its address as it is, without the request's path."""
    address = entry(backend, "address")
    if address is None:
        return
    span = address.trail[0] if address.trail else document.span
    translation = entry(backend, "path_translation") or entry(backend, "pathTranslation")
    constant = text(translation) == "CONSTANT_ADDRESS" if translation else bool(front.methods)
    path = url_path(text(address))
    for target in targets_by_url(stack, address, span):
        if constant and path and len(front.paths) == 1:
            yield replace(target, strip=front.paths[0].prefix, replace=path)
        else:
            yield target
