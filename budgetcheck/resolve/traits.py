"""Traits that follow from several settings together, for the facts that depend on them."""

from dataclasses import replace

from budgetcheck.facts.versions import parse_range
from budgetcheck.model.settings import Declaration, Known

_HTTP_1_1_BY_DEFAULT = parse_range(">=1.29.7")


def with_derived_traits(declaration: Declaration) -> Declaration:
    """The declaration with the traits its component's facts ask for."""
    if declaration.component != "nginx":
        return declaration
    derived = (
        ("upstream_keepalive", _upstream_keepalive(declaration)),
        ("cache_lock", _switch(declaration, "cache_lock")),
        ("intercept_errors", _switch(declaration, "intercept_errors")),
    )
    return replace(declaration, traits=(*declaration.traits, *derived))


def _upstream_keepalive(declaration: Declaration) -> str:
    """`on` where the upstream block says so, `off` without a block or with 0, else up to the version.

    Measured: `proxy_pass http://10.0.0.1` without an upstream block never keeps a connection; a block
    without `keepalive` does from nginx 1.29.7 on. `keepalive` alone keeps none over HTTP/1.0.
    """
    if _speaks_http_1_0(declaration):
        return "off"
    setting = declaration.setting("upstream.keepalive")
    if setting is not None:
        return "off" if setting.value == Known(value="0") else "on"
    return "default" if any(target.group for target in declaration.targets) else "off"


def _speaks_http_1_0(declaration: Declaration) -> bool:
    """Certainly HTTP/1.0 towards the upstream, which is the default of versions before 1.29.7."""
    if declaration.trait("family") != "proxy" or declaration.trait("kind") == "stream":
        return False
    setting = declaration.setting("proxy_http_version")
    if setting is not None:
        return setting.value == Known(value="1.0")
    return bool(declaration.version) and not _HTTP_1_1_BY_DEFAULT.holds(declaration.version)


def _switch(declaration: Declaration, name: str) -> str:
    """`on` or `off`, of the directive of that name of the family of the pass."""
    setting = declaration.setting(f"{declaration.trait('family')}_{name}")
    return "on" if setting is not None and setting.value == Known(value="on") else "off"
