"""What no input may do: raise, hang, put a place outside its file, or show a value."""

import time
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kubernetes_files import container, deployment, ingress, reading, routes, service

from budgetcheck.model.span import Span
from budgetcheck.readers.kubernetes.manifests import read_manifests
from budgetcheck.readers.kubernetes.template_syntax import TemplateError
from budgetcheck.readers.kubernetes.templates import render
from budgetcheck.readers.kubernetes.trees import Fields

STACK = ingress() + service() + deployment()


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_manifests_neither_raise_nor_leave_their_file(tmp_path: Path, data: st.DataObject) -> None:
    lines = STACK.split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        number = data.draw(st.integers(0, len(lines) - 1))
        words = st.sampled_from(
            ["", "  - ", "{a: [", "null", "spec: 3", "name: [x]", "? ", "&a *a", "- 1", "\t"]
        )
        lines[number] = data.draw(
            st.one_of(words, st.just(lines[number] + " x"), st.just(f"  {lines[number]}"))
        )
    text = "\n".join(lines)
    result = reading(tmp_path, {"k8s.yaml": text})
    for declaration in result.declarations:
        assert 1 <= declaration.span.line <= len(lines)
    for problem in result.problems:
        assert 0 <= problem.span.line <= len(lines) + 1


@given(
    st.lists(
        st.sampled_from(
            [
                "{{",
                "}}",
                "-",
                " if ",
                "end",
                "else",
                "range",
                "with",
                ".Values.a",
                "|",
                "(",
                ")",
                "$x",
                ":=",
                "\n",
                "a: b",
                "nindent 4",
                '"',
            ]
        ),
        max_size=40,
    )
)
@settings(max_examples=300, deadline=None)
def test_templates_render_or_refuse(parts: list[str]) -> None:
    try:
        rendered = render("".join(parts), Fields({}, Span(file="x")))
    except TemplateError:
        return
    assert len(rendered.lines) == rendered.text.count("\n") + 1


def test_a_faulty_document_does_not_hide_the_others(tmp_path: Path) -> None:
    result = reading(tmp_path, {"k8s.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: [\n" + STACK})
    assert len(result.problems) == 1
    assert [route.host for route in routes(result)] == ["shop.example.com"]


def test_lines_count_from_the_top_of_the_file() -> None:
    found = read_manifests(f"# a\n# b\n{STACK}", "k8s.yaml").resources
    lines = f"# a\n# b\n{STACK}".split("\n")
    for resource in found:
        assert lines[resource.tree.span.line - 1].startswith("apiVersion")


def test_lists_hold_resources(tmp_path: Path) -> None:
    body = "".join(
        "  - " + part.strip("\n").replace("\n", "\n    ") + "\n"
        for part in STACK.split("---\n")
        if part.strip()
    )
    result = reading(tmp_path, {"k8s.yaml": f"apiVersion: v1\nkind: List\nitems:\n{body}"})
    assert [len(route.hops) for route in routes(result)] == [3]


def test_secrets_leave_no_value(tmp_path: Path) -> None:
    secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {TOKEN: hunter2-token}\n"
    env = ", env: [{name: TOKEN, value: hunter3-token}], envFrom: [{secretRef: {name: s}}]"
    result = reading(tmp_path, {"k8s.yaml": secret + STACK + deployment(container(more=env), name="other")})
    assert "hunter" not in repr(result)


def test_two_thousand_manifests_stay_fast(tmp_path: Path) -> None:
    noise = "---\napiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {a: [1, 2, 3]}\n" * 5
    files = {
        f"team{i % 40}/svc{i}.yaml": ingress(name=f"s{i}")
        + service(f"s{i}")
        + deployment(name=f"s{i}")
        + noise
        for i in range(700)
    }
    started = time.process_time()
    result = reading(tmp_path, files)
    assert len(result.declarations) == 2_100
    assert time.process_time() - started < 20
