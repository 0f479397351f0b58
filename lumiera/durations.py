"""Durations as operators write them: `600ms`, `3s`, `2h`, `90d`; `0` is none."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(value: object) -> object:
    """Turn `"7h"` into a timedelta; leave timedeltas alone and refuse everything else by name."""
    if isinstance(value, timedelta):
        return value
    if value == 0 and not isinstance(value, bool):
        return timedelta(0)
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(ms|s|m|h|d)", value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"expected a duration such as 600ms, 3s, 5m, 7h or 90d, got {value!r}")
    return timedelta(**{_UNITS[found[2]]: float(found[1])})


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
