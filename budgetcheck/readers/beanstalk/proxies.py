"""The proxy on every instance: the platform's own nginx with what the bundle adds to it, or Apache httpd.

The platform includes `conf.d/*.conf` in its `http` block and `conf.d/elasticbeanstalk/*.conf` in its `server`
block, among them its own location for the application. A bundle may replace each of these files.

- https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/platforms-linux-extend.html
- https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/platforms-linux-extend.proxy.html
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from budgetcheck.model.limits import Origin
from budgetcheck.model.settings import Declaration, Known, OneOf, Problem, Setting, Unresolved
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Target
from budgetcheck.readers.apache.lexing import parse as parse_apache
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.beanstalk.bundles import Bundle
from budgetcheck.readers.nginx.held import Held, HeldFile
from budgetcheck.readers.nginx.library import Found
from budgetcheck.readers.processes.declare import Owner, presumed

PROXY = "aws:elasticbeanstalk:environment:proxy"
PYTHON = "aws:elasticbeanstalk:container:python"

_NGINX, _APACHE = "/etc/nginx/", "/etc/httpd/"
_MAIN, _LOCATION = f"{_NGINX}nginx.conf", f"{_NGINX}conf.d/elasticbeanstalk/00_application.conf"
_PLATFORM = "the nginx of the platform"
_OWN_MAIN = """events {}
http {
    include conf.d/*.conf;
    server {
        listen 80 default_server;
        client_header_timeout 60;
        client_body_timeout 60;
        keepalive_timeout 60;
        include conf.d/elasticbeanstalk/*.conf;
    }
}
"""
_OWN_LOCATION = """location / {
    proxy_pass http://127.0.0.1:8000;
    proxy_http_version 1.1;
}
"""
"""As public copies of it have it (Amazon Linux 2 and 2023); AWS prints it nowhere, so it grounds no error."""
_PLATFORM_PORTS = frozenset({5000, 8000, 8080})
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})
_OF_OLD_PLATFORMS = Unresolved(
    reason="platforms before Amazon Linux 2 had other values", needs="give .platform/nginx/nginx.conf"
)
_KEEP_ALIVE = "KeepAliveTimeout"


class _Files(Held):
    """The files of an instance as far as the bundle and the platform put them there."""

    def find(self, pattern: str, *, main: str, including: str) -> Found:
        """What is missing comes with the platform or is made on the instance, and is not known."""
        found = super().find(pattern, main=main, including=including)
        if not found.missing:
            return found
        missing = "is not among the files that the bundle puts on its instances"
        return replace(found, missing=missing, fix="put it into .platform/nginx")


def declare_proxy(
    bundle: Bundle, application: Target, context: ReadContext, *, applied: bool
) -> tuple[list[Declaration], list[Problem]]:
    """The hops of the proxy. `application` is where the platform's own location leads.

    `applied`: something says that the platform is one with such a proxy; without it only what the bundle
    itself configures is read.
    """
    kind = _kind(bundle, applied=applied)
    if kind == "nginx":
        recent = applied or bundle.on_linux_2
        return _nginx(bundle, application, context, recent=recent)
    return (list(_apache(bundle)) if kind == "apache" else []), []


def _kind(bundle: Bundle, *, applied: bool) -> str:
    written = bundle.text(PROXY, "ProxyServer").lower()
    if written or (PROXY, "ProxyServer") in bundle.options:
        return written if written in ("nginx", "apache") else ""
    of_nginx = any(path.startswith(_NGINX) for path in bundle.files)
    of_apache = any(path.startswith(_APACHE) for path in bundle.files)
    if of_nginx and of_apache:
        return ""
    if of_apache:
        # Since Amazon Linux 2 an option has to ask for it, which may stand elsewhere.
        return "" if bundle.on_linux_2 else "apache"
    return "nginx" if of_nginx or applied else ""


def _nginx(
    bundle: Bundle, application: Target, context: ReadContext, *, recent: bool
) -> tuple[list[Declaration], list[Problem]]:
    files = {path: held for path, held in bundle.files.items() if path.startswith(_NGINX)}
    files.setdefault(_MAIN, HeldFile(text=_OWN_MAIN, file=_PLATFORM, lines_before=0))
    if not bundle.proxy_changed:
        files.setdefault(_LOCATION, HeldFile(text=_OWN_LOCATION, file=_PLATFORM, lines_before=0))
    from budgetcheck.readers.nginx import read_held

    found, problems = read_held(_Files(files, lambda _: None), context)
    named = {one.address: f"{one.address} [{bundle.title}]" for one in found}
    declarations = [
        replace(
            one,
            address=named[one.address],
            span=_placed(one.span, bundle),
            settings=tuple(_settings(one.settings, bundle, recent=recent)),
            targets=tuple(_targets(one.targets, application)),
            passes_before=tuple(named[other] for other in one.passes_before),
            passes_after=tuple(named[other] for other in one.passes_after),
        )
        for one in found
    ]
    return declarations, [one for one in problems if one.span.file != _PLATFORM]


def _placed(span: Span, bundle: Bundle) -> Span:
    if span.file != _PLATFORM:
        return span
    own = min((held.file for path, held in bundle.files.items() if path.startswith(_NGINX)), default="")
    place = Span(file=own, line=1) if own else bundle.place
    return replace(place, text=f"nginx of the platform: {span.text}".rstrip(": "))


def _settings(settings: Iterable[Setting], bundle: Bundle, *, recent: bool) -> Iterator[Setting]:
    """What the bundle says, and what the platform's own files say, which is nobody's word here."""
    for one in settings:
        written = tuple(span for span in one.spans if span.file != _PLATFORM)
        if written or not one.spans:
            yield replace(one, spans=written)
        elif recent or one.name == "keepalive_timeout":
            yield _of_platform(one, bundle, recent=recent)


def _of_platform(one: Setting, bundle: Bundle, *, recent: bool) -> Setting:
    """A setting that no edit of these files can replace: one that is possible, without its literal."""
    value = OneOf(values=(one.value.value,), reason="") if isinstance(one.value, Known) else one.value
    return replace(
        one,
        value=value if recent else _OF_OLD_PLATFORMS,
        spans=(_placed(one.spans[0], bundle),),
        origin=Origin.DEFAULT,
        label=f"the platform's {one.name}",
    )


def _targets(targets: Sequence[Target], application: Target) -> Iterator[Target]:
    """The process `web` is what the ports of the platforms on the instance itself lead to."""
    for one in targets:
        own = one.host in _LOOPBACK and one.port in _PLATFORM_PORTS and bool(application.address)
        if one.span.file == _PLATFORM:
            yield replace(application, hosts=one.hosts, paths=one.paths)
        else:
            yield replace(one, address=application.address, host="", port=0) if own else one


def _apache(bundle: Bundle) -> Iterator[Declaration]:
    """httpd as it is for the whole server; how long the application inside it takes is open."""
    setting = next(_keep_alive(bundle), None)
    inside = Owner(
        address=f"beanstalk:{bundle.title}/web", title=bundle.called("application"), span=bundle.place
    )
    yield presumed(inside)
    yield Declaration(
        component="apache",
        address=f"beanstalk:{bundle.title}/httpd",
        title=bundle.called("httpd"),
        span=setting.spans[0] if setting else bundle.place,
        settings=(setting,) if setting else (),
        traits=(("family", "none"),),
        targets=(Target(address=inside.address, span=bundle.place),),
    )


def _keep_alive(bundle: Bundle) -> Iterator[Setting]:
    """The last word on connections that are kept; `KeepAlive Off` closes each after its answer."""
    written: dict[str, Setting] = {}
    paths = sorted(path for path in bundle.files if path.startswith(f"{_APACHE}conf.d/"))
    for held in (bundle.files[path] for path in paths if path.endswith(".conf")):
        for node in parse_apache(held.text, held.file).nodes:
            name = node.name.lower()
            if name in ("keepalive", "keepalivetimeout") and node.args:
                span = replace(node.span, line=node.span.line + held.lines_before)
                off = name == "keepalive" and node.args[0].lower() == "off"
                value = "0" if name == "keepalive" else node.args[0]
                written[name] = Setting(
                    name=_KEEP_ALIVE,
                    value=Known(value=value),
                    spans=(span,),
                    label="" if not off else "KeepAlive",
                )
                if name == "keepalive" and not off:
                    del written[name]
    yield from (written[name] for name in ("keepalive", "keepalivetimeout") if name in written)
