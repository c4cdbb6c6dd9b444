"""Reads the configuration of LiteLLM's proxy: how long and how often it asks the models behind it.

https://docs.litellm.ai/docs/proxy/config_settings, https://docs.litellm.ai/docs/proxy/timeout. The proxy is a
server; behind it stands one call per entry of `model_list`, and a request asks one model and its fallbacks.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from budgetcheck.model.settings import (
    Declaration,
    Known,
    OneOf,
    Problem,
    Reading,
    Setting,
    Unresolved,
    Value,
)
from budgetcheck.model.span import Span
from budgetcheck.model.topology import CallWork, Choice, Front, Target, Work
from budgetcheck.model.topology import Sequence as InOrder
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.variables import environment_index
from budgetcheck.tree import SourceFile, UnreadableFileError
from budgetcheck.yaml_nodes import ListNode, MapNode, Node, ScalarNode, parse_yaml

COMPONENT = "litellm-proxy"
_PORT = 4000
_NAME = re.compile(r"[\w][\w./:@*-]{0,60}")
_VERSION = re.compile(r".*:(?:main-)?v?(\d+\.\d+\.\d+)\b.*")
_TIMEOUTS = ("timeout", "request_timeout")
_DIFFER = "which of them holds depends on the version of the proxy"
_MOST_FALLBACKS = 5


def read(files: Sequence[SourceFile], context: ReadContext) -> Reading:
    """One server for each file, with its models as calls."""
    declarations: list[Declaration] = []
    problems: list[Problem] = []
    recognised: list[str] = []
    for source in sorted(files, key=lambda file: file.name):
        try:
            stream = parse_yaml(context.tree.read_text(source.path))
        except UnreadableFileError as error:
            problems.append(Problem(span=Span(file=source.name), text=str(error)))
            continue
        problems += [
            Problem(
                span=Span(file=source.name, line=fault.line, column=fault.column),
                text=fault.text,
                fix=fault.fix,
            )
            for fault in stream.faults
        ]
        root = next((document for document in stream.documents if isinstance(document, MapNode)), None)
        if root is not None:
            recognised.append(source.name)
            declarations += _Proxy(source, root).declarations(context)
    return Reading(declarations=tuple(declarations), problems=tuple(problems), recognised=tuple(recognised))


@dataclass(slots=True)
class _Proxy:
    """One configuration file."""

    source: SourceFile
    root: MapNode
    groups: dict[str, list[str]] = field(default_factory=dict)
    """Addresses of the calls by the name that clients ask for; several are alternatives."""

    def declarations(self, context: ReadContext) -> list[Declaration]:
        calls = [call for entry in self._entries() if (call := self._call(entry)) is not None]
        if not calls:
            return []
        work = Choice(parts=tuple(self._group(name) for name in self.groups))
        handler = Declaration(
            component="app",
            address=f"{COMPONENT}:{self.source.name}:models",
            title=f"models ({COMPONENT})",
            span=self._span_of("model_list"),
            front=Front(methods=("POST",)),
            work=work,
        )
        return [self._server(context, handler), handler, *calls]

    def _server(self, context: ReadContext, handler: Declaration) -> Declaration:
        index = environment_index(context)
        runners = [one for one in index.runners_of(context.tree.base / self.source.name) if not one.is_image]
        container = runners[0] if runners else None
        version = _VERSION.fullmatch(container.image) if container else None
        published = {host for one in runners for host, inner in one.published if inner == _PORT}
        return Declaration(
            component=COMPONENT,
            address=f"{COMPONENT}:{self.source.name}",
            title=f"{self.source.name} ({COMPONENT})",
            span=self._span_of("model_list"),
            traits=(("container", container.address),) if container else (),
            front=Front(
                names=tuple(dict.fromkeys(name for one in runners for name in one.names)),
                published=tuple(sorted(published)),
            ),
            targets=(Target(address=handler.address, span=handler.span),),
            environment=container.environment if container else "",
            version=version.group(1) if version else "",
        )

    def _entries(self) -> Iterator[MapNode]:
        listed = self.root.get("model_list")
        for entry in listed.items if isinstance(listed, ListNode) else ():
            if isinstance(entry, MapNode):
                yield entry

    def _call(self, entry: MapNode) -> Declaration | None:
        name, parameters = entry.entries.get("model_name"), entry.get("litellm_params")
        if name is None or not isinstance(name[1], ScalarNode) or not isinstance(parameters, MapNode):
            return None
        asked = name[1].text if _NAME.fullmatch(name[1].text) else f"model on line {name[0].line}"
        same = self.groups.setdefault(asked, [])
        address = f"{COMPONENT}:{self.source.name}:{asked}" + (f"#{len(same) + 1}" if same else "")
        same.append(address)
        host = _host(parameters)
        span = Span(file=self.source.name, line=name[0].line, column=name[0].column, text="model_name")
        return Declaration(
            component="litellm",
            address=address,
            title=f"{asked} (litellm)",
            span=span,
            settings=tuple(self._settings(parameters)),
            traits=(("router", "yes"), ("blocking", "no"), ("method", "POST")),
            targets=(Target(host=host, span=span),) if host else (),
        )

    def _settings(self, parameters: MapNode) -> Iterator[Setting]:
        timeout = self._timeout(parameters)
        if timeout is not None:
            yield timeout
        everywhere = (("router_settings", "num_retries"), ("litellm_settings", "num_retries"))
        found = self._named(parameters, "num_retries", "litellm_params.num_retries") or next(
            (one for way in everywhere if (one := self._of_section(*way)) is not None), None
        )
        if found is not None:
            yield Setting(name="num_retries", value=found.value, spans=found.spans, label=found.label)

    def _timeout(self, parameters: MapNode) -> Setting | None:
        """Of the model first; else the router's or that of all requests, of which versions prefer either."""
        for name in _TIMEOUTS:
            own = self._named(parameters, name, f"litellm_params.{name}")
            if own is not None:
                return _as_timeout(own)
        shared = [
            one
            for way in (("router_settings", "timeout"), ("litellm_settings", "request_timeout"))
            if (one := self._of_section(*way)) is not None
        ]
        if len(shared) == 2 and shared[0].value != shared[1].value:
            numbers = tuple(one.value.value for one in shared if isinstance(one.value, Known))
            if len(numbers) == 2:
                spans = (*shared[0].spans, *shared[1].spans)
                value = OneOf(values=numbers, reason=_DIFFER)
                return Setting(name="timeout", value=value, spans=spans, label=shared[0].label)
        return _as_timeout(shared[0]) if shared else None

    def _of_section(self, section: str, name: str) -> Setting | None:
        found = self.root.get(section)
        return self._named(found, name, f"{section}.{name}") if isinstance(found, MapNode) else None

    def _named(self, owner: MapNode, name: str, label: str) -> Setting | None:
        entry = owner.entries.get(name)
        if entry is None:
            return None
        key, node = entry
        value = _number(node)
        if value == Known(value=None):
            return None
        text = f"{name}: {value.value}" if isinstance(value, Known) else name
        span = Span(file=self.source.name, line=key.line, column=key.column, text=text)
        return Setting(name=name, value=value, spans=(span,), label=label)

    def _group(self, name: str) -> Work:
        """A model, and after it the models it falls back to."""
        own = _one_of(self.groups[name])
        others = [
            _one_of(self.groups[other])
            for other in self._fallbacks(name)[:_MOST_FALLBACKS]
            if other in self.groups
        ]
        return InOrder(parts=(own, *others)) if others else own

    def _fallbacks(self, name: str) -> list[str]:
        found: list[str] = []
        default: list[str] = []
        for section in ("litellm_settings", "router_settings"):
            settings = self.root.get(section)
            if not isinstance(settings, MapNode):
                continue
            listed = settings.get("fallbacks")
            for item in listed.items if isinstance(listed, ListNode) else ():
                found += _texts(item.get(name)) if isinstance(item, MapNode) else []
            default += _texts(settings.get("default_fallbacks"))
        return [one for one in dict.fromkeys(found or default) if one != name]

    def _span_of(self, key: str) -> Span:
        entry = self.root.entries.get(key)
        line, column = (entry[0].line, entry[0].column) if entry else (1, 1)
        return Span(file=self.source.name, line=line, column=column, text=key)


def _one_of(addresses: Sequence[str]) -> Work:
    parts = tuple(CallWork(address=address) for address in addresses)
    return parts[0] if len(parts) == 1 else Choice(parts=parts)


def _as_timeout(found: Setting) -> Setting:
    return Setting(name="timeout", value=found.value, spans=found.spans, label=found.label)


def _number(node: Node) -> Value:
    if isinstance(node, ScalarNode):
        if node.value is None or (isinstance(node.value, int | float) and not isinstance(node.value, bool)):
            return Known(value=node.value)
        if re.fullmatch(r"\d+(\.\d+)?", node.text):
            return Known(value=float(node.text) if "." in node.text else int(node.text))
    return Unresolved(reason="it is no plain number", needs="write the number of seconds or retries")


def _texts(node: Node | None) -> list[str]:
    items = node.items if isinstance(node, ListNode) else ()
    return [item.text for item in items if isinstance(item, ScalarNode)]


_KNOWN_HOSTS: Mapping[str, str] = {"openai": "api.openai.com", "anthropic": "api.anthropic.com"}


def _host(parameters: MapNode) -> str:
    base, model = parameters.get("api_base"), parameters.get("model")
    if isinstance(base, ScalarNode):
        try:
            return (urlsplit(base.text).hostname or "").lower() if "://" in base.text else ""
        except ValueError:
            return ""
    provider = model.text.partition("/")[0] if isinstance(model, ScalarNode) else ""
    return _KNOWN_HOSTS.get(provider, "")
