"""`lumiera texts`: tables for reviewers, what comes back of them, and what nobody has reviewed."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
Install = Callable[..., None]

FRENCH = """\
# The words of the depot.

## Rows (24)

depot-menu = 🏗️ Dépôt
## Buttons (20)

# When one may come.
depot-early = Le matin
    .also = matin|tôt
depot-late = Le soir
    .also = soir

## Answers

-depot = Dépôt
    .gender = masculine
depot-open = Le { -depot } ouvre à { $time }.
depot-pallets = { $count ->
    [one] Une palette.
   *[other] { $count } palettes.
}
depot-list =
    - sable
    - gravier

    C’est tout.
depot-formula = =1+1
depot-quoted = '=1+1
depot-link = Voir
    .title = Adresse du dépôt
"""
POLISH = """\
depot-menu = 🏗️ Skład
depot-early = Rano
    .also = rano|ranek
depot-late = Wieczorem
    .also = wieczór
# Nobody declines it.
-depot = Skład
depot-open = { -depot } otwiera się o { $time }.
depot-pallets = { $count ->
    [one] Jedna paleta.
    [few] { $count } palety.
   *[many] { $count } palet.
}
depot-list =
    - piasek
    - żwir

    To wszystko.
depot-formula = =1+1
depot-quoted = '=1+1
depot-link = Zobacz
    .title = Adres składu
"""
SOURCE = """\
from lumiera import Intent, hookimpl

@hookimpl
def register_intents():
    return [Intent("depot", None, examples={"fr": ["le depot"]}, menu="depot-menu")]
"""
TABLE = Path("review/pl.csv")
OVERRIDES = Path("config/texts/pl.ftl")
REVIEWED = Path("config/texts/reviewed.csv")
Cells = dict[str, str]


@pytest.fixture
def depot(folder: Path, install: Install) -> Path:
    """A plugin with texts in French and Polish, of a bot in these; returns its texts."""
    Path("lumiera.yaml").write_text("languages: [fr, pl]\nplugins:\n  sql:\n  essentials:\n", encoding="utf-8")
    install("depot", SOURCE, **{"texts/fr.ftl": FRENCH, "texts/pl.ftl": POLISH})
    (texts,) = folder.glob("site/plugin_*/texts")
    return texts


@pytest.fixture
def export(run: Run, depot: Path) -> Callable[..., dict[str, Cells]]:
    """Export the depot's texts in Polish, and return the rows by key."""

    def begin(*arguments: str) -> dict[str, Cells]:
        result = run("texts", "export", "--plugin", "depot", "--language", "pl", *arguments)
        assert result.exit_code == 0, result.output
        return {row["key"]: row for row in rows()}

    return begin


def rows(path: Path = TABLE) -> list[Cells]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def save(*table: Cells, delimiter: str = ",", encoding: str = "utf-8-sig", path: Path = TABLE) -> None:
    """Write a table as a spreadsheet would."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(table[0]), delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(table)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(out.getvalue().encode(encoding))


def bad(result: Result) -> list[str]:
    """Return what is wrong; nothing has been written."""
    assert (result.exit_code, result.stdout) == (2, "")
    assert not Path("config").exists()
    return result.stderr.splitlines()


# --- export


def test_a_table_has_what_a_reviewer_needs(export: Callable[..., dict[str, Cells]]) -> None:
    found = export()
    early = found["depot-early"]
    assert list(early) == [
        "key", "language", "plugin", "shown", "limit", "original", "text", "also", "reviewed", "remark", "version",
    ]  # fmt: skip
    assert early["shown"] == "Buttons (20) - When one may come."
    assert (early["plugin"], early["limit"], early["original"]) == ("depot", "20", "Le matin")
    assert (early["text"], early["also"], early["reviewed"]) == ("Rano", "rano|ranek", "")
    assert found["depot-menu"]["limit"] == "24"
    assert found["depot-open"]["limit"] == ""
    assert found["depot-pallets"]["text"].startswith("{ $count ->\n    [one] Jedna paleta.\n")
    assert found["depot-list"]["text"] == "'- piasek\n- żwir\n\nTo wszystko."
    assert found["'-depot"]["text"] == "Skład"
    assert found["depot-link.title"]["text"] == "Adres składu"


def test_excel_opens_it_as_it_is_and_runs_nothing(export: Callable[..., dict[str, Cells]]) -> None:
    found = export()
    data = TABLE.read_bytes()
    assert data.startswith(codecs.BOM_UTF8)
    assert b"\r\n" in data
    assert [found[key]["text"] for key in ("depot-formula", "depot-quoted")] == ["'=1+1", "''=1+1"]
    assert not [cell for row in found.values() for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]


def test_there_is_a_table_for_each_language_with_all_plugins(run: Run, depot: Path) -> None:
    result = run("texts", "export", "--out", "tables")
    assert sorted(path.name for path in Path("tables").iterdir()) == ["fr.csv", "pl.csv"]
    found = rows(Path("tables/pl.csv"))
    assert {row["plugin"] for row in found} == {"core", "essentials", "depot"}
    assert f"{Path('tables/pl.csv')}: {len(found)} texts, {len(found)} of them not reviewed" in result.stdout


def test_texts_that_a_language_lacks_are_rows_to_fill_in(export: Callable[..., dict[str, Cells]], depot: Path) -> None:
    (depot / "pl.ftl").write_text("depot-menu = Skład\n", encoding="utf-8")
    row = export()["depot-late"]
    assert (row["original"], row["text"]) == ("Le soir", "")


def test_a_table_that_is_there_is_not_written_over(run: Run, export: Callable[..., dict[str, Cells]]) -> None:
    export()
    before = TABLE.read_bytes()
    result = run("texts", "export")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{TABLE} is there already, perhaps with a reviewer's work.")
    assert TABLE.read_bytes() == before


def test_a_folder_that_cannot_be_is_told(run: Run, depot: Path) -> None:
    Path("taken").write_text("", encoding="utf-8")
    result = run("texts", "export", "--out", "taken")
    assert (result.exit_code, result.stderr) == (2, "taken cannot be written: File exists.\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--language", "polish"], "--language polish: there is no such one. There are: fr, pl."),
        (["--plugin", "depto"], "--plugin depto: there is no such one. Did you mean 'depot'?"),
    ],
)
def test_what_there_is_not_is_told(run: Run, depot: Path, arguments: list[str], told: str) -> None:
    result = run("texts", "export", *arguments)
    assert (result.exit_code, result.stderr) == (2, f"{told}\n")


def test_countries_that_write_decimals_with_a_comma_have_their_delimiter(run: Run, depot: Path) -> None:
    run("texts", "export", "--language", "pl", "--delimiter", ";")
    assert TABLE.read_bytes().decode("utf-8-sig").startswith("key;language;plugin;")
    assert run("texts", "import", str(TABLE)).stdout == "nothing changes\n"


# --- import


def test_an_untouched_table_changes_nothing(run: Run, depot: Path) -> None:
    run("texts", "export")
    before = {path: path.read_bytes() for path in depot.iterdir()}
    for arguments in ([], ["--into", str(depot)]):
        result = run("texts", "import", "review/pl.csv", "review/fr.csv", *arguments)
        assert (result.exit_code, result.output) == (0, "nothing changes\n")
    assert {path: path.read_bytes() for path in depot.iterdir()} == before
    assert not Path("config").exists()


@pytest.mark.parametrize(
    "words",
    [
        "Ranek",
        "=1+1",
        "'-1",
        "@ranek i „wieczór”; razem, \"tak\"",
        "{ $count ->\n    [one] Jedna.\n   *[many] { $count } wiele.\n}",
        "- jeden\n  - dwa\n\n- trzy",
        '{ "." }kropka\n{ "[" }nawias',
    ],
)  # fmt: skip
def test_any_words_come_back_as_they_were_typed(run: Run, export: Callable[..., dict[str, Cells]], words: str) -> None:
    row = export()["depot-pallets"]
    save({**row, "text": words if "$count" in words else f"{words} {{ $count }}"})
    typed = rows()[0]["text"]
    result = run("texts", "import", str(TABLE))
    assert (result.exit_code, result.stdout) == (0, f"{OVERRIDES}: 1 text changed\n"), result.stderr
    again = export("--out", "again")
    found = rows(Path("again/pl.csv"))
    assert [one["text"].removeprefix("'") for one in found if one["key"] == "depot-pallets"] == [
        typed.removeprefix("'")
    ]
    save(*again.values())
    assert run("texts", "import", str(TABLE)).stdout == "nothing changes\n"


def test_changed_texts_go_to_the_overrides_and_leave_the_rest_of_them(
    run: Run, export: Callable[..., dict[str, Cells]]
) -> None:
    OVERRIDES.parent.mkdir(parents=True)
    OVERRIDES.write_bytes(
        b"\xef\xbb\xbf# Ours.\r\nhelp-menu = Pomoc\r\n\r\n# The evening.\r\ndepot-late = Noc\r\n# End"
    )
    found = export()
    late, early = found["depot-late"], found["depot-early"]
    assert late["text"] == "Noc"
    save({**late, "text": "Późno", "also": "noc|późno"}, {**early, "also": "rano"})
    result = run("texts", "import", str(TABLE))
    assert result.stdout == f"{OVERRIDES}: 2 texts changed\n"
    assert OVERRIDES.read_bytes().decode() == (
        "\ufeff# Ours.\r\nhelp-menu = Pomoc\r\n\r\n"
        "# The evening.\r\ndepot-late = Późno\r\n    .also = noc|późno\r\n# End\r\n"
        "depot-early =\r\n    .also = rano\r\n"
    )
    assert export("--out", "again")
    assert {row["key"]: (row["text"], row["also"]) for row in rows(Path("again/pl.csv"))}["depot-early"] == (
        "Rano", "rano",
    )  # fmt: skip
    assert run("check").exit_code == 0


def test_the_authors_of_a_plugin_have_them_written_in_place(
    run: Run, depot: Path, export: Callable[..., dict[str, Cells]]
) -> None:
    found = export()
    save(
        {**found["depot-list"], "text": "Piasek."},
        {**found["depot-early"], "text": "Z rana"},
        {**found["depot-link.title"], "text": "Gdzie\njest skład"},
        {**found["'-depot"], "text": "Magazyn"},
    )
    result = run("texts", "import", str(TABLE), "--into", str(depot))
    assert result.stdout == f"{depot / 'pl.ftl'}: 4 texts changed\n"
    expected = POLISH.replace("\n    - piasek\n    - żwir\n\n    To wszystko.", " Piasek.").replace(
        "= Rano", "= Z rana"
    )
    expected = expected.replace(" Adres składu", "\n        Gdzie\n        jest skład").replace("= Skład", "= Magazyn")
    assert (depot / "pl.ftl").read_text(encoding="utf-8") == expected
    assert not Path("config").exists()


def test_a_text_that_was_missing_comes_to_the_end(
    run: Run, depot: Path, export: Callable[..., dict[str, Cells]]
) -> None:
    (depot / "pl.ftl").write_text("depot-menu = Skład", encoding="utf-8")
    save({**export()["depot-late"], "text": "Wieczorem", "also": "wieczór"})
    run("texts", "import", str(TABLE), "--into", str(depot))
    text = (depot / "pl.ftl").read_text(encoding="utf-8")
    assert text == "depot-menu = Skład\ndepot-late = Wieczorem\n    .also = wieczór\n"


def test_texts_of_others_are_not_written_into_a_plugin(run: Run, depot: Path) -> None:
    run("texts", "export", "--language", "pl")
    found = {row["key"]: row for row in rows()}
    save({**found["cancel"], "text": "Dość", "reviewed": "yes"}, {**found["no"], "reviewed": "yes"})
    result = run("texts", "import", str(TABLE), "--into", str(depot))
    assert bad(result) == [
        f"{TABLE}:2: text 'cancel': a text of 'core', which is not in {depot}. Import it without --into."
    ]
    save({**found["no"], "reviewed": "yes"})
    result = run("texts", "import", str(TABLE), "--into", str(depot))
    assert f"{TABLE}:2: no: not taken as reviewed: it is no text in {depot}." in result.stdout


def test_a_dry_run_writes_nothing(run: Run, export: Callable[..., dict[str, Cells]]) -> None:
    save({**export()["depot-early"], "text": "Z rana", "reviewed": "yes"})
    result = run("texts", "import", "--dry-run", str(TABLE))
    assert result.stdout.splitlines() == [
        f"would be written: {OVERRIDES}: 1 text changed",
        f"would be written: {REVIEWED}: 1 text reviewed",
    ]
    assert not Path("config").exists()


@pytest.mark.parametrize(("delimiter", "encoding"), [(";", "utf-8"), ("\t", "utf-16"), (",", "utf-8-sig")])
def test_what_spreadsheets_save_is_understood(
    run: Run, export: Callable[..., dict[str, Cells]], delimiter: str, encoding: str
) -> None:
    save({**export()["depot-early"], "text": "Świt, o; tak"}, delimiter=delimiter, encoding=encoding)
    assert run("texts", "import", str(TABLE)).exit_code == 0
    assert OVERRIDES.read_text(encoding="utf-8") == "depot-early = Świt, o; tak\n"


def test_what_may_be_typed_may_stand_on_lines_of_its_own(run: Run, export: Callable[..., dict[str, Cells]]) -> None:
    save({**export()["depot-early"], "also": "rano|\nranek|"})
    assert run("texts", "import", str(TABLE)).stdout == f"{OVERRIDES}: 1 text changed\n"
    assert OVERRIDES.read_text(encoding="utf-8") == "depot-early =\n    .also =\n        rano|\n        ranek|\n"
    assert run("texts", "import", str(TABLE)).stdout == "nothing changes\n"


def test_a_row_that_stands_there_twice_is_one_text(run: Run, export: Callable[..., dict[str, Cells]]) -> None:
    row = {**export()["depot-early"], "text": "Świt", "reviewed": "yes"}
    save(row, row)
    result = run("texts", "import", str(TABLE))
    assert result.stdout == f"{OVERRIDES}: 1 text changed\n{REVIEWED}: 1 text reviewed\n"
    assert OVERRIDES.read_text(encoding="utf-8") == "depot-early = Świt\n"


def test_a_yes_needs_the_original_that_was_seen(run: Run, export: Callable[..., dict[str, Cells]]) -> None:
    row = {**export()["depot-early"], "reviewed": "yes"}
    del row["original"]
    save(row)
    told = f"{TABLE}:2: depot-early: not taken as reviewed: the column 'original' is missing."
    assert run("texts", "import", str(TABLE)).stdout.splitlines() == ["nothing changes", told]


def test_a_workbook_is_told_from_a_table(run: Run, depot: Path) -> None:
    Path("pl.xlsx").write_bytes(b"PK\x03\x04\x14\x00\x06\x00")
    told = "pl.xlsx: this is a spreadsheet's own file, no CSV. Save it as 'CSV UTF-8'."
    assert bad(run("texts", "import", "pl.xlsx")) == [told]


def test_a_remark_is_told(run: Run, export: Callable[..., dict[str, Cells]]) -> None:
    save({**export()["depot-early"], "remark": "za\x1b[31m krótkie"})
    assert run("texts", "import", str(TABLE)).stdout.splitlines() == [
        "nothing changes",
        f"{TABLE}:2: depot-early: remark: za [31m krótkie",
    ]


@pytest.mark.parametrize(
    ("key", "change", "told"),
    [
        ("depot-open", {"text": "{ -depot } { $time } { time }"}, "text 'depot-open' shows the text 'time', which "),
        ("depot-open", {"text": "{ -depot } otwiera się."}, "text 'depot-open' has lost the variable { $time }."),
        (
            "depot-open",
            {"text": "{ $tmie }{ $time }"},
            "text 'depot-open': no other has the variable 'tmie'. Did you mean 'time'?",
        ),
        ("depot-open", {"text": "{ $time"}, "text 'depot-open': Expected token:"),
        ("depot-open", {"text": "{ UPPER($time) }"}, "text 'depot-open': there is no function 'UPPER'."),
        ("depot-open", {"text": "{ $time }\n.gone = a"}, "text 'depot-open': a line begins with ., which means"),
        (
            "depot-open",
            {"text": "Uwaga:\n*{ $time }*"},
            "text 'depot-open': a line begins with *, which means something else there: write { \"*\" } for it.",
        ),
        ("depot-open", {"text": ""}, "text 'depot-open': it is empty."),
        ("depot-open", {"text": "{ $time }\x07"}, "text 'depot-open': it has a character that nobody can see."),
        ("depot-early", {"text": "Ra\u202eno"}, "text 'depot-early': it has a character that nobody can see."),
        ("depot-early", {"also": ""}, "text 'depot-early': it is empty."),
        ("depot-early", {"text": "Wcześnie rano, przed siódmą"}, "text 'depot-early' has 27 characters; a button "),
        ("depot-menu", {"text": "Skład materiałów budowlanych"}, "text 'depot-menu' has 28 characters; a row holds 24"),
        (
            "depot-early",
            {"text": "wieczorem!"},
            "text 'depot-early' is now the same as 'depot-late', beside which it may stand.",
        ),
        ("depot-early", {"text": "Anuluj"}, "text 'depot-early' is now the same as 'cancel', beside which it may"),
        ("depot-menu", {"text": "🌐 Język"}, "text 'depot-menu' is now the same as 'language-menu', beside which it"),
        ("depot-early", {"key": "depot-erly"}, "unknown text 'depot-erly'. Did you mean 'depot-early'?"),
        ("depot-early", {"language": "pt"}, "'pt' is none of the languages."),
        ("depot-early", {"reviewed": "perhaps"}, "reviewed: expected yes or nothing, got 'perhaps'."),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_nothing_is_written(
    run: Run, export: Callable[..., dict[str, Cells]], key: str, change: Cells, told: str
) -> None:
    found = export()
    save({**found["depot-list"], "original": "", "text": "dwa\nwiersze"}, {**found[key], **change})
    (line,) = bad(run("texts", "import", str(TABLE)))
    assert line.startswith(f"{TABLE}:4: {told}")


def test_every_bad_row_is_told(run: Run, export: Callable[..., dict[str, Cells]]) -> None:
    found = export()
    save({**found["depot-open"], "text": "{ $tiem }"}, {**found["depot-late"], "text": ""})
    assert [line.partition(": text")[0] for line in bad(run("texts", "import", str(TABLE), "none.csv"))] == [
        "none.csv: cannot be read: No such file or directory.",
        f"{TABLE}:2",
        f"{TABLE}:2",
        f"{TABLE}:3",
    ]


def test_a_row_that_was_changed_meanwhile_is_no_accident(run: Run, export: Callable[..., dict[str, Cells]]) -> None:
    found = export()
    OVERRIDES.parent.mkdir(parents=True)
    OVERRIDES.write_text("depot-early = Świt\ndepot-late = Noc\n", encoding="utf-8")
    save({**found["depot-early"], "text": "Ranek"}, {**found["depot-late"], "reviewed": "yes"})
    result = run("texts", "import", str(TABLE))
    assert result.stderr == (
        f"{TABLE}:2: text 'depot-early': it was changed since this table was exported. "
        "Export it again, and change it there.\n"
    )
    save({**found["depot-late"], "reviewed": "yes"})
    assert run("texts", "import", str(TABLE)).stdout.splitlines() == [
        "nothing changes",
        f"{TABLE}:2: depot-late: not taken as reviewed: it was changed since this table was exported.",
    ]


def test_two_tables_that_differ_are_told(run: Run, export: Callable[..., dict[str, Cells]]) -> None:
    row = export()["depot-early"]
    save({**row, "text": "Ranek"}, {**row, "text": "Świt"}, row)
    assert bad(run("texts", "import", str(TABLE))) == [
        f"{TABLE}:3: text 'depot-early' is changed in another way at {TABLE}:2. Keep one."
    ]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", ":1: the file is empty."),
        (b"key,language,txet\r\n", ":1: unknown column 'txet'. Did you mean 'text'?"),
        (b"key,text\r\n", ":1: the column 'language' is missing."),
        (b"key,language,text,text\r\n", ":1: the column 'text' stands there twice."),
        (b"key,language,text\r\ncancel,pl,a,b\r\n", ":2: more cells than columns: 4 of 3."),
        (b'key,language,text\r\ncancel,pl,"a\r\n', ":2: this is no table: "),
        ("key,language,text\r\ncancel,pl,Dość\r\n".encode("cp1250"), ":2: neither UTF-8 nor UTF-16"),
    ],
)
def test_a_file_that_is_no_table_of_texts_is_told(run: Run, depot: Path, data: bytes, told: str) -> None:
    Path("table.csv").write_bytes(data)
    assert bad(run("texts", "import", "table.csv"))[0].startswith(f"table.csv{told}")


def test_columns_that_nobody_needs_may_be_away_and_the_delimiter_may_be_named(run: Run, depot: Path) -> None:
    Path("table.csv").write_text("sep=;\r\nkey;language;text\r\n\r\ndepot-early;pl;Świt\r\n", encoding="utf-8")
    assert run("texts", "import", "table.csv").exit_code == 0
    assert OVERRIDES.read_text(encoding="utf-8") == "depot-early = Świt\n"


def test_a_broken_file_of_overrides_is_mended_first(run: Run, export: Callable[..., dict[str, Cells]]) -> None:
    found = export()
    OVERRIDES.parent.mkdir(parents=True)
    OVERRIDES.write_text("depot-late Noc\n", encoding="utf-8")
    save({**found["depot-early"], "text": "Ranek"})
    result = run("texts", "import", str(TABLE))
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{OVERRIDES}:1: Expected token")
    assert OVERRIDES.read_text(encoding="utf-8") == "depot-late Noc\n"


def test_a_folder_without_texts_is_none_of_a_plugin(run: Run, depot: Path) -> None:
    result = run("texts", "import", "review/pl.csv", "--into", "nowhere")
    assert (result.exit_code, result.stderr.partition(".")[0]) == (2, "--into nowhere: there are no texts")


def test_a_file_that_cannot_be_written_is_told_and_no_other_is_written(
    run: Run, export: Callable[..., dict[str, Cells]]
) -> None:
    row = export()["depot-early"]
    (REVIEWED.parent / ".reviewed.csv.new").mkdir(parents=True)
    save({**row, "text": "Ranek", "reviewed": "yes"})
    result = run("texts", "import", str(TABLE))
    assert (result.exit_code, "cannot be written: Is a directory." in result.stderr) == (2, True)
    assert not OVERRIDES.exists()


# --- reviews


def unreviewed(run: Run) -> dict[str, int]:
    """Return what `lumiera check` counts."""
    lines = [line for line in run("check").stdout.splitlines() if "nobody has reviewed" in line]
    counts = [one.split() for line in lines for one in line.split(": ")[2].partition(";")[0].split(", ")]
    return {language: int(count) for language, count in counts}


def test_check_counts_them_in_one_line(run: Run, depot: Path) -> None:
    (line,) = [line for line in run("check").stdout.splitlines() if "reviewed" in line]
    count = unreviewed(run)
    assert set(count) == {"fr", "pl"}
    assert line == (
        f"warning: {sum(count.values())} texts that nobody has reviewed: fr {count['fr']}, pl {count['pl']}; "
        "lumiera texts export --unreviewed"
    )


def test_a_yes_is_kept_with_name_and_day_and_counts(run: Run, export: Callable[..., dict[str, Cells]]) -> None:
    before = unreviewed(run)["pl"]
    found = export()
    save({**found["depot-early"], "reviewed": "tak"}, {**found["depot-late"], "text": "Noc", "reviewed": "yes"})
    result = run("texts", "import", "--by", "=Anna", str(TABLE))
    assert f"{REVIEWED}: 2 texts reviewed" in result.stdout
    early, late = rows(REVIEWED)
    assert (early["key"], early["language"], early["by"], late["key"]) == ("depot-early", "pl", "'=Anna", "depot-late")
    assert early["against"].startswith("fr:")
    assert unreviewed(run)["pl"] == before - 2
    left = export("--unreviewed", "--out", "left")
    assert left
    assert {row["key"] for row in rows(Path("left/pl.csv"))} == set(found) - {"depot-early", "depot-late"}


def test_the_same_yes_again_changes_nothing(run: Run, export: Callable[..., dict[str, Cells]]) -> None:
    save({**export()["depot-early"], "reviewed": "yes"})
    run("texts", "import", "--by", "Anna", str(TABLE))
    before = REVIEWED.read_bytes()
    assert run("texts", "import", "--by", "Jan", str(TABLE)).stdout == "nothing changes\n"
    assert REVIEWED.read_bytes() == before


@pytest.mark.parametrize("changed", ["pl", "fr"])
def test_a_text_that_changes_or_whose_original_does_is_not_reviewed_any_more(
    run: Run, depot: Path, export: Callable[..., dict[str, Cells]], changed: str
) -> None:
    before = unreviewed(run)["pl"]
    save({**export()["depot-early"], "reviewed": "yes"})
    run("texts", "import", str(TABLE))
    assert unreviewed(run)["pl"] == before - 1
    Path(f"config/texts/{changed}.ftl").write_text("depot-early = Ranek\n", encoding="utf-8")
    assert unreviewed(run)["pl"] == before


def test_a_yes_to_another_original_does_not_count(run: Run, export: Callable[..., dict[str, Cells]]) -> None:
    save({**export()["depot-early"], "original": "Le midi", "reviewed": "yes"})
    result = run("texts", "import", str(TABLE))
    assert f"{TABLE}:2: depot-early: not taken as reviewed: its original in 'fr' is another one now." in result.stdout
    assert not Path("config").exists()


def test_a_plugin_ships_its_reviews(run: Run, depot: Path, export: Callable[..., dict[str, Cells]]) -> None:
    before = unreviewed(run)["pl"]
    save(*({**row, "reviewed": "yes"} for row in export().values()))
    result = run("texts", "import", "--into", str(depot), str(TABLE))
    assert result.stdout == f"{depot / 'reviewed.csv'}: 11 texts reviewed\n"
    assert unreviewed(run)["pl"] == before - 11
    export("--out", "again")
    assert run("texts", "import", "again/pl.csv").stdout == "nothing changes\n"
    Path("lumiera.yaml").write_text(Path("lumiera.yaml").read_text().replace("languages:", "language: pl\nlanguages:"))
    assert unreviewed(run)["pl"] == before - 11  # against French, whatever the bot speaks itself


def test_a_damaged_file_of_reviews_counts_for_nothing(run: Run, depot: Path) -> None:
    before = unreviewed(run)
    (depot / "reviewed.csv").write_bytes(b"\xff\xfe\x00key,what\r\ndepot-early\r\n,,,,\r\n")
    assert unreviewed(run) == before


def test_a_broken_plugin_leaves_the_texts_of_others_alone(run: Run, depot: Path, install: Install) -> None:
    install("broken", "import a_module_that_nobody_has")
    result = run("texts", "export", "--plugin", "depot")
    assert result.exit_code == 0
    assert "'broken' is left out" in result.stderr
