"""`lumiera texts`: tables of all texts for human reviewers, and what they made of them back into the files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import click

from lumiera.cli.files import write_files
from lumiera.cli.options import Mistake, Options, config_option
from lumiera.cli.unbroken import load_unbroken
from lumiera.loading import suggest


@click.group("texts", short_help="Give the texts to reviewers, and take their words in.")
def command() -> None:
    """Export the texts as tables for human reviewers, and take in what they changed and agreed to."""


@command.command("export")
@config_option
@click.option("--language", "languages", multiple=True, metavar="CODE", help="Only this one. Repeatable.")
@click.option("--unreviewed", is_flag=True, help="Only what nobody has reviewed as it is now.")
@click.option("--plugin", "plugins", multiple=True, metavar="NAME", help="Only its texts. Repeatable.")
@click.option("--delimiter", type=click.Choice([",", ";"]), default=",", help="What your spreadsheet wants. Default: ,")
@click.option("--out", type=click.Path(path_type=Path), default=Path("review"), help="A folder. Default: review.")
@click.pass_obj
def export(
    options: Options, *, languages: Sequence[str], unreviewed: bool, plugins: Sequence[str], delimiter: str, out: Path
) -> None:
    """Write a table for each language, to be opened in a spreadsheet; where that shows one column, --delimiter ";".

    Reviewers change the columns text and also (what may be typed for it, between |), and write yes under reviewed.
    """
    from lumiera.cli.reviews import Catalogue
    from lumiera.cli.sheets import write_rows

    catalogue = Catalogue.of(load_unbroken(options))
    _check("--language", languages, catalogue.texts.languages)
    _check("--plugin", plugins, set(catalogue.owners.values()))
    tables = {}
    for language in languages or catalogue.texts.languages:
        rows = [row for row in catalogue.rows(language) if row.plugin in (plugins or (row.plugin,))]
        tables[out / f"{language}.csv"] = [row for row in rows if not (unreviewed and row.reviewed)]
    for path in tables:
        if path.exists():
            raise Mistake(f"{path} is there already, perhaps with a reviewer's work. Name another folder: --out DIR")
    write_files({path: write_rows(rows, delimiter) for path, rows in tables.items()})
    for path, rows in tables.items():
        open_ = sum(not row.reviewed for row in rows)
        click.echo(f"{path}: {len(rows)} texts, {open_} of them not reviewed")


def _check(option: str, given: Collection[str], known: Collection[str]) -> None:
    for name in given:
        if name not in known:
            hint = suggest(name, known) or f" There are: {', '.join(sorted(known))}."
            raise Mistake(f"{option} {name}: there is no such one.{hint}")


@command.command("import")
@config_option
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--into", type=click.Path(path_type=Path), metavar="DIR", help="A plugin's own texts, for its authors.")
@click.option("--by", default="", metavar="NAME", help="Who reviewed them.")
@click.option("--dry-run", is_flag=True, help="Say what would be written.")
@click.pass_obj
def take_in(options: Options, *, files: Sequence[Path], into: Path | None, by: str, dry_run: bool) -> None:
    """Take in what reviewers changed, as texts of your own that win over those of the plugins (texts.overrides).

    What they agreed to is kept beside them, in reviewed.csv. If anything is wrong, it is told with its line, and
    nothing is written.
    """
    from lumiera.cli.corrections import Corrections
    from lumiera.cli.reviews import Catalogue

    if into is not None and not any(into.glob("*.ftl")):
        raise Mistake(f"--into {into}: there are no texts. Name the folder of a plugin that has its fr.ftl and so on.")
    catalogue = Catalogue.of(load_unbroken(options))
    corrections = Corrections.of(catalogue, files, into)
    written = corrections.files(by)
    if not dry_run:
        write_files(written)
    for line in corrections.told(written, is_dry=dry_run):
        click.echo(line)
