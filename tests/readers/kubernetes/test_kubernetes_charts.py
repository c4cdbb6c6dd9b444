"""Helm charts as far as templates only pick values; anything else is said, never guessed."""

from pathlib import Path

import pytest
from kubernetes_files import chain, declared, known, reading, routes, unresolved, way

CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\nappVersion: 4.2.0\n"
INGRESS = """{{- if .Values.ingress.enabled -}}
{{- $name := include "shop.fullname" . -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ $name }}
  labels:
    {{- include "shop.labels" . | nindent 4 }}
  {{- with .Values.ingress.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  ingressClassName: {{ .Values.ingress.className | quote }}
  rules:
    {{- range .Values.ingress.hosts }}
    - host: {{ .host | quote }}
      http:
        paths:
          {{- range .paths }}
          - path: {{ .path }}
            pathType: {{ .pathType | default "Prefix" }}
            backend:
              service:
                name: {{ $name }}
                port:
                  number: {{ $.Values.service.port }}
          {{- end }}
    {{- end }}
{{- end }}
"""
SERVICE = """apiVersion: v1
kind: Service
metadata:
  name: {{ include "shop.fullname" . }}
spec:
  type: {{ .Values.service.type }}
  selector:
    {{- include "shop.selectorLabels" . | nindent 4 }}
  ports:
    - port: {{ .Values.service.port }}
      targetPort: http
"""
DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "shop.fullname" . }}
spec:
  selector:
    matchLabels:
      {{- include "shop.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "shop.labels" . | nindent 8 }}
    spec:
      terminationGracePeriodSeconds: {{ .Values.grace }}
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          args:
            - gunicorn
            - shop.wsgi
            - --timeout={{ .Values.timeout }}
          ports:
            - name: http
              containerPort: 8000
"""
VALUES = """ingress:
  enabled: true
  className: nginx
  annotations:
    nginx.ingress.kubernetes.io/proxy-read-timeout: "60"
  hosts:
    - host: shop.example.com
      paths: [{path: /}]
service: {type: ClusterIP, port: 80}
image: {repository: registry.example.com/shop, tag: ""}
grace: 70
timeout: 50
"""
HELPERS = """{{- define "shop.storage" }}
    {{- .Values.storage | default "minio" }}
{{- end }}
{{- define "shop.grace" -}}{{ .Values.grace }}{{- end -}}
{{- define "shop.secret" -}}
{{ printf "%s-%s" (include "shop.fullname" .) "secret" | trunc 63 | trimSuffix "-" }}
{{- end -}}
{{- define "shop.blank" -}}
{{- $top := index . 0 -}}
{{- range $key, $value := ((index . 1) | default dict).envVars }}
- {{ $key }}: {{ $value }}
{{- end }}
{{- end }}
{{- define "shop.nothing" }}{{- if .Values.missing }}x{{ end }}{{- end }}
{{- define "shop.part" }}
shop.example.com/part: {{ mul .Values.timeout 2 | quote }}
{{- end }}
{{- define "shop.endless" }}{{ include "shop.endless" . }}{{ include "shop.endless" . }}{{ end }}
"""
FILES = {
    "chart/Chart.yaml": CHART,
    "chart/values.yaml": VALUES,
    "chart/templates/ingress.yaml": INGRESS,
    "chart/templates/service.yaml": SERVICE,
    "chart/templates/deployment.yaml": DEPLOYMENT,
}


def test_a_usual_chart_is_chained_by_reference(tmp_path: Path) -> None:
    result = reading(tmp_path, FILES)
    (route,) = routes(result)
    assert result.problems == ()
    assert chain(route) == ["ingress-nginx", "kubernetes-pod", "gunicorn"]
    assert (route.host, route.path) == ("shop.example.com", "/")


def test_a_chart_may_lie_in_a_folder_of_tests_but_its_own_tests_are_none_of_it(tmp_path: Path) -> None:
    files = FILES | {"chart/templates/tests/deployment.yaml": DEPLOYMENT.replace("gunicorn", "uvicorn")}
    result = reading(tmp_path / "tests", files)
    assert chain(*routes(result)) == ["ingress-nginx", "kubernetes-pod", "gunicorn"]
    assert not [one for one in result.declarations if one.component == "uvicorn"]


def test_values_keep_the_place_of_use_and_their_own(tmp_path: Path) -> None:
    result = reading(tmp_path, FILES)
    assert way(declared(result, "gunicorn"), "timeout") == [
        "chart/templates/deployment.yaml:21",
        "chart/values.yaml:12",
    ]
    pod = declared(result, "kubernetes-pod")
    assert way(pod, "terminationGracePeriodSeconds") == [
        "chart/templates/deployment.yaml:14",
        "chart/values.yaml:11",
    ]
    assert way(declared(result, "ingress-nginx"), "proxy-read-timeout") == ["chart/values.yaml:5"]


def test_each_values_file_is_an_environment_over_the_charts_own(tmp_path: Path) -> None:
    files = FILES | {
        "chart/values-prod.yaml": "timeout: 90\n",
        "chart/values-staging.yaml": "ingress: {enabled: false}\n",
    }
    result = reading(tmp_path, files)
    assert result.environments == ("prod", "staging")
    assert known(declared(result, "gunicorn", "prod"), "timeout") == "90"
    assert known(declared(result, "gunicorn", "staging"), "timeout") == "50"
    assert [one.environment for one in result.declarations if one.component == "ingress-nginx"] == ["prod"]


def test_a_chart_inside_another_gets_its_part_of_the_values(tmp_path: Path) -> None:
    inner = {name.replace("chart/", "all/charts/shop/"): text for name, text in FILES.items()}
    files = inner | {"all/Chart.yaml": "name: all\n", "all/values.yaml": "shop: {timeout: 20}\n"}
    assert known(declared(reading(tmp_path, files), "gunicorn"), "timeout") == "20"


@pytest.mark.parametrize(
    ("expression", "reason"),
    [("{{ mul .Values.timeout 2 }}", "not worked out"), ("{{ .Values.timeout | add 5 }}", "not worked out")],
)
def test_an_expression_that_is_not_worked_out_is_unknown(
    tmp_path: Path, expression: str, reason: str
) -> None:
    files = FILES | {"chart/templates/deployment.yaml": DEPLOYMENT.replace("{{ .Values.grace }}", expression)}
    assert reason in unresolved(
        declared(reading(tmp_path, files), "kubernetes-pod"), "terminationGracePeriodSeconds"
    )


@pytest.mark.parametrize(
    "statement",
    [
        "{{- if regexMatch .Values.a .Values.b }}",
        "{{- range splitList .Values.a .Values.b }}",
        "{{- with fromYaml .Values.a }}",
    ],
)
def test_a_structure_that_is_not_known_refuses_the_template(tmp_path: Path, statement: str) -> None:
    text = DEPLOYMENT.replace(
        "      terminationGrace", f"{statement}\n{{{{- end }}}}\n      terminationGrace"
    )
    result = reading(tmp_path, FILES | {"chart/templates/deployment.yaml": text})
    (problem,) = result.problems
    assert problem.span.place == "chart/templates/deployment.yaml:14"
    assert "helm template" in problem.fix
    assert not [one for one in result.declarations if one.component == "gunicorn"]


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        (".Values.yes", True),
        ("not .Values.yes", False),
        ("and .Values.yes .Values.no", False),
        ("or .Values.no .Values.yes", True),
        ('eq .Values.word "x"', True),
        ('ne .Values.word "x"', False),
        ("gt (int .Values.count) 2", True),
        ("and .Values.yes (not .Values.missing)", True),
        ('semverCompare ">=1.19-0" .Capabilities.KubeVersion.Version', True),
        ('semverCompare "<1.19-0" .Capabilities.KubeVersion.Version', False),
        ('.Capabilities.APIVersions.Has "networking.k8s.io/v1beta1"', False),
        ('hasKey .Values "word"', True),
        ('has "b" .Values.words', True),
        ('has "z" .Values.words', False),
        ("merge (deepCopy .Values.empty) (.Values.missing | default dict)", False),
        ('mergeOverwrite (dict "a" 1) .Values.empty', True),
        ("concat .Values.missing .Values.words", True),
        ('kindIs "bool" .Values.yes', True),
        ('kindIs "string" .Values.count', False),
        ('eq (index (list . "web") 1) "web"', True),
        ("index (list .Values.missing 1) 0", False),
        ('eq (last (append .Values.words "c")) "c"', True),
        ("first (list)", False),
        ('include "shop.blank" (list . .Values.empty)', False),
        ("(.Values.missing | default dict).words", False),
        ('eq (index (dict "a" .Values).a.words 0) "a"', True),
        ('has "a" (dict "a" .Values "b" 1).a.words', True),
        ('contains "/" .Values.word', False),
        ('hasPrefix "x" .Values.word', True),
        ('.Values.word | hasSuffix "y"', False),
        ('typeIs "<nil>" .Values.missing', True),
        ('typeIs "<nil>" .Values.zero', False),
        ('typeIs "[]interface {}" .Values.words', True),
        ('typeIs "float64" .Values.count', True),
        ('dig "a" "b" false .Values.empty', False),
        ('eq (include "shop.storage" .) "minio"', True),
        ('eq (include "shop.storage" (dict "Values" (dict "storage" "s3"))) "s3"', True),
        ('include "shop.nothing" .', False),
        ('include "shop.part" .', True),
        (".Values.empty", False),
        (".Values.zero", False),
        ('default "" .Values.missing', False),
        ("and .Values.no (mystery .Values.yes)", False),
    ],
)
def test_conditions_on_plain_values(tmp_path: Path, condition: str, kept: bool) -> None:
    values = VALUES + "yes: true\nno: false\nword: x\ncount: 3\nempty: {}\nzero: 0\nwords: [a, b]\n"
    text = f"{{{{- if {condition} }}}}\n{DEPLOYMENT}{{{{- end }}}}\n"
    files = {
        "chart/values.yaml": values,
        "chart/templates/deployment.yaml": text,
        "chart/templates/_helpers.tpl": HELPERS,
    }
    result = reading(tmp_path, FILES | files)
    assert result.problems == ()
    assert bool([one for one in result.declarations if one.component == "gunicorn"]) is kept


def test_a_value_through_a_named_template_keeps_its_place(tmp_path: Path) -> None:
    text = DEPLOYMENT.replace("{{ .Values.grace }}", '{{ include "shop.grace" . }}')
    files = {"chart/templates/deployment.yaml": text, "chart/templates/more/_names.yaml": HELPERS}
    pod = declared(reading(tmp_path, FILES | files), "kubernetes-pod")
    assert known(pod, "terminationGracePeriodSeconds") == 70
    assert way(pod, "terminationGracePeriodSeconds") == [
        "chart/templates/deployment.yaml:14",
        "chart/values.yaml:11",
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{{- include "shop.nothing" $ | indent 8 }}', "nothing is put out between the items of a list"),
        ('{{- include "shop.part" $ | nindent 6 }}', "a part of a document is one key"),
        ('securityContext: {{- include "shop.part" $ | indent 8 }}', "begins with the line break cut away"),
    ],
)
def test_what_named_templates_put_out_leaves_the_rest_readable(tmp_path: Path, line: str, said: str) -> None:
    text = DEPLOYMENT.replace("      containers:", f"      {line}\n      containers:")
    files = {"chart/templates/deployment.yaml": text, "chart/templates/_helpers.tpl": HELPERS}
    result = reading(tmp_path, FILES | files)
    assert result.problems == (), said
    assert known(declared(result, "gunicorn"), "timeout") == "50"


def test_named_templates_that_include_themselves_are_not_worked_out(tmp_path: Path) -> None:
    text = DEPLOYMENT.replace("{{ .Values.grace }}", '{{ include "shop.endless" . }}')
    files = {"chart/templates/deployment.yaml": text, "chart/templates/_helpers.tpl": HELPERS}
    pod = declared(reading(tmp_path, FILES | files), "kubernetes-pod")
    assert "not worked out" in unresolved(pod, "terminationGracePeriodSeconds")


PARTS = """{{- define "shop.container" }}
- name: web
  image: registry.example.com/shop:1
  args: [gunicorn, shop.wsgi, --timeout={{ .Values.timeout }}]
  ports:
    - name: http
      containerPort: 8000
{{- end }}
{{- define "shop.labels" }}
app: shop
{{- end }}
{{- define "shop.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "shop.fullname" . }}
spec:
  template:
    metadata:
      labels:
        {{- include "shop.labels" . | nindent 8 }}
    spec:
      terminationGracePeriodSeconds: {{ .Values.grace }}
      containers:
        {{- include "shop.container" . | nindent 8 }}
{{- end }}
{{- define "shop.repeated" }}
a: {{ .Values.timeout }}
{{ include "shop.repeated" . | nindent 2 }}
{{ include "shop.repeated" . | nindent 2 }}
{{- end }}
"""
OF_PARTS = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  template:
    metadata:
      labels: {app: shop}
    spec:
      containers:
        {{- include "shop.container" . | nindent 8 }}
"""


def test_a_part_of_a_document_is_put_in_and_keeps_its_place(tmp_path: Path) -> None:
    files = {"chart/templates/deployment.yaml": OF_PARTS, "chart/templates/_parts.tpl": PARTS}
    result = reading(tmp_path, FILES | files)
    assert result.problems == ()
    server = declared(result, "gunicorn")
    assert known(server, "timeout") == "50"
    assert way(server, "timeout") == ["chart/templates/_parts.tpl:4", "chart/values.yaml:12"]


@pytest.mark.parametrize(
    ("about", "folder"),
    [
        pytest.param("", "chart/charts/common", id="inside"),
        pytest.param(
            'dependencies:\n  - {name: common, version: 1.x.x, repository: "file://../common"}\n',
            "common",
            id="beside",
        ),
    ],
)
def test_a_library_makes_whole_documents(tmp_path: Path, about: str, folder: str) -> None:
    files = {
        "chart/Chart.yaml": CHART + about,
        "chart/templates/deployment.yaml": '{{- include "shop.deployment" . }}\n',
        f"{folder}/Chart.yaml": "name: common\ntype: library\n",
        f"{folder}/templates/_deployment.yaml": PARTS,
    }
    pod = declared(reading(tmp_path, FILES | files), "kubernetes-pod")
    assert known(pod, "terminationGracePeriodSeconds") == 70
    place = f"{folder}/templates/_deployment.yaml:23"
    assert way(pod, "terminationGracePeriodSeconds") == [place, "chart/values.yaml:11"]


def test_a_library_that_is_not_named_is_not_used(tmp_path: Path) -> None:
    files = {
        "chart/templates/deployment.yaml": '{{- include "shop.deployment" . }}\n',
        "common/Chart.yaml": "name: common\ntype: library\n",
        "common/templates/_deployment.yaml": PARTS,
    }
    result = reading(tmp_path, FILES | files)
    assert not [one for one in result.declarations if one.component == "gunicorn"]
    assert result.problems == ()


@pytest.mark.parametrize(
    "text", ['{{ include "menu.html" }}\nitems: [1]\n', "kind: {{ kind }}\nitems: [1]\n"]
)
def test_a_template_of_something_else_is_no_manifest(tmp_path: Path, text: str) -> None:
    result = reading(tmp_path, {"site/templates/menu.yaml": text})
    assert (result.declarations, result.problems) == ((), ())


def test_a_kind_that_the_values_choose(tmp_path: Path) -> None:
    chosen = '{{ ternary "DaemonSet" "Deployment" .Values.everywhere }}'
    files = {
        "chart/values.yaml": VALUES + "everywhere: true\n",
        "chart/templates/deployment.yaml": DEPLOYMENT.replace("kind: Deployment", f"kind: {chosen}"),
    }
    pod = declared(reading(tmp_path, FILES | files), "kubernetes-pod")
    assert pod.address.startswith("kubernetes:default/DaemonSet/")


@pytest.mark.parametrize(
    "part",
    [
        pytest.param("name: other\n", id="a key that is there already"),
        pytest.param("x: [\n", id="no YAML"),
        pytest.param("x: 1\n{{ if fromYaml .Values.x }}y: 2{{ end }}\n", id="its structure is not known"),
    ],
)
def test_a_part_that_does_not_fit_in_leaves_the_rest_readable(tmp_path: Path, part: str) -> None:
    text = DEPLOYMENT.replace(
        "        - name: {{ .Chart.Name }}\n",
        '        - name: {{ .Chart.Name }}\n          {{- include "shop.odd" . | nindent 10 }}\n',
    )
    helper = f'{{{{- define "shop.odd" }}}}\n{part}{{{{- end }}}}\n'
    files = {"chart/templates/deployment.yaml": text, "chart/templates/_odd.tpl": helper}
    result = reading(tmp_path, FILES | files)
    assert result.problems == ()
    assert known(declared(result, "gunicorn"), "timeout") == "50"


def test_parts_that_hold_themselves_come_to_an_end(tmp_path: Path) -> None:
    text = OF_PARTS.replace("shop.container", "shop.repeated")
    files = {"chart/templates/odd.yaml": text, "chart/templates/_parts.tpl": PARTS}
    assert known(declared(reading(tmp_path, FILES | files), "gunicorn"), "timeout") == "50"


@pytest.mark.parametrize(
    "text",
    [
        "{{ if }}",
        "{{ end }}",
        "{{ else }}",
        "{{ range }}x{{ end }}",
        "{{ hasKey }}",
        "{{ index }}",
        "{{ default }}",
        "{{ $x := }}",
        '{{ trunc "²" .Values.a }}',
        "{{ include }}",
        '{{ include "shop.odd" }}',
        "{{ has }}",
        "{{ dig 1 }}",
        "{{ dict 1 }}",
        "{{ kindIs }}",
        "{{ typeIs }}",
        "{{ contains 1 }}",
        "{{ (mystery).a }}",
        "{{ ).a }}",
        "{{ ().a }}",
        "{{ list }}",
        "{{ append }}",
        "{{ first 3 }}",
        "{{ merge }}",
        "{{ concat 3 }}",
        "{{ (((( }}",
        "{{ ) }}",
        "{{ | }}",
        "{{",
        "{{ toYaml . | nindent 99999999 }}",
        '{{ printf "%d%s" }}',
        "{{ tpl }}",
        "{{ ternary }}",
        "{{ .Values..a }}",
        "{{ $ }}",
        "{{ .Release.Name.x.y }}",
    ],
)
def test_odd_templates_do_not_raise(tmp_path: Path, text: str) -> None:
    head = "apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec:\n  a: "
    reading(tmp_path, FILES | {"chart/templates/odd.yaml": head + text + "\n"})


def test_templates_outside_charts_are_said_once(tmp_path: Path) -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ name }}\n"
    (problem,) = reading(tmp_path, {"a.yaml": text, "b.yaml": text}).problems
    assert "1 more" in problem.text


@pytest.mark.parametrize(
    ("source", "said"),
    [("path: envs/review", False), ("path: chart\n    helm:\n      values: 'timeout: 5'", True)],
)
def test_a_template_of_an_application_matters_for_the_values_it_gives(
    tmp_path: Path, source: str, said: bool
) -> None:
    text = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: {{ENVIRONMENT}}\n"
    problems = reading(tmp_path, {"a.yaml": f"{text}spec:\n  source:\n    {source}\n"}).problems
    assert bool(problems) is said
