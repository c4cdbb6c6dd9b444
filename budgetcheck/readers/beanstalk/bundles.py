"""Source bundles: what the configuration files of one application say, later files over earlier ones.

- https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/ebextensions.html
- https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/ebextensions-optionsettings.html
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from budgetcheck.model.settings import Known, Problem, Setting, Unresolved
from budgetcheck.model.span import Span
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.beanstalk.options import VARIABLES, Environment, Option
from budgetcheck.readers.nginx.globbing import expand
from budgetcheck.readers.nginx.held import HeldFile
from budgetcheck.tree import SourceFile, UnreadableFileError
from budgetcheck.yaml_nodes import ListNode, MapNode, Node, ScalarNode, parse_yaml

EXTENSIONS, PLATFORM = ".ebextensions", ".platform"

_SHOWN = re.compile(r"\d{1,12}|true|false", re.IGNORECASE)
_PROXIES = re.compile(r"/etc/(?:nginx|httpd)|\b(?:nginx|httpd)/conf\.d|nginx\.conf\b")
_PLACES = re.compile(r"/etc/(?:nginx/(?:nginx\.conf$|conf\.d/)|httpd/conf\.d/)")
"""What the proxies of the platforms read."""
_OF_PROXIES = re.compile(r"nginx|httpd|apache")
_COMMANDS = ("commands", "container_commands")
_HOOKS = ("hooks/*/*", "confighooks/*/*")
_MOST_FILES = 500
_BALANCERS = {"AWSEBV2LoadBalancer": "v2", "AWSEBLoadBalancer": "classic"}
_IDLE_NAMES = {"v2": "idle_timeout.timeout_seconds", "classic": "ConnectionSettings.IdleTimeout"}


@dataclass(slots=True, kw_only=True)
class Bundle(Environment):
    """What lies in one folder with `.ebextensions` or `.platform`.

    Attributes:
        files: texts that are put on the instances, by their place there.
        proxy_changed: commands or hooks touch the proxy's configuration, and what they do is not known.
        on_linux_2: it has a folder that only Amazon Linux 2 and later look at.
    """

    folder: Path
    files: dict[str, HeldFile] = field(default_factory=dict)
    proxy_changed: bool = False
    on_linux_2: bool = False


def bundles(
    sources: Iterable[SourceFile], context: ReadContext, problems: list[Problem], recognised: set[str]
) -> list[Bundle]:
    """The bundles of all sources, by their folders."""
    found: dict[Path, Bundle] = {}
    # EB reads the configuration files in the order of their names.
    for file in sorted(sources, key=lambda one: one.name):
        folder, inside = split(file)
        name = context.tree.name(folder)
        bundle = found.setdefault(
            folder,
            Bundle(name="" if name == "." else name, folder=folder, place=Span(file=file.name, line=1)),
        )
        try:
            content = context.tree.read_text(file.path)
        except UnreadableFileError as error:
            problems.append(Problem(span=Span(file=file.name), text=str(error)))
            continue
        recognised.add(file.name)
        if file.base.endswith(".config"):
            _read_configuration(bundle, content, file.name, problems)
        else:
            target = PurePosixPath("/etc", *inside.parts[1:]).as_posix()
            bundle.files.setdefault(target, HeldFile(text=content, file=file.name, lines_before=0))
    for bundle in found.values():
        _look_at_hooks(bundle, context)
    return [found[folder] for folder in sorted(found)]


def split(file: SourceFile) -> tuple[Path, PurePosixPath]:
    """The folder of the bundle, and the path from its `.ebextensions` or `.platform` on."""
    parts = file.path.parts
    at = max(number for number, part in enumerate(parts) if part in (EXTENSIONS, PLATFORM))
    return Path(*parts[:at]), PurePosixPath(*parts[at:])


def _look_at_hooks(bundle: Bundle, context: ReadContext) -> None:
    """Hooks of Amazon Linux 2 and later run as root, and some of them write what the proxy reads."""
    folder = bundle.folder / PLATFORM
    hooks = [path for pattern in _HOOKS for path in expand(context.tree, folder, pattern)]
    bundle.on_linux_2 = bool(expand(context.tree, folder, "*"))
    for path in hooks[:_MOST_FILES]:
        try:
            bundle.proxy_changed |= bool(_PROXIES.search(context.tree.read_text(path)))
        except UnreadableFileError:
            bundle.proxy_changed = True  # a program: what it does is not known


def _read_configuration(bundle: Bundle, content: str, file: str, problems: list[Problem]) -> None:
    tabless = content.replace("\t", " ") if content.lstrip()[:1] == "{" else content
    stream = parse_yaml(tabless, tagged=True)
    for fault in stream.faults[:1]:
        span = Span(file=file, line=fault.line, column=fault.column)
        problems.append(Problem(span=span, text=f"{file} {fault.text}", fix=fault.fix))
    for root in stream.documents:
        if isinstance(root, MapNode):
            bundle.options |= _options(root.get("option_settings"), file)
            _read_files(bundle, root.get("files"), file)
            _read_resources(bundle, root.get("Resources"), file)
            commands = (root.get(key) for key in _COMMANDS)
            bundle.proxy_changed |= any(_PROXIES.search(text) for one in commands for text in _texts(one))


def _options(node: Node | None, file: str) -> dict[tuple[str, str], Option]:
    """In the form of a list of `namespace`, `option_name` and `value`, or of a mapping for each namespace."""
    found: dict[tuple[str, str], Option] = {}
    if isinstance(node, ListNode):
        for item in node.items:
            name, value = (
                _named(item, "option_name"),
                item.get("value") if isinstance(item, MapNode) else None,
            )
            if name and value is not None:
                found[_named(item, "namespace") or VARIABLES, name] = _option(value, file, name)
    elif isinstance(node, MapNode):
        for namespace, (_, options) in node.entries.items():
            for name, (_, value) in options.entries.items() if isinstance(options, MapNode) else ():
                found[namespace, name] = _option(value, file, name)
    return found


def _named(node: Node, key: str) -> str:
    found = node.get(key) if isinstance(node, MapNode) else None
    return found.text if isinstance(found, ScalarNode) else ""


def _option(node: Node, file: str, name: str) -> Option:
    span = Span(file=file, line=node.line, column=node.column, text=name)
    if not isinstance(node, ScalarNode) or node.text.startswith("`"):
        reason = "it is worked out when the environment is made"
        return Option(value=Unresolved(reason=reason, needs="write the value itself"), text="", spans=(span,))
    shown = f"{name}: {node.text}" if _SHOWN.fullmatch(node.text) else name
    span = Span(file=file, line=node.line, column=node.column, text=shown)
    return Option(value=Known(value=node.text), text=node.text, spans=(span,))


def _read_files(bundle: Bundle, node: Node | None, file: str) -> None:
    """`files`: texts in place. Those from elsewhere (`source`), and other files of proxies, are not known."""
    for path, (_, about) in node.entries.items() if isinstance(node, MapNode) else ():
        content = about.get("content") if isinstance(about, MapNode) else None
        text = content.text if isinstance(content, ScalarNode) else ""
        if _PLACES.match(path):
            if isinstance(content, ScalarNode):
                bundle.files[path] = _held(content, file)
            bundle.proxy_changed |= not isinstance(content, ScalarNode)
        else:
            # A site of its own, a template of the platform, or a hook that runs with every deployment.
            bundle.proxy_changed |= bool(_OF_PROXIES.search(path) or _PROXIES.search(text))


def _held(content: ScalarNode, file: str) -> HeldFile:
    """The text of a block begins in the line below its mark."""
    return HeldFile(
        text=content.text, file=file, lines_before=max(content.line, 1) - 1 + ("\n" in content.text)
    )


def _read_resources(bundle: Bundle, node: Node | None, file: str) -> None:
    """What is changed of the template that the environment is made of: its balancer is a resource of that."""
    for name, (_, resource) in node.entries.items() if isinstance(node, MapNode) else ():
        kind = next((kind for start, kind in _BALANCERS.items() if name.startswith(start)), "")
        if kind:
            span = Span(file=file, line=resource.line, column=resource.column, text=name)
            bundle.balancers.setdefault(kind, span)
        value = _idle_of(resource) if name in _BALANCERS else None
        if value is not None:
            bundle.idle[kind] = _of_resource(value, f"{name} {_IDLE_NAMES[kind]}", file)


def _idle_of(resource: Node) -> ScalarNode | None:
    """Of a classic balancer a property, of a newer one an attribute."""
    classic = _at(resource, "Properties", "ConnectionSettings", "IdleTimeout")
    if isinstance(classic, ScalarNode):
        return classic
    pairs = _at(resource, "Properties", "LoadBalancerAttributes")
    for pair in pairs.items if isinstance(pairs, ListNode) else ():
        key, value = _at(pair, "Key"), _at(pair, "Value")
        if isinstance(key, ScalarNode) and key.text == _IDLE_NAMES["v2"] and isinstance(value, ScalarNode):
            return value
    return None


def _of_resource(node: ScalarNode, label: str, file: str) -> Setting:
    text = f"{label}: {node.text}" if node.text.isdigit() else label
    span = Span(file=file, line=node.line, column=node.column, text=text)
    value: Known | Unresolved = Known(value=node.text)
    if not node.text.isdigit():
        value = Unresolved(reason="it is no plain number", needs="write the number itself")
    return Setting(name="idle_timeout", value=value, spans=(span,), label=label)


def _at(node: Node | None, *keys: str) -> Node | None:
    for key in keys:
        node = node.get(key) if isinstance(node, MapNode) else None
    return node


def _texts(node: Node | None) -> Iterator[str]:
    match node:
        case ScalarNode():
            yield node.text
        case ListNode():
            for item in node.items:
                yield from _texts(item)
        case MapNode():
            for _, child in node.entries.values():
                yield from _texts(child)
        case None:
            pass
