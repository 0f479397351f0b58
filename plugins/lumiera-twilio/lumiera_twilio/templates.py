"""Approved templates: the one way to write to a user who has not written for 24 hours."""

from __future__ import annotations

import json

from lumiera.channel import shorten
from lumiera.messages import Bubble

# What is shown fills at most 1,024 units, the template's own words among them.
LONGEST_VALUE = 500


def template_fields(bubble: Bubble) -> dict[str, str]:
    """Return what a message with a template has in place of a body.

    WhatsApp refuses values that are empty, that have line breaks or more than four spaces in a row; and Twilio
    variables for a template that has none.
    """
    values = {str(number): shorten(value, LONGEST_VALUE) or "-" for number, value in enumerate(bubble.variables, 1)}
    written = {"content_variables": json.dumps(values, ensure_ascii=False)} if values else {}
    return {"content_sid": bubble.template, **written}
