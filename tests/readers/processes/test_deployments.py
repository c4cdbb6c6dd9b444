"""Deploy commands in scripts, Makefiles and CI files; what deploys nothing is not even claimed."""

from dataclasses import replace
from pathlib import Path

import pytest
from process_files import read_files, values

from budgetcheck.discover import discover
from budgetcheck.model.settings import Declaration, Reading
from budgetcheck.readers.claims import is_process
from budgetcheck.resolve import resolve
from budgetcheck.tree import SourceFile

RUN = "google_cloud_run_v2_service"


def deployed(reading: Reading) -> dict[str, object]:
    """What is deployed: its address and its time."""
    found: dict[str, object] = {}
    for declaration in reading.declarations:
        (found[declaration.address],) = values(declaration).values()
    return found


def one(tmp_path: Path, files: dict[str, str]) -> Declaration:
    (declaration,) = read_files(tmp_path, files).declarations
    return declaration


COMMANDS = {
    "gcloud run deploy api --image x --timeout=900": {"gcloud:run/api": "900s"},
    "gcloud run deploy api --timeout 15m": {"gcloud:run/api": "900s"},
    "gcloud run deploy api --timeout 1h30m": {"gcloud:run/api": "5400s"},
    "gcloud run deploy api --timeout=300s --quiet": {"gcloud:run/api": "300s"},
    "gcloud beta run deploy api --timeout=300": {"gcloud:run/api": "300s"},
    "gcloud --project p run deploy api --timeout=300": {"gcloud:run/api": "300s"},
    "gcloud run deploy --image x --allow-unauthenticated api --timeout=5": {"gcloud:run/api": "5s"},
    "gcloud run services update api --timeout=60": {"gcloud:run/api": "60s"},
    "gcloud run deploy $SERVICE --timeout=60": {"gcloud:run/deploy.sh:1": "60s"},
    "SERVICE=api\ngcloud run deploy $SERVICE --timeout=${T:-90}": {"gcloud:run/api": "90s"},
    "gcloud run deploy api --timeout=$T": {"gcloud:run/api": "?"},
    "gcloud run deploy api --image x": {"gcloud:run/api": "?"},
    "gcloud run deploy api \\\n  --image x \\\n  --timeout 60": {"gcloud:run/api": "60s"},
    "gcloud run deploy api --timeout 60\ngcloud run deploy jobs --timeout 90": {
        "gcloud:run/api": "60s",
        "gcloud:run/jobs": "90s",
    },
    "if [ $E = 1 ]; then gcloud run deploy api --timeout 60; else gcloud run deploy api --timeout 90; fi": {
        "gcloud:run/api": {"60s", "90s"}
    },
    "deploy() {\n  gcloud run deploy api --timeout=60\n}\ncase $1 in\nprod) deploy;;\nesac": {
        "gcloud:run/api": "60s"
    },
    "gcloud functions deploy f --gen2 --trigger-http --timeout=540s": {"gcloud:functions/f": "540"},
    "aws lambda update-function-configuration --function-name f --timeout 30": {"aws:lambda/f": "30"},
    "aws lambda update-function-configuration --function-name f --memory-size 512": {},
    "gcloud run jobs deploy j --task-timeout=3600": {},
    "gcloud builds submit --timeout=1200s": {},
    "gcloud run services describe api": {},
    "gcloud app deploy --timeout 5": {},
    "echo gcloud run deploy api --timeout=60": {},
    "# gcloud run deploy api --timeout=60": {},
}


@pytest.mark.parametrize(("command", "expected"), COMMANDS.items(), ids=list(COMMANDS))
def test_commands(tmp_path: Path, command: str, expected: dict[str, object]) -> None:
    assert deployed(read_files(tmp_path, {"deploy.sh": f"{command}\n"})) == expected


def test_a_function_of_the_first_generation(tmp_path: Path) -> None:
    found = one(
        tmp_path, {"deploy.sh": "gcloud functions deploy f --no-gen2 --trigger-topic t --timeout 9\n"}
    )
    assert (found.component, found.trait("trigger")) == ("google_cloudfunctions_function", "event")


def test_what_a_service_runs_is_found_by_its_image_and_its_name(tmp_path: Path) -> None:
    text = "gcloud run deploy api --image eu.gcr.io/p/shop-api:$TAG --port 8080 --timeout 60\n"
    found = one(tmp_path, {"deploy.sh": text})
    assert [(target.group, target.port) for target in found.targets] == [("api", 8080)]
    found = one(tmp_path, {"deploy.sh": text.replace(":$TAG", ":1")})
    assert [(target.group, target.port) for target in found.targets] == [("shop-api", 8080), ("api", 8080)]


WORKFLOW = """
name: deploy
env:
  SERVICE: api
jobs:
  deploy:
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v4
        timeout-minutes: 5
      - name: gcloud run deploy other --timeout=1
{step}
"""
ACTION = "        uses: google-github-actions/deploy-"
WITH = "        with:\n          "
STEPS = {
    "run": ("        run: gcloud run deploy $SERVICE --timeout=600", {"gcloud:run/api": "600s"}),
    "block": (
        "        run: |\n          set -e\n          gcloud run deploy ${{ env.SERVICE }} --timeout=600",
        {"gcloud:run/api": "600s"},
    ),
    "unknown expression": (
        "        run: gcloud run deploy api --timeout=${{ vars.TIMEOUT }}",
        {"gcloud:run/api": "?"},
    ),
    "action with flags": (
        f"{ACTION}cloudrun@v2\n{WITH}service: api\n{10 * ' '}flags: '--memory=1Gi --timeout=600'",
        {"gcloud:run/api": "600s"},
    ),
    "action with a timeout": (
        f"{ACTION}cloudrun@v0\n{WITH}service: ${{{{ env.SERVICE }}}}\n{10 * ' '}timeout: 10m",
        {"gcloud:run/api": "600s"},
    ),
    "action without": (
        f"{ACTION}cloudrun@v2\n{WITH}service: api",
        {"gcloud:run/api": "?"},
    ),
    "action for a job": (
        f"{ACTION}cloudrun@v2\n{WITH}job: j\n{10 * ' '}flags: --task-timeout=5",
        {},
    ),
    "function": (
        f"{ACTION}cloud-functions@v3\n{WITH}name: f\n{10 * ' '}service_timeout: 120s",
        {"gcloud:functions/f": "120"},
    ),
    "deploys nothing": ("        run: gcloud auth login", {}),
}


@pytest.mark.parametrize(("step", "expected"), STEPS.values(), ids=list(STEPS))
def test_workflows(tmp_path: Path, step: str, expected: dict[str, object]) -> None:
    text = WORKFLOW.replace("{step}", step)
    reading = read_files(tmp_path, {".github/workflows/deploy.yml": text})
    assert deployed(reading) == expected
    assert reading.recognised == ((".github/workflows/deploy.yml",) if expected else ())


def test_the_line_of_a_command_in_a_block(tmp_path: Path) -> None:
    text = WORKFLOW.replace("{step}", STEPS["block"][0])
    (setting,) = one(tmp_path, {".github/workflows/deploy.yml": text}).settings
    assert setting.spans[0].place == ".github/workflows/deploy.yml:14"


def test_gitlab_ci(tmp_path: Path) -> None:
    text = (
        "variables:\n  TIME: '450'\ndeploy:\n  timeout: 2h\n  script:\n    - export NAME=api\n"
        "    - gcloud run deploy $NAME --timeout $TIME\n"
    )
    found = one(tmp_path, {".gitlab-ci.yml": text})
    assert (found.address, values(found)) == ("gcloud:run/api", {"template.timeout": "450s"})
    assert [span.place for span in found.settings[0].spans] == [".gitlab-ci.yml:7", ".gitlab-ci.yml:2"]


def test_cloud_build(tmp_path: Path) -> None:
    text = (
        "steps:\n- name: gcr.io/google.com/cloudsdktool/cloud-sdk\n  entrypoint: gcloud\n"
        "  args: [run, deploy, $_SERVICE, '--timeout=$_LIMIT', --image, 'gcr.io/$PROJECT_ID/x']\n"
        "- name: gcr.io/cloud-builders/gcloud\n  args:\n  - run\n  - deploy\n  - jobs\n  - --timeout=90\n"
        "substitutions:\n  _SERVICE: api\n  _LIMIT: 20m\ntimeout: 1800s\n"
    )
    found = deployed(read_files(tmp_path, {"cloudbuild.yaml": text}))
    assert found == {"gcloud:run/api": "1200s", "gcloud:run/jobs": "90s"}


def test_makefile(tmp_path: Path) -> None:
    text = (
        "SERVICE ?= api\nLIMIT := 300\nimage:\n\tdocker build .\ndeploy: image\n"
        "\t@gcloud run deploy $(SERVICE) \\\n\t  --image $(IMAGE) --timeout=$(LIMIT)\n"
    )
    found = one(tmp_path, {"Makefile": text})
    assert (found.address, values(found)) == ("gcloud:run/api", {"template.timeout": "300s"})


def test_a_value_that_make_is_given_is_not_known(tmp_path: Path) -> None:
    found = one(tmp_path, {"Makefile": "deploy:\n\tgcloud run deploy api --timeout=$(LIMIT)\n"})
    assert values(found) == {"template.timeout": "?"}


NOT_CLAIMED = {
    "workflow": (".github/workflows/test.yml", "jobs:\n  test:\n    timeout-minutes: 5\n"),
    "gitlab": (".gitlab-ci.yml", "test:\n  timeout: 1h\n  script: [pytest --timeout=60]\n"),
    "makefile": ("Makefile", "test:\n\tpytest --timeout=60\n"),
    "build": ("cloudbuild.yaml", "steps:\n- name: docker\n  args: [build, .]\ntimeout: 900s\n"),
}


@pytest.mark.parametrize(("name", "text"), NOT_CLAIMED.values(), ids=list(NOT_CLAIMED))
def test_a_ci_file_that_deploys_nothing_is_not_claimed(name: str, text: str) -> None:
    assert not is_process(SourceFile(name=name, path=Path("/x") / name, head=text))


def test_workflows_are_looked_for_and_nothing_else_beside_them(tmp_path: Path) -> None:
    for name in (".github/workflows/a.yml", ".github/other/b.yml", ".git/workflows/c.yml", ".github/d.yml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x: gcloud run deploy a\n")
    found = discover([tmp_path], tmp_path)
    assert [file.name for _, file in found.sources] == [".github/workflows/a.yml"]


class TestTwice:
    def addresses(self, tmp_path: Path, resource: Declaration) -> list[str]:
        command = one(tmp_path, {"deploy.sh": "gcloud run deploy api --timeout 60\n"})
        return [hop.address for hop in resolve([command, resource]).hops]

    def resource(self, tmp_path: Path, component: str, name: str) -> Declaration:
        made = one(tmp_path / "other", {"deploy.sh": f"gcloud run deploy {name} --timeout 90\n"})
        return replace(made, component=component, address=f"terraform:{component}.x")

    @pytest.mark.parametrize("component", [RUN, "google_cloud_run_service", "knative"])
    def test_a_resource_of_the_same_name_is_the_statement(self, tmp_path: Path, component: str) -> None:
        found = self.addresses(tmp_path, self.resource(tmp_path, component, "api"))
        assert found == [f"terraform:{component}.x"]

    def test_another_name_is_another_service(self, tmp_path: Path) -> None:
        assert len(self.addresses(tmp_path, self.resource(tmp_path, RUN, "web"))) == 2

    def test_another_kind_of_that_name_is_another_thing(self, tmp_path: Path) -> None:
        assert len(self.addresses(tmp_path, self.resource(tmp_path, "aws_lambda_function", "api"))) == 2
