"""Commands that deploy to a platform and give it a time limit: `gcloud run deploy`, `aws lambda update-...`.

https://docs.cloud.google.com/sdk/gcloud/reference/run/deploy,
https://docs.aws.amazon.com/cli/latest/reference/lambda/update-function-configuration.html
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from budgetcheck.model.span import Span
from budgetcheck.readers.processes.launch import Start
from budgetcheck.readers.processes.options import Given, options
from budgetcheck.readers.processes.shell_state import Arg
from budgetcheck.readers.processes.texts import Text

RUN, FUNCTION, FUNCTION_1, LAMBDA = (
    "google_cloud_run_v2_service",
    "google_cloudfunctions2_function",
    "google_cloudfunctions_function",
    "aws_lambda_function",
)
SETTINGS = {
    RUN: "template.timeout",
    FUNCTION: "service_config.timeout_seconds",
    FUNCTION_1: "timeout",
    LAMBDA: "timeout",
}
_FLAGS = {
    "--timeout": "timeout",
    "--function-name": "name",
    "--image": "image",
    "--port": "port",
    "--gen2": "gen2!",
    "--no-gen2": "no-gen2!",
    "--trigger-topic": "event",
    "--trigger-event": "event",
    "--trigger-bucket": "event",
    "--trigger-event-filters": "event",
}
# Flags without a value: the word behind them may be the name.
_SWITCHES = re.compile(
    r"--(?:no-)?(?:quiet|async|gen2|traffic|allow-unauthenticated|cpu-boost|cpu-throttling|session-affinity"
    r"|use-http2|trigger-http|retry|default-url|invoker-iam-check)|-q"
)
_GCLOUD = {
    ("run", "deploy"): RUN,
    ("run", "services", "update"): RUN,
    ("functions", "deploy"): FUNCTION,
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,139}")
_DURATION = re.compile(r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A service that a command deploys.

    Attributes:
        component: what it is. `name`: empty where it is not known. `span`: the command.
        timeout: what the command gives it; None for one that leaves the time as it is.
        image: the last part of the image's name. `port`: of the container; 0 where it is not said.
        event: it is started by events, not by requests.
    """

    component: str
    name: str
    span: Span
    timeout: Given | None = None
    image: str = ""
    port: int = 0
    event: bool = False


def is_deployment(words: Sequence[str | None]) -> bool:
    """The words behind `gcloud` or `aws` deploy something that has a time limit."""
    return _gcloud([word for word in words if word]) is not None or _is_lambda(words)


def deployed_by(start: Start) -> Iterator[Deployed]:
    """What a start of `gcloud` or `aws` deploys."""
    words = [arg.text.known for arg in start.args]
    found = dict(options(start.args, _FLAGS))
    if start.program == "aws":
        if _is_lambda(words) and "timeout" in found:
            yield _lambda(start, found)
        return
    group = _gcloud([word for word in words if word])
    if group is None:
        return
    component, verb = group
    if component == FUNCTION and "no-gen2" in found:
        component = FUNCTION_1
    port = found["port"].text.known if "port" in found else None
    image = found["image"].text.known if "image" in found else None
    timeout = found.get("timeout")
    yield Deployed(
        component=component,
        name=_positional(start.args, verb),
        span=replace(start.span, text=f"gcloud {'functions' if component != RUN else 'run'} {verb}"),
        timeout=_in_seconds(timeout, component) if timeout else None,
        image=image_name(image or ""),
        port=int(port) if port and port.isdigit() and len(port) < 6 else 0,
        event="event" in found,
    )


def in_seconds(text: Text, component: str) -> Text:
    """`15m`, `1h30m`, `900` and `900s` as the platform's own setting writes them."""
    suffix = "s" if component == RUN else ""
    return replace(text, choices=tuple(f"{_seconds(choice)}{suffix}" for choice in text.choices))


def image_name(image: str) -> str:
    """The last part of an image, without tag and digest."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def known_name(name: str | None) -> str:
    """The name where it is one; empty for anything else."""
    return name if name and _NAME.fullmatch(name) else ""


def _in_seconds(given: Given, component: str) -> Given:
    return replace(given, text=in_seconds(given.text, component))


def _seconds(written: str) -> str:
    match = _DURATION.fullmatch(written.strip())
    if not match or not any(match.groups()):
        return written.strip()
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return str(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def _gcloud(words: Sequence[str]) -> tuple[str, str] | None:
    """The component and the verb, also of the beta and alpha tracks; None for all other commands."""
    plain = [word for word in words if not word.startswith("-") and word not in ("beta", "alpha")]
    for group, component in _GCLOUD.items():
        # Flags of gcloud itself may stand before the group, with their values.
        if any(tuple(plain[at : at + len(group)]) == group for at in range(3)):
            return component, group[-1]
    return None


def _is_lambda(words: Sequence[str | None]) -> bool:
    verbs = ("update-function-configuration", "create-function")
    return "lambda" in words and any(word in verbs for word in words)


def _lambda(start: Start, found: dict[str, Given]) -> Deployed:
    name = found["name"].text.known if "name" in found else None
    return Deployed(
        component=LAMBDA,
        name=known_name(name),
        span=replace(start.span, text="aws lambda"),
        timeout=found["timeout"],
    )


def _positional(args: Sequence[Arg], verb: str) -> str:
    """The first word behind the verb that belongs to no flag."""
    words = [arg.text.known for arg in args]
    skip = False
    for word in words[words.index(verb) + 1 :]:
        if skip:
            skip = False
        elif word is None:
            return ""
        elif word.startswith("-"):
            skip = "=" not in word and not _SWITCHES.fullmatch(word)
        else:
            return known_name(word)
    return ""
