"""Reading files: `extends`, the environment, places."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from lumiera.errors import ConfigError
from lumiera.loading import Document, read_config, read_document


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def _read(path: str = "lumiera.yaml", env: Mapping[str, str] | None = None) -> Document:
    return read_document(Path(path), env or {})


def _refused(path: str = "lumiera.yaml") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        _read(path)
    return [str(problem) for problem in caught.value.problems]


def test_an_empty_file_gives_the_defaults() -> None:
    _write("lumiera.yaml", "")
    assert read_config(_read(), []).web.port == 8000


def test_a_file_of_comments_gives_the_defaults() -> None:
    _write("lumiera.yaml", "# nothing yet\n\nweb:\n  # port: 80\nplugins:\npipeline:\n")
    config = read_config(_read(), [])
    assert (config.web.port, config.plugins, len(config.pipeline)) == (8000, {}, 13)


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    Path("lumiera.yaml").write_bytes("\ufefflanguage: fr\r\nweb:\r\n  prot: 1\r\n".encode())
    document = _read()
    assert document.data["language"] == "fr"
    assert document.place(("web", "prot")) == "lumiera.yaml:3"


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    assert _refused() == [f"lumiera.yaml: there is no such file. Looked for {tmp_path / 'lumiera.yaml'}."]


def test_a_folder_or_a_file_of_other_bytes_cannot_be_read() -> None:
    Path("folder.yaml").mkdir()
    (folder,) = _refused("folder.yaml")
    assert folder.startswith("folder.yaml: it cannot be read: [Errno 21] Is a directory")
    Path("latin.yaml").write_bytes(b"language: fran\xe7ais")
    (latin,) = _refused("latin.yaml")
    assert latin.startswith("latin.yaml: it cannot be read: 'utf-8' codec can't decode byte 0xe7")


def test_every_value_has_the_place_of_its_key_or_item() -> None:
    _write(
        "lumiera.yaml", "language: fr\npipeline:\n  - authenticate:\n      unknown_users:\n        register\n  - x\n"
    )
    document = _read()
    assert document.place(("pipeline", 0)) == "lumiera.yaml:3"
    assert document.place(("pipeline", 0, "authenticate", "unknown_users")) == "lumiera.yaml:4"
    assert document.place(("pipeline", 1)) == "lumiera.yaml:6"


def test_what_is_not_written_has_the_place_of_what_is_around_it() -> None:
    _write("lumiera.yaml", "language: fr\nweb:\n  port: 1\n")
    document = _read()
    assert document.place(("web", "host")) == "lumiera.yaml:2"
    assert document.place(("pipeline", 3, "limits")) == "lumiera.yaml:1"


# --- extends


def test_mappings_are_merged_by_key_and_lists_replaced_whole() -> None:
    _write("lumiera.yaml", "web: {host: a, port: 1}\npipeline: [a, b, c]\nplugins: {sql: {url: x, size: 3}}\n")
    _write(
        "config/production.yaml", "extends: ../lumiera.yaml\nweb: {port: 2}\npipeline: [d]\nplugins: {sql: {url: y}}"
    )
    assert _read("config/production.yaml").data == {
        "web": {"host": "a", "port": 2},
        "pipeline": ["d"],
        "plugins": {"sql": {"url": "y", "size": 3}},
    }


def test_the_order_of_plugins_is_that_of_the_base_with_the_new_ones_last() -> None:
    _write("base.yaml", "plugins: {sql: , essentials: }")
    _write("lumiera.yaml", "extends: base.yaml\nplugins: {channel: , essentials: {}, sql: {}}")
    assert list(_read().data["plugins"]) == ["sql", "essentials", "channel"]


def test_false_removes_what_the_base_has() -> None:
    _write("base.yaml", "plugins:\n  simulator: {port: 3}\n  sql:\n")
    _write("lumiera.yaml", "extends: base.yaml\nplugins: {simulator: false}")
    assert _read().data["plugins"] == {"simulator": False, "sql": None}


def test_a_key_without_a_value_leaves_a_mapping_as_it_was_and_resets_a_scalar() -> None:
    _write("base.yaml", "plugins: {sql: {url: x}}\nweb: {public_url: 'https://a'}\nlanguages: [fr]")
    _write("lumiera.yaml", "extends: base.yaml\nplugins: {sql: }\nweb: {public_url: null}\nlanguages:")
    document = _read()
    assert document.data["plugins"] == {"sql": {"url": "x"}}
    assert read_config(document, []).web.public_url is None
    assert document.data["languages"] == ["fr"]


def test_a_chain_of_files_is_read_with_the_place_of_each_value() -> None:
    _write("base.yaml", "\nweb: {prot: 1}\n")
    _write("config/middle.yaml", "extends: ../base.yaml\nburst:\n  test: 1s\n")
    _write("config/sites/lyon.yaml", "extends: ../middle.yaml\nlangage: fr\n")
    with pytest.raises(ConfigError) as caught:
        read_config(_read("config/sites/lyon.yaml"), [])
    assert [str(problem) for problem in caught.value.problems] == [
        "base.yaml:2: web: unknown key 'prot'. Did you mean 'port'?",
        "config/middle.yaml:3: burst: unknown key 'test'. Did you mean 'text'?",
        "config/sites/lyon.yaml:2: unknown key 'langage'. Did you mean 'language'?",
    ]


def test_a_circle_of_files_is_refused() -> None:
    _write("a.yaml", "extends: sub/b.yaml\n")
    _write("sub/b.yaml", "\nextends: ../a.yaml\n")
    what = "extends: expected the name of a file that does not extend this one."
    assert _refused("a.yaml") == [f"sub/b.yaml:2: {what}"]
    _write("c.yaml", "extends: c.yaml\n")
    assert _refused("c.yaml") == [f"c.yaml:1: {what}"]


def test_a_base_that_is_missing_is_blamed_on_the_line_that_names_it(tmp_path: Path) -> None:
    _write("config/production.yaml", "language: fr\nextends: ../lumiera.yml\n")
    assert _refused("config/production.yaml") == [
        f"config/production.yaml:2: there is no such file. Looked for {tmp_path / 'lumiera.yml'}."
    ]


def test_a_base_must_be_named_by_text() -> None:
    _write("lumiera.yaml", "extends: [base.yaml]\n")
    assert _refused() == ["lumiera.yaml:1: extends: expected the name of a file that does not extend this one."]


# --- the environment


def test_values_of_the_environment_are_filled_in() -> None:
    _write(
        "lumiera.yaml", "web:\n  host: ${HOST}\n  port: ${PORT:-8001}\n  public_url: https://${HOST}:${PORT:-8001}/x"
    )
    config = read_config(_read(env={"HOST": "bot.example"}), [])
    assert (config.web.host, config.web.port) == ("bot.example", 8001)
    assert config.web.public_url == "https://bot.example:8001/x"


def test_a_default_stands_in_for_an_empty_variable_too() -> None:
    _write("lumiera.yaml", "web: {host: '${HOST:-localhost}'}\nescalation: {template: '${NONE:-}'}")
    data = _read(env={"HOST": ""}).data
    assert data == {"web": {"host": "localhost"}, "escalation": {"template": ""}}


def test_a_value_of_the_environment_is_text_and_never_yaml() -> None:
    _write("lumiera.yaml", "plugins: {sql: {a: '${A}', b: '${B}', c: '${C}'}}")
    env = {"A": "{x: 1}", "B": "false", "C": "${A}"}
    assert _read(env=env).data == {"plugins": {"sql": {"a": "{x: 1}", "b": "false", "c": "${A}"}}}


def test_a_variable_that_the_base_wants_and_nobody_uses_may_be_missing() -> None:
    _write("base.yaml", "web: {host: '${NOWHERE}'}\nplugins: {far: {key: '${NOWHERE}'}}")
    _write("lumiera.yaml", "extends: base.yaml\nweb: {host: localhost}\nplugins: {far: false}")
    document = _read()
    assert document.findings == []
    assert read_config(document, []).web.host == "localhost"


def test_dollars_and_keys_are_left_alone() -> None:
    _write("lumiera.yaml", "plugins: {sql: {price: $5, '${A}': $A}}")
    assert _read(env={"A": "x"}).data == {"plugins": {"sql": {"price": "$5", "${A}": "$A"}}}


def test_nothing_prints_a_value_of_the_environment() -> None:
    _write("lumiera.yaml", "plugins: {far: {key: 'tk_${KEY}'}}")
    document = _read(env={"KEY": "hunter2"})
    assert document.data["plugins"]["far"]["key"] == "tk_hunter2"
    for shown in (repr(document), repr(read_config(document, [])), str(read_config(document, []))):
        assert "hunter2" not in shown


def test_a_problem_masks_the_values_of_the_environment_the_longest_first() -> None:
    _write(
        "lumiera.yaml", "plugins: {far: {key: '${KEY}', more: '${MORE}', short: '${SHORT}', none: '${NONE:-nothing}'}}"
    )
    document = _read(env={"KEY": "hunter2", "MORE": "hunter2hunter", "SHORT": "abc"})
    problem = document.problem(("plugins", "far"), "hunter2, hunter2hunter, abc and nothing")
    assert str(problem) == "lumiera.yaml:1: plugins.far: ***, ***, abc and nothing"


def test_without_an_environment_nothing_is_filled_in() -> None:
    _write("lumiera.yaml", "plugins: {sql: {url: '${NOWHERE}'}}")
    document = read_document(Path("lumiera.yaml"), None, "other.yaml")
    assert document.data == {"plugins": {"sql": {"url": "${NOWHERE}"}}}
    assert (document.findings, document.place(("plugins", "sql"))) == ([], "other.yaml:1")
