"""BC102 retries-outlive-outer

What it checks
    One attempt of an inner hop fits into what the outer hop grants, but all its attempts and pauses do not.

Why it matters
    The timeout looks right in review, and it is: for one attempt. SDKs retry without being asked (openai and
    anthropic twice), proxies try the next upstream, decorators add a third layer. When the dependency stalls
    the caller gets the outer hop's error, and the retries go on behind its back: work and paid requests
    for nobody.

Bad
    AsyncOpenAI(timeout=httpx.Timeout(20.0, connect=5.0)) behind proxy_read_timeout 30s: 3 x 20 s + 1.5 s.

Good
    The same client under `asyncio.timeout(28)`, with `max_retries=0`, or with a read timeout of 9 s.
    A POST through nginx to two upstream servers counts once: nginx does not send it again after a timeout.

References
    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream
"""

from collections.abc import Iterator

from budgetcheck.assess import Joint
from budgetcheck.model.findings import Finding, Severity
from budgetcheck.model.options import Options
from budgetcheck.rules.base import JointRule
from budgetcheck.rules.faults import Blame, faults
from budgetcheck.rules.proof import pair_finding

CODE, NAME = "BC102", "retries-outlive-outer"


def check(joint: Joint, _options: Options) -> Iterator[Finding]:
    """One finding for every inner hop whose attempts together are longer than the grant."""
    for fault in faults(joint):
        if fault.blame is Blame.RETRIES:
            yield pair_finding(joint, fault, CODE, NAME)


RULE = JointRule(
    code=CODE,
    name=NAME,
    severity=Severity.ERROR,
    summary="one attempt fits, attempts and backoff together do not",
    manual=__doc__,
    check=check,
)
