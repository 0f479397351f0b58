"""Intents and the exact matching of what a user wrote against their examples and menu titles."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from lumiera.messages import Choices, Option
from lumiera.turn import Handler

Examples = Mapping[str, Sequence[str]]  # by language
AGENT = "@agent"  # in place of an intent's name, for the dialogues of `answer_turn`


@dataclass(frozen=True)
class Intent:
    """Something a user may want, and the handler that does it."""

    name: str
    handler: Handler
    examples: str | Examples = field(default_factory=dict, kw_only=True)  # a YAML file of the plugin's package
    menu: str = field(default="", kw_only=True)  # key of its title in the menu; empty: it has no row there
    description: str = field(default="", kw_only=True)  # for models that rank intents
    consent: Literal["stop", "start"] | None = field(default=None, kw_only=True)
    never_limited: bool = field(default=False, kw_only=True)  # served over the rate limit
    leads_to_human: bool = field(default=False, kw_only=True)  # offered to whoever is not understood
    # From the answers of a dialogue that was left unfinished: does a human have to finish it?
    needs_human: Callable[[Mapping[str, object]], bool] | None = field(default=None, kw_only=True)
    version: int = field(default=1, kw_only=True)  # of the dialogue; a new one makes open dialogues drafts
    aliases: Mapping[str, str] = field(default_factory=dict, kw_only=True)  # new name of a step -> its old name
    plugin: str = field(default="", kw_only=True)  # set at load

    def phrases(self) -> Iterator[tuple[str, str]]:
        """Yield language and text of every example."""
        assert not isinstance(self.examples, str), "examples are read at load"
        for language, texts in self.examples.items():
            for text in texts:
                yield language, text


@lru_cache(maxsize=4096)  # labels and examples come again and again
def normalise(text: str) -> str:
    """Fold what does not tell two messages apart: case, accents, punctuation, emoji beside words, white space."""
    decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(_STROKES)
    kept = [char for char in decomposed if unicodedata.category(char) not in _SILENT]
    words = "".join(char if char.isalnum() else " " for char in kept).split()
    return " ".join(words) or "".join(dict.fromkeys(kept)).strip()  # a text of emoji alone is itself


_STROKES = str.maketrans("łđøħı", "ldohi")  # letters that Unicode does not take apart
_SILENT = frozenset({"Mn", "Me", "Cf", "Sk"})


class Intents(dict[str, Intent]):
    """All intents in the order of their plugins, with an index of their examples."""

    def __init__(self, intents: Iterable[Intent]) -> None:
        super().__init__((intent.name, intent) for intent in intents)
        self._phrases: dict[str, dict[str, list[str]]] = {}
        titled = ((one.name, one.menu) for one in self.values() if one.menu)
        self._menu = Choices(options=tuple(Option.intent(name, text=title) for name, title in titled))
        for intent in self.values():
            for language, text in intent.phrases():
                known = self._phrases.setdefault(normalise(text), {}).setdefault(intent.name, [])
                if language not in known:
                    known.append(language)

    def exact(self, text: str) -> Mapping[str, Sequence[str]]:
        """Return the intents that have this text as an example, each with the languages of the example."""
        return self._phrases.get(normalise(text), {})

    def consent(self, text: str) -> Literal["stop", "start"] | None:
        """Say whether a text is exactly STOP or START in any language."""
        return next((kind for name in self.exact(text) if (kind := self[name].consent)), None)

    def menu(self) -> Choices:
        """Return the menu: a row for each intent that has a title there, in the order of the plugins."""
        return self._menu

    def conflicts(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the texts that stand in the examples of more than one intent."""
        for text, intents in self._phrases.items():
            if len(intents) > 1:
                yield text, list(intents)
