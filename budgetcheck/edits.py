"""How a changed number is written where it stands, in the language of its file."""

from collections.abc import Mapping
from dataclasses import dataclass

from budgetcheck.added_settings import addition_to, new_setting
from budgetcheck.model.duration import MS_PER, literal_duration
from budgetcheck.model.findings import Edit
from budgetcheck.model.limits import Limit, Meaning
from budgetcheck.model.topology import Hop, Layer

_PROCESSES = ("compose:", "dockerfile:", "procfile:", "systemd:", "supervisord:", "script:", "gunicorn:")
"""Addresses of servers whose settings are mostly options of a command."""
_MANIFESTS = "kubernetes:"
_CODE = "python:"
_ANNOTATIONS = {
    "ingress-nginx": 'nginx.ingress.kubernetes.io/{setting}: "{value}"',
    "nginx-ingress": "nginx.org/{setting}: {value}",
    "aws_lb": "alb.ingress.kubernetes.io/load-balancer-attributes: {setting}.timeout_seconds={value}",
    "aws_elb": 'service.beta.kubernetes.io/aws-load-balancer-{setting}: "{value}"',
    "gke-ingress": "{setting}: {value} in a BackendConfig of the Service",
}
_OF_SERVICES = {
    "idle_timeout": "connection-idle-timeout",
    "connection_draining_timeout": "connection-draining-timeout",
}
_WITH_UNIT = ("nginx-ingress", "istio", "gateway-api", "traefik")
"""Components of manifests whose times have a unit; those of others are bare seconds."""
_OWN_WORDS = {
    "keepalive": "--keep-alive ",
    "stop_grace_period": "stop_grace_period: ",
    "TimeoutStopSec": "TimeoutStopSec=",
    "stopwaitsecs": "stopwaitsecs=",
}
_CONFIGURED: Mapping[str, str | tuple[str, ...]] = {
    "gunicorn": ".py",
    "hypercorn": (".py", ".toml"),
    "uwsgi": ".ini",
    "php-fpm": ".conf",
}
"""How a configuration file of a server ends; in others its settings stand as options of a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One setting with its new value as text, and the edits that write it."""

    text: str
    edits: tuple[Edit, ...]


def limit_edit(hop: Hop, limit: Limit, milliseconds: int) -> Change:
    """The limit set to a new value: where the literal stands, or as a new setting of the hop."""
    new = _literal(hop, limit, milliseconds)
    literal = (limit.literal or _null(hop, limit)) if limit.spans else ""
    setting = limit.setting if literal else new_setting(hop, limit.setting)
    file = limit.spans[-1].file if literal else ""
    text = _assignment(hop, _written_name(hop, limit, setting), new, file)
    hidden = not literal and hop.address.startswith((*_PROCESSES, _MANIFESTS))
    # Of these the name of a setting alone does not tell whose it is.
    said = f"{hop.title}: {text}" if hidden else text
    span = limit.spans[-1] if literal else hop.span
    if not span.line:  # a plan or state: the literal stands in sources that were not given
        return Change(text=f"{hop.title}: {text}", edits=())
    if literal:
        return Change(text=said, edits=(Edit(span=span, old=literal, new=new),))
    null = limit.bound.unlimited and hop.address.startswith("app:")
    addition = addition_to(hop, setting, new) if null or not limit.spans else None
    return Change(text=said, edits=(Edit(span=span, old="", new=text, addition=addition),))


def retries_edit(hop: Hop, attempts: int) -> Change:
    """The number of attempts set to a new value, in the component's own counting."""
    count = hop.retry.count
    if hop.component == "nginx":
        setting, new = "proxy_next_upstream_tries", str(attempts)
    elif count is None:
        setting, new = "attempts", str(attempts)
    else:
        setting, new = count.setting, str(attempts - count.retries)
    text = _assignment(hop, setting, new)
    if count is not None and count.spans and count.literal and count.setting == setting:
        return Change(text=text, edits=(Edit(span=count.spans[-1], old=count.literal, new=new),))
    written = count is not None and count.setting == setting and count.spans
    addition = None if written or setting == "attempts" else addition_to(hop, setting, new)
    return Change(text=text, edits=(Edit(span=hop.span, old="", new=text, addition=addition),))


def deadline_edit(handler: Hop, milliseconds: int) -> tuple[Edit, ...]:
    """A deadline on the handler; in code it is for a person to write."""
    known = handler.limit(Meaning.TOTAL)
    if handler.address.startswith(_CODE):
        seconds = _plain_number(milliseconds, MS_PER["s"])
        return (Edit(span=handler.span, old="", new=f"asyncio.timeout({seconds}) around the calls"),)
    if not handler.address.startswith("app:"):
        return ()
    new = literal_duration(milliseconds)
    if known is not None and known.spans and known.literal:
        return (Edit(span=known.spans[-1], old=known.literal, new=new),)
    addition = addition_to(handler, "deadline", new)
    return (Edit(span=handler.span, old="", new=f"deadline: {new}", addition=addition),)


def _written_name(hop: Hop, limit: Limit, setting: str) -> str:
    """The name as it is written: `timeout` in code, where one number sets several limits."""
    same = [known for known in hop.limits if limit.spans and known.spans == limit.spans]
    return setting.partition(".")[0] if len(same) > 1 and hop.address.startswith(_CODE) else setting


def _null(hop: Hop, limit: Limit) -> str:
    """The word for no limit in code."""
    return "None" if limit.bound.unlimited and hop.address.startswith(_CODE) else ""


def _literal(hop: Hop, limit: Limit, milliseconds: int) -> str:
    if hop.address.startswith(_CODE):
        return _plain_number(milliseconds, MS_PER[limit.unit])
    manifests = () if hop.component in _WITH_UNIT else (_MANIFESTS,)
    numbers = ("apache:", "beanstalk:", "terraform:", "cloudformation:", *_PROCESSES, *manifests)
    bare = limit.literal.strip().isdigit() or (not limit.literal and hop.address.startswith(numbers))
    if bare and limit.literal.endswith("s") is False and milliseconds % MS_PER[limit.unit] == 0:
        return str(milliseconds // MS_PER[limit.unit])
    return literal_duration(milliseconds)


def _plain_number(milliseconds: int, unit: int) -> str:
    """`9`, `2.5`: code counts in the unit of its library."""
    whole, part = divmod(milliseconds, unit)
    return str(whole) if not part else f"{milliseconds / unit:.3f}".rstrip("0")


def _assignment(hop: Hop, setting: str, value: str, file: str = "") -> str:
    if hop.component in _CONFIGURED and file.endswith(_CONFIGURED[hop.component]):
        return f"{setting} = {value}"
    if hop.address.startswith("nginx:"):
        return f"{setting} {value}"
    if hop.address.startswith("apache:"):
        return f"{setting}={value}" if setting.islower() else f"{setting} {value}"
    if hop.address.startswith("terraform:"):
        return f"{setting} = {value}"
    if hop.address.startswith(_CODE):
        return f"{setting}={value}"
    if hop.address.startswith(_MANIFESTS) and hop.component in _ANNOTATIONS and "/" not in setting:
        if hop.trait("load_balancer_type") == "network":
            return f"tcp.idle_timeout.seconds={value} in the annotation listener-attributes of each port"
        name = _OF_SERVICES.get(setting, setting) if hop.component == "aws_elb" else setting
        return _ANNOTATIONS[hop.component].format(setting=name, value=value)
    if hop.address.startswith(_PROCESSES) or (
        hop.address.startswith(_MANIFESTS) and hop.layer is Layer.SERVER
    ):
        return _OWN_WORDS.get(setting, f"--{setting.replace('_', '-')} ") + value
    return f"{setting}: {value}"
