"""`citebot completion`: the script that lets a shell complete commands, options and article ids."""

import click
from click.shell_completion import get_completion_class


@click.command(short_help="Print a shell completion script.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that lets SHELL complete commands, options and article IDs.

    \b
    bash:  eval "$(citebot completion bash)"   in ~/.bashrc
    zsh:   eval "$(citebot completion zsh)"    in ~/.zshrc
    fish:  citebot completion fish | source    in ~/.config/fish/config.fish
    """  # noqa: D301 - \\b tells click not to re-wrap
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    click.echo(kind(context.find_root().command, {}, "citebot", "_CITEBOT_COMPLETE").source())
