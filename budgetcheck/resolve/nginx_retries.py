"""How often nginx tries an upstream, and for which methods.

Measured on nginx 1.22 and 1.31 and read in src/http/ngx_http_upstream.c:

- peers = addresses of all `server` lines that are not `down`, backups included; `*_next_upstream_tries` caps
  them (0: no cap) and never raises them.
- `*_next_upstream off`, or a list without `timeout`: a hanging upstream is not tried again.
- an error answer is tried again if its status is listed, also where `timeout` is not;
- POST, PATCH and LOCK are not sent twice unless `non_idempotent` is listed beside the condition; failed
  connections are tried again whatever the method, since nothing was sent.
- an unbuffered request body (`*_request_buffering off`) is gone once sent: a large PUT is sent once, like a
  POST. A GET has no body and is sent again, so the worst case of its class does not change.
- a body-less gRPC call is a POST.
"""

from functools import lru_cache

from budgetcheck.model.bound import ONE, UNLIMITED, Bound, exactly, minimum, one_of, unknown
from budgetcheck.model.limits import Count, Origin, Repeats, RetryPolicy
from budgetcheck.model.settings import Declaration, Known, OneOf, Setting, Unresolved

_DEFAULT_CONDITIONS = frozenset({"error", "timeout"})
_STATUS_CONDITIONS = ("http_500", "http_502", "http_503", "http_504")
_ANY_STATUS = "http_"  # and 403, 404, 429: which one a backend answers with is not in these files


def nginx_retries(declaration: Declaration) -> RetryPolicy:
    """The retry policy of one nginx location, by the directives of the family of its pass."""
    family = declaration.trait("family")
    if declaration.trait("kind") == "stream":
        return _stream_retries(declaration)
    conditions = _conditions(declaration.setting(f"{family}_next_upstream"))
    tries = declaration.setting(f"{family}_next_upstream_tries")
    if conditions is None:
        some = Bound(low=1, high=declaration.peers.high, reason="the failures to retry after are not known")
        return RetryPolicy(attempts=some, attempts_unsafe=some, connects=some)
    permitted = minimum(declaration.peers, _cap(tries))
    on_error = permitted if conditions - {"off"} and "off" not in conditions else ONE
    on_timeout = on_error if "timeout" in conditions else ONE
    on_answer = on_error if any(word.startswith(_ANY_STATUS) for word in conditions) else ONE
    resends = "non_idempotent" in conditions
    return RetryPolicy(
        attempts=on_timeout,
        attempts_unsafe=on_timeout if resends else ONE,
        answered=on_answer,
        answered_unsafe=on_answer if resends else ONE,
        connects=on_error if conditions & {"error", "timeout"} else ONE,
        count=_count(declaration, tries, on_error),
        repeats=_repeats(conditions),
    )


def _stream_retries(declaration: Declaration) -> RetryPolicy:
    """A stream server tries the next peer only while connecting."""
    if _word(declaration.setting("proxy_next_upstream")) == "off":
        return RetryPolicy()
    tries = declaration.setting("proxy_next_upstream_tries")
    connects = minimum(declaration.peers, _cap(tries))
    return RetryPolicy(connects=connects, repeats=frozenset({Repeats.CONNECT}))


def _conditions(setting: Setting | None) -> frozenset[str] | None:
    if setting is None:
        return _DEFAULT_CONDITIONS
    word = _word(setting)
    return None if word is None else frozenset(word.split())


def _word(setting: Setting | None) -> str | None:
    if setting is not None and isinstance(setting.value, Known) and setting.value.value is not None:
        return str(setting.value.value)
    return None


def _cap(setting: Setting | None) -> Bound:
    """The cap on attempts: none if not written or 0."""
    if setting is None:
        return UNLIMITED
    match setting.value:
        case Known(value=raw):
            return _cap_of(raw)
        case OneOf(values=possible, reason=reason):
            return one_of((_cap_of(raw).high for raw in possible), reason)
        case Unresolved(reason=reason):
            return unknown(reason, low=1)


def _cap_of(raw: object) -> Bound:
    text = str(raw)
    if not text.isdigit():
        return unknown("proxy_next_upstream_tries is not a whole number", low=1)
    return exactly(int(text) or None)


def _count(declaration: Declaration, tries: Setting | None, permitted: Bound) -> Count | None:
    """Who decides the number: the cap where it is written, else the peers."""
    if tries is not None and permitted != declaration.peers:
        return Count(bound=permitted, setting=tries.name, origin=tries.origin, spans=tries.spans)
    if permitted == ONE:
        return None
    spans = tuple(target.span for target in declaration.targets[:1])
    return Count(
        bound=permitted,
        setting="upstream servers",
        origin=Origin.WRITTEN if permitted.exact else Origin.UNRESOLVED,
        spans=spans,
    )


@lru_cache(maxsize=256)
def _repeats(conditions: frozenset[str]) -> frozenset[Repeats]:
    found = set()
    if "off" in conditions:
        return frozenset()
    if conditions & {"error", "timeout"}:
        found.add(Repeats.CONNECT)
    if "error" in conditions:
        found.add(Repeats.RESET)
    if "timeout" in conditions:
        found.add(Repeats.TIMEOUT)
    if conditions & set(_STATUS_CONDITIONS):
        found.add(Repeats.STATUS)
    return frozenset(found)
