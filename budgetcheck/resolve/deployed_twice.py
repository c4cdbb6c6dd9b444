"""A service that a deploy command and a manifest or Terraform resource describe: the latter is the statement.

A command of a script or CI file says what somebody last ran; a resource of the same name says what the
service is, with all that stands round it.
"""

from collections.abc import Iterable

from budgetcheck.model.settings import Declaration

_COMMANDS = ("gcloud:", "aws:")
_SAME = (
    frozenset({"google_cloud_run_v2_service", "google_cloud_run_service", "knative"}),
    frozenset({"google_cloudfunctions2_function", "google_cloudfunctions_function"}),
    frozenset({"aws_lambda_function"}),
)


def without_repeated_deployments(declarations: Iterable[Declaration]) -> list[Declaration]:
    """The declarations without commands that deploy what a resource of the same kind and name declares.

    A resource of one environment leaves the command to the others.
    """
    given = list(declarations)
    commands = [one for one in given if _is_command(one)]
    if not commands:
        return given
    stated = [one for one in given if not _is_command(one) and any(one.component in same for same in _SAME)]
    repeated = {id(one) for one in commands if any(_states(resource, one) for resource in stated)}
    return [one for one in given if id(one) not in repeated]


def _is_command(declaration: Declaration) -> bool:
    return declaration.address.startswith(_COMMANDS)


def _states(resource: Declaration, command: Declaration) -> bool:
    same = any(resource.component in kinds and command.component in kinds for kinds in _SAME)
    here = resource.environment in ("", command.environment)
    return same and here and bool({*resource.front.names, resource.title} & {*command.front.names})
