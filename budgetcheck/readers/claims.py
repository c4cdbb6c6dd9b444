"""Which reader a file belongs to, by its name and its first characters; no parser is loaded for this."""

import re
from functools import lru_cache
from itertools import pairwise
from pathlib import PurePosixPath

from budgetcheck.readers.process_names import Kind, is_workflow, process_kind
from budgetcheck.tree import SourceFile

_NGINX_NAMES = re.compile(
    r"nginx.*\.conf|.*\.nginx|nginx\.conf\..*|nginx.*\.conf\.(template|tmpl|j2|erb|tftpl)"
)
_SHARED_FOLDERS = {"conf.d", "sites-enabled", "sites-available", "snippets"}
"""Other programs have them too: FreeRADIUS, syslog-ng, dnsmasq."""
_NGINX_STATEMENT = re.compile(r"^[ \t]*[\w$@{%-][^#\n]{0,1000};[ \t\r]*(?:#|$)", re.MULTILINE)
_NO_NGINX = re.compile(r"^[ \t]*\}[ \t]*;", re.MULTILINE)
"""Ends a block of BIND, dhcpd or syslog-ng; nginx ends none with a semicolon."""
_NGINX_SUFFIXES = {".conf", ".template", ".tmpl", ".j2", ".erb", ".tftpl", ".nginx", ".inc", ""}
_NEVER_NGINX = {".tf", ".tfvars", ".yaml", ".yml", ".json", ".py", ".md", ".sh", ".toml", ".html"}
# Every part stays within its line: a repetition that crosses lines takes quadratic time on hostile text.
_NGINX_WORDS = re.compile(
    r"^[ \t]*(?:(?:(?:http|server|events|stream)[ \t]*|(?:upstream|location)[ \t][^{;\n]*)\n?[ \t]*\{"
    r"|(?:proxy|fastcgi|uwsgi|scgi|grpc|memcached)_(?:pass|read_timeout|connect_timeout|send_timeout"
    r"|next_upstream\w*)\s[^;\n]*;)",
    re.MULTILINE,
)
_HAPROXY_SUFFIXES = {".cfg", ".conf", ".j2", ".erb", ".template", ".tmpl", ".tftpl", ".tpl", ""}
_HAPROXY = (
    re.compile(r"^(?:frontend|backend|listen|defaults)\b[^{;]*$", re.MULTILINE),
    re.compile(
        r"^[ \t]+(?:timeout[ \t]+(?:client|server|connect)|default_backend|mode[ \t]+http)\b[^;{]*$",
        re.MULTILINE,
    ),
)
_APACHE_SUFFIXES = {
    ".conf", ".vhost", ".j2", ".erb", ".template", ".tmpl", ".tftpl", ".tpl", ".inc", ".dist", ".sample", "",
}  # fmt: skip
# Directives that stand alone on their line; nginx ends its own with a semicolon or opens a brace.
_APACHE = re.compile(
    r"^[ \t]*(?:</?(?:VirtualHost|Location|LocationMatch|Directory|DirectoryMatch|Proxy|IfModule|FilesMatch"
    r"|Macro)"
    r"\b[^<{;\n]{0,400}>[ \t\r]*$"
    r"|(?:ProxyPass(?:Match|Reverse)?|ProxyTimeout|KeepAliveTimeout|ServerRoot|LoadModule|BalancerMember"
    r"|IncludeOptional)[ \t]+[^;{\n]{1,400}$)",
    re.MULTILINE | re.IGNORECASE,
)
_NGINX_DUMP = re.compile(r"^# configuration file \S+:$", re.MULTILINE)
_PLAN_NAMES = re.compile(r"(?:.*[._-])?(?:tf)?plan(?:[._-].*)?\.json|.*\.tfstate(?:\.json)?|tfstate\.json")
_PLAN_START = re.compile(r'\s*\{\s*"(?:format_version|version)"\s*:')
_PLAN_KEYS = re.compile(r'"(?:planned_values|terraform_version)"\s*:')
_MANIFEST_SUFFIXES = {".yaml", ".yml", ".conf", ""}  # standard input has the name of an nginx file
_MANIFEST = (
    re.compile(r"^apiVersion[ \t]*:[ \t]*\S", re.MULTILINE),
    re.compile(r"^kind[ \t]*:[ \t]*[\"']?[A-Z]", re.MULTILINE),
)
_KUBERNETES_NAMES = {"kustomization.yaml", "kustomization.yml", "kustomization", "chart.yaml"}
_FROM_A_TEMPLATE = re.compile(r"\s*\{\{-?\s*(?:include|template)\s+\"")
_CHOSEN_KIND = re.compile(r"^kind[ \t]*:[ \t]*\{\{", re.MULTILINE)
_HELMFILES = frozenset(
    f"helmfile.{suffix}{template}" for suffix in ("yaml", "yml") for template in ("", ".gotmpl")
)
_CONTROLLER_VALUES = (
    re.compile(r"^(?:ingress-nginx|controller)[ \t]*:[ \t]*$", re.MULTILINE),
    re.compile(r"^[ \t]+config[ \t]*:[ \t]*$", re.MULTILINE),
    re.compile(r"^[ \t]+[\"']?(?:proxy-(?:connect|read|send|next)-|keep-alive|upstream-keep)", re.MULTILINE),
)
_CONTROLLER_SERVICE = (
    re.compile(r"^(?:ingress-nginx|controller)[ \t]*:[ \t]*$", re.MULTILINE),
    re.compile(r"^[ \t]+[\"']?service\.beta\.kubernetes\.io/aws-load-balancer-", re.MULTILINE),
)
_SUPERVISORD = re.compile(r"^\[(?:program:|supervisord\])", re.MULTILINE)
_PHP_FPM = re.compile(r"^[ \t]*pm[ \t]*=[ \t]*(?:dynamic|static|ondemand)\b", re.MULTILINE)
_UWSGI = re.compile(r"^\[uwsgi\]", re.MULTILINE)
_NO_SOURCES = frozenset(
    {"tests", "test", "testing", "e2e", "fixtures", "migrations", "alembic", "examples", "docs", "notebooks"}
) | frozenset({"vendor", "vendored", "_vendor", "third_party", "site-packages", "virtualenv", "benchmarks"})
_TESTS = frozenset({"test", "tests", "e2e"})
"""Words of the names of folders that hold tests: `_integration-test`."""
_TEST_DATA = re.compile(r"(?:^|/)testdata/")
_NO_SOURCE = re.compile(r"(?:test_.*|.*[-_]tests?|tests?|conftest|setup|noxfile|.*_pb2(?:_grpc)?)\.py")
_DEPLOYS = re.compile(
    r"docker[ \t]+(?:buildx[ \t]+|image[ \t]+)?build\b|docker/build-push-action"
    r"|gcloud|google-github-actions/deploy-cloud"
    r"|lambda[ \t]+(?:update-function-configuration|create-function)"
)
_LITELLM = (
    re.compile(r"^model_list[ \t]*:", re.MULTILINE),
    re.compile(r"^[ \t]+litellm_params[ \t]*:", re.MULTILINE),
)
_TEMPLATE_SUFFIXES = frozenset({".yaml", ".yml", ".json", ".template", ".cfn", ""})
_TEMPLATE_NAMES = re.compile(
    r".*\.template\.json|(?:.*[._-])?(?:template|cloudformation|cfn|cf|sam|stack)(?:[._-].*)?\.json"
)
_TEMPLATE = (
    re.compile(r"^[ \t]*[\"']?AWSTemplateFormatVersion[\"']?[ \t]*:", re.MULTILINE),
    re.compile(r"\bTransform[\"']?[ \t]{0,8}:[\s\[\"'-]{0,40}AWS::Serverless-"),
    re.compile(r"\bType[\"']?[ \t]{0,8}:[ \t]{0,8}[\"']?AWS::\w{1,40}::\w"),
)
_SERVICE_NAMES = re.compile(r"serverless(?:[._-].*)?\.ya?ml")
_SERVICE = (re.compile(r"^service[ \t]*:", re.MULTILINE), re.compile(r"^provider[ \t]*:", re.MULTILINE))
_RESOURCES = re.compile(r"(?:^|[{,])[ \t]{0,8}[\"']?Resources[\"']?[ \t]{0,8}:", re.MULTILINE)
_APP_ENGINE = re.compile(r"^runtime\s*:", re.MULTILINE)
_APP_KEYS = re.compile(r"^(?:service|routes)\s*:", re.MULTILINE)


def is_beanstalk(file: SourceFile) -> bool:
    """What only Elastic Beanstalk looks for: configuration files, and those for the proxy in its folder."""
    if ".ebextensions/" not in file.name and ".platform/" not in file.name:
        return False
    path = PurePosixPath(file.name)
    if path.parent.name == ".ebextensions":
        return file.suffix == ".config"
    folders = path.parts[:-1]
    return file.suffix == ".conf" and any(
        outer in (".platform", ".ebextensions") and inner in ("nginx", "httpd")
        for outer, inner in pairwise(folders)
    )


def is_nginx(file: SourceFile) -> bool:
    """nginx configuration: by name or folder together with a block or directive that only nginx has."""
    if file.suffix in _NEVER_NGINX:
        return False
    if _NGINX_DUMP.search(file.head):
        return True
    folders = {part.lower() for part in PurePosixPath(file.name).parts[:-1]}
    named = bool(_NGINX_NAMES.fullmatch(file.base)) or "nginx" in folders or _is_among_sites(file, folders)
    if named and (file.suffix in _NGINX_SUFFIXES or file.base.startswith("nginx")):
        return True
    return file.suffix in _NGINX_SUFFIXES and bool(_NGINX_WORDS.search(file.head))


def _is_among_sites(file: SourceFile, folders: set[str]) -> bool:
    """In a folder of parts that nginx and others have, and written as nginx's are where it was looked at."""
    if _SHARED_FOLDERS.isdisjoint(folders):
        return False
    return not file.head or bool(_NGINX_STATEMENT.search(file.head) and not _NO_NGINX.search(file.head))


def is_haproxy(file: SourceFile) -> bool:
    """Configuration of HAProxy: a section for proxies, and lines as only it has them."""
    if file.suffix not in _HAPROXY_SUFFIXES:
        return False
    return all(pattern.search(file.head) for pattern in _HAPROXY)


def is_apache(file: SourceFile) -> bool:
    """Configuration of Apache httpd, by sections and directives that only it has; nginx's files never are."""
    return (
        file.suffix in _APACHE_SUFFIXES
        and bool(_APACHE.search(file.head))
        and not _NGINX_WORDS.search(file.head)
    )


def is_kubernetes(file: SourceFile) -> bool:
    """Manifests, also as templates of a chart, by the two keys each has; Kustomize and Helm by name."""
    if "testdata" in file.place and not file.given and _TEST_DATA.search(file.place):
        return False
    if file.base in _KUBERNETES_NAMES or is_helmfile(file) or is_controller_values(file):
        return True
    if file.suffix not in _MANIFEST_SUFFIXES:
        return False
    if _is_in_templates(file) and (is_from_a_template(file) or _CHOSEN_KIND.search(file.head)):
        return True
    return all(key.search(file.head) for key in _MANIFEST)


def _is_in_templates(file: SourceFile) -> bool:
    return "templates" in PurePosixPath(file.name).parts


def is_from_a_template(file: SourceFile) -> bool:
    """A manifest of a chart that a named template makes from its first line on, as library charts want it."""
    return file.suffix in {".yaml", ".yml"} and _FROM_A_TEMPLATE.match(file.head) is not None


def is_helmfile(file: SourceFile) -> bool:
    """What helmfile puts out: by its own name, or in the folder of several."""
    if file.base in _HELMFILES:
        return True
    if not file.base.endswith((".yaml", ".yml", ".yaml.gotmpl", ".yml.gotmpl")):
        return False
    return PurePosixPath(file.name).parent.name == "helmfile.d"


def is_controller_values(file: SourceFile) -> bool:
    """Values for the chart of ingress-nginx: they set keys of its ConfigMap, or what AWS puts in front of it.

    Charts of other controllers have annotations in the same place, so the name has to tell.
    """
    if file.suffix not in {".yaml", ".yml"}:
        return False
    if all(key.search(file.head) for key in _CONTROLLER_VALUES):
        return True
    named = "ingress-nginx" in file.name or "\ningress-nginx:" in f"\n{file.head}"
    return named and all(key.search(file.head) for key in _CONTROLLER_SERVICE)


def is_terraform(file: SourceFile) -> bool:
    """Terraform and OpenTofu sources and variable files, and Terragrunt's units and their usual parent.

    Other configurations of Terragrunt are read where one of these includes or reads them.
    """
    suffixes = (".tf", ".tofu", ".tf.json", ".tfvars", ".tfvars.json")
    return file.base.endswith(suffixes) or file.base in ("terragrunt.hcl", "root.hcl")


def is_terraform_plan(file: SourceFile) -> bool:
    """A plan or state of Terraform as JSON: by its first keys, or by its name where no text was looked at."""
    if file.head:
        return bool(_PLAN_START.match(file.head) and _PLAN_KEYS.search(file.head))
    return bool(_PLAN_NAMES.fullmatch(file.base))


def is_vercel(file: SourceFile) -> bool:
    """The configuration file of a Vercel project."""
    return file.base == "vercel.json"


def is_app_document(file: SourceFile) -> bool:
    """A YAML document that states a service's routes, or tries to: both keys at the top level.

    Google App Engine's `app.yaml` may have a `service:` too, and always has a `runtime:`.
    """
    if file.suffix not in {".yaml", ".yml"} or _APP_ENGINE.search(file.head):
        return False
    found = {match.group().rstrip(" :") for match in _APP_KEYS.finditer(file.head)}
    return found == {"service", "routes"} or (bool(found) and file.base in {"app.yaml", "app.yml"})


def is_litellm_proxy(file: SourceFile) -> bool:
    """Configuration of LiteLLM's proxy: a list of models with what LiteLLM is given for each."""
    return file.suffix in {".yaml", ".yml"} and all(key.search(file.head) for key in _LITELLM)


def is_cloudformation(file: SourceFile) -> bool:
    """A template of CloudFormation or SAM: by its keys, or by its name where no text was looked at.

    A service of the Serverless Framework: by its name and its keys.
    """
    if file.suffix not in _TEMPLATE_SUFFIXES:
        return False
    if file.head and _SERVICE_NAMES.fullmatch(file.base):
        return all(key.search(file.head) for key in _SERVICE)
    if not file.head:
        return bool(_TEMPLATE_NAMES.fullmatch(file.base))
    if "AWS" not in file.head or not _RESOURCES.search(file.head):
        return "AWSTemplateFormatVersion" in file.head[:4096] and bool(_TEMPLATE[0].search(file.head))
    return any(key.search(file.head) for key in _TEMPLATE)


def is_process(file: SourceFile) -> bool:
    """What starts processes: by its name, or by what only supervisord, PHP-FPM and uWSGI have."""
    kind = Kind.DEPLOYMENT if is_workflow(file.name) else process_kind(file.base)
    if kind is not None:
        # Most CI files and Makefiles deploy nothing; where no text was looked at, the name decides.
        return kind is not Kind.DEPLOYMENT or not file.head or bool(_DEPLOYS.search(file.head))
    found = _SUPERVISORD.search(file.head) or is_php_fpm(file) or is_uwsgi(file)
    return file.suffix in {".conf", ".ini"} and bool(found)


def is_php_fpm(file: SourceFile) -> bool:
    """A pool of PHP-FPM: it says how its processes are managed."""
    return file.suffix == ".conf" and bool(_PHP_FPM.search(file.head))


def is_uwsgi(file: SourceFile) -> bool:
    """Options of uWSGI: a section of that name."""
    return file.suffix == ".ini" and bool(_UWSGI.search(file.head))


def starts_containers(file: SourceFile) -> bool:
    """A file of the formats that say which containers there are and what these are given."""
    return is_process(file) or is_kubernetes(file) or is_terraform(file) or is_cloudformation(file)


def is_python(file: SourceFile) -> bool:
    """Source of the project itself: no tests, migrations, examples or copies of other projects.

    Configuration files of servers are claimed before.
    """
    if file.suffix != ".py":
        return False
    return file.given or not (_is_aside(file.place.rpartition("/")[0]) or _NO_SOURCE.fullmatch(file.base))


@lru_cache(maxsize=10_000)
def _is_aside(place: str) -> bool:
    """The folder, or one around it, is for tests, examples or other people's code."""
    folders = place.lower().split("/")
    tests = any(_TESTS & set(re.split(r"[._-]", folder)) for folder in folders)
    return tests or not _NO_SOURCES.isdisjoint(folders)
