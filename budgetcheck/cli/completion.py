"""`budgetcheck completion`: the script with which a shell completes commands, options and formats."""

from collections.abc import Mapping

import click
from click.shell_completion import CompletionItem, get_completion_class

from budgetcheck.cli.output import print_text

_VARIABLE = "_BUDGETCHECK_COMPLETE"
_PROGRAM = "budgetcheck"


@click.command("completion", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, /, shell: str) -> int:
    """Print the script that makes a shell complete budgetcheck.

    \b
    bash   eval "$(budgetcheck completion bash)"       in ~/.bashrc
    zsh    eval "$(budgetcheck completion zsh)"        in ~/.zshrc, behind compinit
    fish   budgetcheck completion fish | source        in ~/.config/fish/config.fish
    """
    found = get_completion_class(shell)
    if found is None:
        raise click.ClickException(f"click has no completion for {shell}")
    made = found(ctx.command, {}, _PROGRAM, _VARIABLE)
    # Not `source()`, which starts a shell to ask for its version.
    return print_text(made.source_template % made.source_vars())


def complete_paths(
    commands: Mapping[str, click.Command], paths: tuple[str, ...], incomplete: str
) -> list[CompletionItem]:
    """Files, and in the first place the commands as well."""
    names = [] if paths else [name for name in commands if incomplete and name.startswith(incomplete)]
    helps = (CompletionItem(name, help=commands[name].get_short_help_str(60)) for name in names)
    return [CompletionItem(incomplete, type="file"), *helps]
