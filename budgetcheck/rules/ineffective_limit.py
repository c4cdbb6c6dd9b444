"""BC202 ineffective-limit

What it checks
    A setting that does not do what it looks like: a directive of another family than the pass, a gate taken
    for a total, conditions that repeat nothing, a timeout that the platform ignores where it stands, a
    heartbeat that a request on some route outlasts.

Why it matters
    Somebody set it after an incident and believes it works. The limit in force is another one, in most
    cases a default.

Bad
    proxy_read_timeout 300s; beside fastcgi_pass, which waits fastcgi_read_timeout (60 s). timeout_sec = 60 of
    a backend service whose load balancer forwards packets. gunicorn --timeout 30 with uvicorn workers, where
    a handler may take 61.5 s: nothing cuts it.

Good
    fastcgi_read_timeout 300s;. A proxy_read_timeout in the http block that FastCGI locations merely inherit
    is for the others and no fault. A heartbeat that no known request outlasts, or that nobody wrote.

References
    https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_read_timeout
    https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream_timeout
"""

from collections.abc import Iterator

from budgetcheck.model.findings import Finding, Severity
from budgetcheck.model.settings import ProblemKind
from budgetcheck.rules.base import Scene, SceneRule
from budgetcheck.rules.heartbeats import heartbeats_taken_for_limits
from budgetcheck.rules.judged import findings

CODE, NAME = "BC202", "ineffective-limit"


def check(scene: Scene) -> Iterator[Finding]:
    """One warning for every setting without the effect it seems to have."""
    yield from findings(scene, ProblemKind.INEFFECTIVE, CODE, NAME, Severity.WARNING)
    for assessment in scene.assessments:
        yield from heartbeats_taken_for_limits(assessment, CODE, NAME)


RULE = SceneRule(
    code=CODE,
    name=NAME,
    severity=Severity.WARNING,
    summary="a setting that does not do what it looks like",
    manual=__doc__,
    check=check,
)
