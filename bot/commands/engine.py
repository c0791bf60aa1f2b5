"""`citebot engine copy`, `status`: a Milvus that holds the articles for many machines."""

from dataclasses import asdict

import click

from bot.commands.options import exit_with, json_option, print_json, settings_with
from bot.rendering.terminal.layout import table
from bot.settings.parsing import parse_engine, parse_path
from bot.terminal import FAILED, current_layout, say

_PLACE = "FILE|ADDRESS"


@click.group(short_help="Copy articles to and from a Milvus.")
def engine() -> None:
    """Manage the Milvus that CITEBOT_ENGINE names, which holds the articles for any number of bots and terminals."""


def _check_place(_: click.Context, __: click.Parameter, place: str | None) -> str | None:
    """Return the path of a file, or the address of an engine; raise BadParameter if it is malformed."""
    if place is None or "://" not in place:
        return place and str(parse_path(place))
    try:
        return parse_engine(place)
    except ValueError as error:
        raise click.BadParameter(f"The address {error}") from error


@engine.command(short_help="Copy a store to a Milvus, or back.")
@click.option("--from", "source", metavar=_PLACE, callback=_check_place, help="What to copy.")
@click.option("--to", "target", metavar=_PLACE, callback=_check_place, help="Where to.")
@click.option(
    "--replace",
    is_flag=True,
    help="Delete other articles that are there. Other machines notice this by themselves.",
)
@json_option("the comparison as one JSON object")
def copy(source: str | None, target: str | None, replace: bool, as_json: bool) -> None:
    """Copy all articles, with their history and sources, from a file to a Milvus or back, and compare both afterwards.

    The side that you leave out is the one in CITEBOT_ENGINE, so that no password need be typed. An address looks like
    CITEBOT_ENGINE: milvus+http://host:19530. Weights learned by `citebot train` are not copied: they are in
    STORE.weights.json, beside CITEBOT_DB on each machine.

    The first hits for some titles are shown too, but decide nothing: they may differ where two are about as good, since an
    index that is made anew counts removed articles no more.

    Exit codes: 0 both are equal, 1 they are not, or nothing was copied.
    """
    from retrieval import copy_articles, is_engine  # noqa: PLC0415 - only here

    places = [source or _configured(), target or _configured()]
    if places[0] == places[1] or not any(map(is_engine, places)):
        raise click.UsageError("Name the other side: --from FILE or --to FILE. One of both is a Milvus.")
    compared = copy_articles(*places, replace=replace)
    equal = all(one.is_equal for one in compared if one.is_decisive)
    if as_json:
        print_json({"equal": equal, "compared": [asdict(one) for one in compared]})
    else:
        verdict = {True: "equal", False: "NOT EQUAL"}
        rows = [
            (one.what, one.source, one.target, verdict[one.is_equal] if one.is_decisive else "") for one in compared
        ]
        for line in table([("", "FROM", "TO", ""), *rows], current_layout().width):
            click.echo(line)
    if not equal:
        say("The copy is not what was copied. Check that nothing else writes there, then copy again.")
        exit_with(FAILED)


def _configured() -> str:
    """Return the address in CITEBOT_ENGINE; raise UsageError if there is none."""
    if address := settings_with(None).engine:
        return address
    raise click.UsageError(
        "CITEBOT_ENGINE is not set. Set it to the address of a Milvus, such as milvus+http://host:19530."
    )


@engine.command(short_help="Show what the Milvus holds.")
@json_option("one JSON object")
def status(as_json: bool) -> None:
    """Show the generation in CITEBOT_ENGINE, how many articles, sentences and rows there are.

    Earlier generations can still be asked for as long as a question takes. "slack" of --json says how much longer
    articles have become since their vectors were made: from 1.1 on, the next load makes all vectors anew.
    """
    from retrieval import describe_engine  # noqa: PLC0415 - only here

    state = describe_engine(_configured())
    if as_json:
        print_json(asdict(state))
        return
    figures = {"generation": state.generation, "articles": state.articles, "sentences that can answer": state.sentences}
    numbers = [
        (name, f"{number:,}") for name, number in {**figures, "generations kept": state.manifests, **state.rows}.items()
    ]
    for line in table([("engine", state.address), ("published", state.published or "-"), *numbers]):
        click.echo(line)
