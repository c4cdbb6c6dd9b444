"""What a setting that nobody wrote yet is called in the language of its file, and in which block it goes."""

from collections.abc import Callable, Mapping

from budgetcheck import facts
from budgetcheck.facts.fact import Grammar
from budgetcheck.model.findings import Addition, Syntax
from budgetcheck.model.topology import Hop, Layer
from budgetcheck.readers.template_names import name_in_template

_OF_A_CALL = frozenset({"anthropic", "httpx", "httpx2", "openai", "requests", "urllib", "urllib3"})
"""Clients each of whose calls takes a `timeout` in seconds."""
_OF_A_CLIENT = frozenset({"anthropic", "openai"})
"""Clients with `with_options(max_retries=...)`."""
_DEEP = frozenset({"aws_ecs_service", "aws_ecs_task_definition", "google_compute_url_map"})
"""Resources whose settings stand in blocks that their names do not tell."""
_ANNOTATIONS = {
    "ingress-nginx": "nginx.ingress.kubernetes.io",
    "nginx-ingress": "nginx.org",
    "openshift-route": "haproxy.router.openshift.io",
}
_OF_BALANCERS = {
    "classic": "aws:elb:policies ConnectionSettingIdleTimeout",
    "application": "aws:elbv2:loadbalancer IdleTimeout",
}
_TEMPLATES = "cloudformation:"
_OWN_PROPERTIES = frozenset({"aws_lambda_function", "aws_sqs_queue", "aws_db_proxy"})
"""Resources of templates whose settings are properties of their own."""
_PROGRAMS = frozenset({"granian", "gunicorn", "hypercorn", "uvicorn"})
_OPTIONS = {"keepalive": "--keep-alive"}


def new_setting(hop: Hop, setting: str) -> str:
    """The name under which somebody would write it: `timeout` of a call in code for its read timeout."""
    if _is_timeout_of_a_call(hop, setting):
        return "timeout"
    if hop.address.startswith(_TEMPLATES) and not hop.trait("deployed_by"):
        return name_in_template(hop.component, setting) or setting
    if hop.component == "beanstalk-balancer" and setting == "idle_timeout":
        classic = hop.trait("load_balancer_type") == "classic"
        return _OF_BALANCERS["classic" if classic else "application"]
    # Behind the URL of a balancer `timeout=` means something else.
    return "ProxyTimeout" if hop.component == "apache" and setting in ("timeout", "Timeout") else setting


def addition_to(hop: Hop, setting: str, value: str) -> Addition | None:
    """How the setting is added to the hop; None where that differs from case to case."""
    build = _LANGUAGES.get(hop.address.partition(":")[0])
    return build(hop, setting, value) if build else None


def _in_apache(_hop: Hop, setting: str, value: str) -> Addition | None:
    return Addition(syntax=Syntax.APACHE, path=(setting,), value=value) if setting == "ProxyTimeout" else None


def _in_nginx(_hop: Hop, setting: str, value: str) -> Addition:
    return Addition(syntax=Syntax.NGINX, path=(setting,), value=value)


def _in_terraform(hop: Hop, setting: str, value: str) -> Addition | None:
    """Of a resource that there is once: one of a module or of several instances stands for all of them."""
    resource = hop.address.removeprefix("terraform:")
    several = resource.startswith("module.") or "[" in resource
    path = tuple(setting.split("."))
    nameless = not all(name.isidentifier() for name in path)
    if several or nameless or hop.component in _DEEP or path[0].startswith(("aws_", "google_", "dereg")):
        return None
    component = facts.find(hop.component)
    grammars = {fact.grammar for fact in (component.limits if component else ()) if fact.setting == setting}
    if grammars == {Grammar.SECONDS_SUFFIX}:
        value = f'"{value.removesuffix("s")}s"'
    return Addition(syntax=Syntax.HCL, path=path, value=value)


def _in_template(hop: Hop, setting: str, value: str) -> Addition | None:
    if hop.component not in _OWN_PROPERTIES or not hop.span.file.endswith((".yaml", ".yml")):
        return None
    inside = () if hop.trait("deployed_by") else ("Properties",)
    # The place of the hop is its own key, in the mapping of all resources.
    return Addition(syntax=Syntax.YAML, path=(hop.title.rpartition("/")[2], *inside, setting), value=value)


def _in_app_document(hop: Hop, setting: str, value: str) -> Addition:
    inside = ("server",) if hop.layer is Layer.SERVER else ()
    return Addition(syntax=Syntax.YAML, path=(*inside, *setting.split(".")), value=value)


def _in_python(hop: Hop, setting: str, value: str) -> Addition | None:
    if setting == "timeout" and hop.component in _OF_A_CALL:
        return Addition(syntax=Syntax.PYTHON, path=("timeout",), value=value)
    if setting == "max_retries" and hop.component in _OF_A_CLIENT:
        return Addition(syntax=Syntax.PYTHON, path=("with_options", "max_retries"), value=value)
    return None


def _in_manifest(hop: Hop, setting: str, value: str) -> Addition | None:
    prefix = _ANNOTATIONS.get(hop.component)
    if prefix is None:
        return _of_a_command(hop, setting, value)
    written = f'"{value}"' if value.isdigit() else value
    return Addition(
        syntax=Syntax.YAML, path=("metadata", "annotations", f"{prefix}/{setting}"), value=written
    )


def _of_a_command(hop: Hop, setting: str, value: str) -> Addition | None:
    if hop.component not in _PROGRAMS or hop.layer is not Layer.SERVER:
        return None
    if setting == "stop_grace_period" or not setting.islower():
        return None
    option = _OPTIONS.get(setting, f"--{setting.replace('_', '-')}")
    return Addition(syntax=Syntax.COMMAND, path=(option,), value=value, program=hop.component)


def _is_timeout_of_a_call(hop: Hop, setting: str) -> bool:
    """Nothing of its time is written yet, and it is one number for connecting and reading."""
    mine = hop.address.startswith("python:") and hop.component in _OF_A_CALL
    unwritten = not any(limit.spans for limit in hop.limits if limit.setting.startswith("timeout"))
    return mine and unwritten and setting == "timeout.read"


_LANGUAGES: Mapping[str, Callable[[Hop, str, str], Addition | None]] = {
    "apache": _in_apache,
    "nginx": _in_nginx,
    "terraform": _in_terraform,
    "cloudformation": _in_template,
    "app": _in_app_document,
    "python": _in_python,
    "kubernetes": _in_manifest,
    "compose": _of_a_command,
    "dockerfile": _of_a_command,
    "procfile": _of_a_command,
    "script": _of_a_command,
    "systemd": _of_a_command,
    "supervisord": _of_a_command,
}
