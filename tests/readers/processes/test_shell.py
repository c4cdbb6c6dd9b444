"""Start scripts are followed, not run: what is decided is decided, all else is taken both ways."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from process_files import one, run, values

SCRIPTS = {
    "default that a line of its own sets": (': "${T:=900}"\ngunicorn -t "$T" a:a', {"timeout": "900"}),
    "default without effect": (': "${SET:=900}"\ngunicorn -t "$SET" a:a', {"timeout": "30"}),
    "variable with a default": ("T=${SET:-60}\ngunicorn -t $T a:a", {"timeout": "30"}),
    "array of options": (
        'args=(--timeout 600\n  --keep-alive 9)\ngunicorn "${args[@]}" a:a',
        {
            "timeout": "600",
            "keepalive": "9",
        },
    ),
    "array that grows": (
        'a=(-t 60)\na+=(--keep-alive 5)\ngunicorn "${a[@]}" m:a',
        {
            "timeout": "60",
            "keepalive": "5",
        },
    ),
    "decided condition": ('if [ "$SET" = 30 ]; then T=1; else T=2; fi\ngunicorn -t $T a:a', {"timeout": "1"}),
    "decided by a number": (
        "if [[ $SET -gt 100 ]]; then T=1; else T=2; fi\ngunicorn -t $T a:a",
        {"timeout": "2"},
    ),
    "undecided condition": (
        'if [ -n "$X" ]; then T=1; else T=2; fi\ngunicorn -t $T a:a',
        {"timeout": {"1", "2"}},
    ),
    "undecided short form": ('T=1\n[ -n "$X" ] && T=2\ngunicorn -t $T a:a', {"timeout": {"1", "2"}}),
    "undecided exit": ('T=1\n[ -n "$X" ] && exit 1\ngunicorn -t $T a:a', {"timeout": "1"}),
    "what follows && is meant to run": ("check && T=2\ngunicorn -t $T a:a", {"timeout": "2"}),
    "alternative of ||": ("check || exit 1\ngunicorn -t 5 a:a", {"timeout": "5"}),
    "function": ("serve() {\n gunicorn -t $1 a:a\n}\nserve 7", {"timeout": "7"}),
    "case of a known value": ("case $SET in 30) T=1;; *) T=2;; esac\ngunicorn -t $T a:a", {"timeout": "1"}),
    "case with alternatives": (
        "case $SET in a|3?) T=1;; *) T=2;; esac\ngunicorn -t $T a:a",
        {"timeout": "1"},
    ),
    "case of an unknown value": (
        "case $X in a) T=1;; *) T=2;; esac\ngunicorn -t $T a:a",
        {"timeout": {"1", "2"}},
    ),
    "waiting loop": ("until nc -z db 5432; do\n sleep 1\ndone\ngunicorn -t 5 a:a", {"timeout": "5"}),
    "here-document": ("cat > f <<EOF\ngunicorn -t 1 a:a\nEOF\ngunicorn -t 5 a:a", {"timeout": "5"}),
    "redirection and pipe": ("gunicorn -t 5 a:a 2>&1 | tee log", {"timeout": "5"}),
    "eval": ("CMD='gunicorn -t 5 a:a'\neval \"$CMD\"", {"timeout": "5"}),
    "element of an array": ("a=(gunicorn x)\nexec ${a[0]} -t 5 a:a", {"timeout": "5"}),
    "command in a variable": ("CMD='gunicorn -t 5 a:a'\nexec $CMD", {"timeout": "5"}),
    "nested shell": ('T=9\nsh -c "gunicorn -t $T a:a"', {"timeout": "9"}),
    "set --": ('set -- gunicorn -t 5 a:a\nexec "$@"', {"timeout": "5"}),
    "subshell": ("(cd /app && gunicorn -t 5 a:a)", {"timeout": "5"}),
    "comment behind a command": ("gunicorn -t 5 a:a # -t 9", {"timeout": "5"}),
    "windows line ends": ("gunicorn \\\r\n -t 5 a:a\r\n", {"timeout": "5"}),
    "quoted expansion of nothing": ('gunicorn "$@" -t 5 a:a', {"timeout": "5"}),
}


@pytest.mark.parametrize(("script", "expected"), SCRIPTS.values(), ids=list(SCRIPTS))
def test_what_reaches_the_server(script: str, expected: dict[str, object]) -> None:
    assert values(one(script, SET="30")) == expected


def test_nothing_runs_behind_exec() -> None:
    assert run("exec sleep 1\ngunicorn a:a") == ()


def test_an_undecided_exec_does_not_end_the_script() -> None:
    assert one("if [ $X ]; then exec bash; fi\ngunicorn -t 5 a:a").component == "gunicorn"


def test_the_provenance_names_each_step() -> None:
    (setting,) = one('T="${SET:-60}"\n\ngunicorn --timeout "$T" a:a').settings
    assert [(span.line, span.text) for span in setting.spans] == [(3, "--timeout $T"), (1, "T=60")]


def test_values_that_are_no_durations_are_not_shown() -> None:
    (setting,) = one("T=hunter2\ngunicorn --timeout $T --keep-alive 5 a:a").settings[1:]
    assert all("hunter2" not in span.text for span in setting.spans)


HOSTILE = {
    "open quote": 'gunicorn "a',
    "open substitution": "gunicorn $(a",
    "open brace": "gunicorn ${a",
    "open array": "a=(1 2",
    "recursive function": "f() { f; f; }\nf\ngunicorn a:a",
    "endless loop": "while true; do x=1; done\ngunicorn a:a",
    "deep nesting": "if a; then " * 500,
    "deep groups": "(" * 5_000,
    "many branches": "".join(f"if [ $A ]; then X={n}; else X={n}b; fi\n" for n in range(300))
    + "gunicorn -t $X a",
    "doubling": "X=12345678\n" + 'X="$X$X"\n' * 40 + "gunicorn -t $X a:a",
    "script of itself": "sh -c \"sh -c 'sh -c x'\"",
    "many words": "gunicorn " + "a " * 50_000,
}


@pytest.mark.parametrize("script", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_scripts_end(script: str) -> None:
    before = time.process_time()
    run(script)
    assert time.process_time() - before < 10


PIECES = st.sampled_from(
    r"""if then fi else case|$1|in esac *) ;; while do done ( ) { } && || | ; ' " $ ${A } :- =( f() exec [[ ]]
    gunicorn -t 60 a:a A=1 <<E E \ ` # $( shift set|-- "$@" ${A:=2} ! \\n""".replace("|", " ").split()
)


@given(st.lists(PIECES, max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_text_is_followed_without_a_crash(pieces: list[str]) -> None:
    text = " ".join(pieces).replace("\\n", "\n")
    for server in run(text, A="1"):
        assert server.component


@given(st.integers(0, 9_999), st.sampled_from(["{}", '"{}"', "'{}'", "$X", '"${{X}}"', "${{Y:-{}}}"]))
@settings(max_examples=100, deadline=None)
def test_a_number_arrives_however_it_is_quoted(number: int, form: str) -> None:
    assert values(one(f"gunicorn -t {form.format(number)} a:a", X=str(number))) == {"timeout": str(number)}
