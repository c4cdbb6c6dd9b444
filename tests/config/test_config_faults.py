"""A wrong configuration: everything that is wrong with it at once, each with line, key and remedy."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetcheck.config import ConfigError, load_config
from budgetcheck.tree import Tree


def refused(
    folder: Path, text: str | bytes, *, name: str = "budgetcheck.yaml", rules: tuple[str, ...] = ()
) -> str:
    """The message about a configuration with this text."""
    root = folder.resolve()
    (root / name).write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ConfigError) as caught:
        load_config(Tree(root=root, base=root), root, root, rules=rules)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "failon: error", "1: failon: is not a key here (did you mean fail_on?)", id="misspelt-key"
        ),
        pytest.param("headroom: 5", "1: headroom: write a unit: 5s or 5ms", id="headroom-without-unit"),
        pytest.param(
            "headroom: 2.5%", '1: headroom: must be whole percents from 0% to 100%, as "5%"', id="fraction"
        ),
        pytest.param(
            "severity: {BC103: off}",
            "1: severity.BC103: must be 'error', 'warning' or 'note'",
            id="severity-off",
        ),
        pytest.param(
            "severity: {BC1: note}", "1: severity.BC1: must be the code of a rule: BC101", id="rule-code"
        ),
        pytest.param(
            "ignore: [{rule: BC101}]", "1: ignore[0].reason: is missing", id="ignore-without-reason"
        ),
        pytest.param(
            "ignore: [{rule: BC101, reason: ''}]",
            "1: ignore[0].reason: must not be empty",
            id="ignore-empty-reason",
        ),
        pytest.param(
            "ignore: [{rule: BC101, reason: x, until: 2027-02-30}]",
            "1: ignore[0].until: must be a day: 2027-03-01",
            id="day-that-does-not-exist",
        ),
        pytest.param(
            "links:\n  - {outer: a, iner: b}",
            "2: links[0].inner: is missing\n"
            "budgetcheck.yaml:2: links[0].iner: is not a key here (did you mean inner?)",
            id="link",
        ),
        pytest.param(
            "environments: {prod: {var_file: [a]}}",
            "1: environments.prod.var_file: is not a key here (did you mean var_files?)",
            id="environment-key",
        ),
        pytest.param(
            "environments: {prod: {var_files: [a.tfvars]}}",
            "1: environments.prod.var_files[0]: does not exist (paths are relative to this file)",
            id="missing-file",
        ),
        pytest.param(
            "environments: {prod: {var_files: [../../etc/passwd]}}",
            "1: environments.prod.var_files[0]: ",
            id="file-outside-the-repository",
        ),
        pytest.param(
            "environments: {prod: {env_files: [/etc/passwd]}}",
            "1: environments.prod.env_files[0]: must be a relative path with /",
            id="absolute-path",
        ),
        pytest.param(
            "nginx: {root: budgetcheck.yaml}", "1: nginx.root: must be a directory", id="root-is-a-file"
        ),
        pytest.param(
            "nginx: {addresses: {a: 0}}", "1: nginx.addresses.a: must be at least 1", id="no-address"
        ),
        pytest.param("nginx: {version: new}", "1: nginx.version: is not a version", id="version"),
        pytest.param(
            "fail_on: note\nfail_on: error",
            "2: `fail_on`: the key is written twice, first in line 1 (keep one of them)",
            id="duplicate-key",
        ),
        pytest.param("links: [", "2: is not valid YAML: did not find expected node content", id="syntax"),
        pytest.param("[1]", "1: must be a mapping of keys to values", id="list"),
        pytest.param(
            "fail_on: note\n---\nfail_on: error", "3: is a second document; keep one", id="two-documents"
        ),
    ],
)
def test_faults(tmp_path: Path, text: str, expected: str) -> None:
    assert refused(tmp_path, text).startswith(f"budgetcheck.yaml:{expected}")


def test_all_faults_come_at_once_in_file_order(tmp_path: Path) -> None:
    text = "severity: {BC101: bad}\nheadroom: 5\nfail_on: nothing\nfoo: 1\n"
    lines = refused(tmp_path, text).splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        f"budgetcheck.yaml:{number}" for number in (1, 2, 3, 4)
    ]


def test_rules_that_do_not_exist(tmp_path: Path) -> None:
    text = "severity: {BC113: note}\nignore: [{rule: BC101, reason: x}, {rule: BC999, reason: x}]\n"
    assert refused(tmp_path, text, rules=("BC101", "BC103")).splitlines() == [
        "budgetcheck.yaml:1: severity.BC113: is no rule (did you mean BC103 or BC101?)",
        "budgetcheck.yaml:2: ignore[1].rule: is no rule",
    ]


def test_pyproject_faults_have_lines(tmp_path: Path) -> None:
    text = (
        '[project]\nname = "x"\n\n[tool.budgetcheck]\nfail_on = "never ever"\n\n[tool.budgetcheck.severity]\n'
        'BC101 = "bad"\n\n[[tool.budgetcheck.links]]\nouter = "a"\ninner = "b"\n\n'
        '[[tool.budgetcheck.links]]\nouter = "a"\n'
    )
    assert refused(tmp_path, text, name="pyproject.toml").splitlines() == [
        "pyproject.toml:5: fail_on: must be 'error', 'warning', 'note' or 'never'",
        "pyproject.toml:8: severity.BC101: must be 'error', 'warning' or 'note'",
        "pyproject.toml:14: links[1].inner: is missing",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[tool.budgetcheck]\nfail_on = \n", "pyproject.toml:2: is not valid TOML"),
        ("[tool.budgetcheck]\na = " + "[" * 5000, "pyproject.toml"),
        ("[tool]\nbudgetcheck = 1\n[tool.budgetcheck.x]\n", "pyproject.toml"),
        (
            "[tool.budgetcheck.components.a]\n" + "".join(f"k{n}=1\n" for n in range(2000)),
            "pyproject.toml:1: holds more",
        ),
    ],
)
def test_pyproject_that_cannot_be_read(tmp_path: Path, text: str, expected: str) -> None:
    assert refused(tmp_path, text, name="pyproject.toml").startswith(expected)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    assert refused(tmp_path, b"fail_on: caf\xe9") == "budgetcheck.yaml: is not UTF-8 text"
    assert refused(tmp_path, b"fail_on: \0") == "budgetcheck.yaml: is a binary file"


def test_two_configurations_in_one_folder(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.budgetcheck]\n", encoding="utf-8")
    assert refused(tmp_path, "") == (
        "budgetcheck.yaml and pyproject.toml both hold a configuration: keep one of them"
    )


def test_a_configuration_that_leads_out_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("x", encoding="utf-8")
    root = (tmp_path / "repo").resolve()
    root.mkdir()
    (root / "budgetcheck.yaml").symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(ConfigError, match="lies outside the repository"):
        load_config(Tree(root=root, base=root), root, root)


def test_an_explicit_file_must_exist(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    with pytest.raises(ConfigError, match=r"^nowhere\.yaml: does not exist$"):
        load_config(Tree(root=root, base=root), root, root, root / "nowhere.yaml")


def test_an_explicit_pyproject_must_have_the_table(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    (root / "pyproject.toml").write_text("[tool.black]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"has no \[tool\.budgetcheck\] table"):
        load_config(Tree(root=root, base=root), root, root, root / "pyproject.toml")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("config").resolve()


@given(
    st.binary(max_size=200)
    | st.text(alphabet=" \n:-[]{}&*!|>'\"#=?,a1s%<", max_size=80).map(
        lambda text: f"headroom: {text}".encode()
    ),
    st.sampled_from(["budgetcheck.yaml", "pyproject.toml"]),
)
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_options_or_a_message(folder: Path, data: bytes, name: str) -> None:
    prefix = b"[tool.budgetcheck]\n" if name == "pyproject.toml" else b""
    (folder / name).write_bytes(prefix + data)
    message = ""
    try:
        load_config(Tree(root=folder, base=folder), folder, folder, folder / name)
    except ConfigError as error:
        message = str(error)
    assert message == "" or all(line.startswith(name) for line in message.splitlines())
