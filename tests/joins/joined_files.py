"""Writes files of several formats into a folder and reads, joins, resolves and links them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from budgetcheck.link import link
from budgetcheck.model.settings import Declaration, Known, OneOf, Unresolved
from budgetcheck.model.topology import Route
from budgetcheck.readers.variables import EnvironmentIndex, environment_index
from budgetcheck.run import Prepared, RunSettings, prepare


def prepared(folder: Path, files: Mapping[str, str]) -> Prepared:
    (folder / ".git").mkdir(exist_ok=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = prepare([folder], cwd=folder, settings=RunSettings(no_config=True), tell=lambda _: None)
    internal = [one.text for one in found.reading.problems if one.text.startswith("internal error")]
    assert not internal, internal
    return found


def index(folder: Path, files: Mapping[str, str]) -> EnvironmentIndex:
    return environment_index(prepared(folder, files).context)


@dataclass(frozen=True)
class Joined:
    """Routes and links of one environment."""

    routes: tuple[Route, ...]
    links: dict[str, list[tuple[str, str]]]
    addresses: list[str]


def joined(folder: Path, files: Mapping[str, str], environment: str = "") -> Joined:
    found = prepared(folder, files)
    hops = found.resolved(environment).hops
    matching, routes = link(hops, found.options, environment)
    links = {
        outer: [(edge.link.inner, edge.link.evidence.name) for edge in edges]
        for outer, edges in matching.edges.items()
        if edges
    }
    return Joined(routes=routes, links=links, addresses=sorted(hop.address for hop in hops))


def chain(route: Route) -> list[str]:
    return [hop.component for hop in route.hops]


def declaration(folder: Path, files: Mapping[str, str], address: str, environment: str = "") -> Declaration:
    found = prepared(folder, files).reading.declarations
    (one,) = [d for d in found if d.address == address and d.environment == environment]
    return one


def value(found: Declaration, name: str) -> object:
    """A known value, the set of possible ones, or the text `unresolved`."""
    setting = found.setting(name)
    assert setting is not None, [one.name for one in found.settings]
    match setting.value:
        case Known(value=known):
            return known
        case OneOf(values=values):
            return set(values)
        case Unresolved():
            return "unresolved"


def way(found: Declaration, name: str) -> list[str]:
    """The places a value came through, the place of use first."""
    setting = found.setting(name)
    assert setting is not None
    return [span.place for span in setting.spans]


NGINX = """\
server {
  listen 80;
  location / {
    proxy_pass http://web:8000;
    proxy_read_timeout ${WAIT};
  }
}
"""


def proxy(
    more: str = "", *, name: str = "proxy", files: str = "./nginx/templates:/etc/nginx/templates"
) -> str:
    return f"""\
  {name}:
    image: nginx:1.27
    volumes: ["{files}"]
{more}"""


def web(command: str = "gunicorn shop.wsgi -b 0.0.0.0:8000 --timeout 30", more: str = "") -> str:
    return f"""\
  web:
    image: registry.example.com/web
    command: {command}
{more}"""


def compose(*services: str) -> str:
    return "services:\n" + "".join(services)
