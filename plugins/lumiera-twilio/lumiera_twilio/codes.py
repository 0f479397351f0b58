"""Twilio's codes in one table: what each means for a bubble, in words for the operator.

From Twilio's dictionary of errors, and its list of WhatsApp's codes and its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["later", "ours", "media", "final", "stopped", "unreachable", "window", "content"]

# How many seconds a bubble waits that Twilio took and failed to deliver, by the kind of the failure; others are final.
# The store gives up after a few attempts: a link to a file is made anew at each, so a file has the same chance.
WAITS: dict[Kind, float] = {"later": 60.0, "ours": 300.0, "media": 30.0}


@dataclass(frozen=True)
class Code:
    """What a code means. `advice` is what the operator can do, `wait` the seconds where they differ from `WAITS`."""

    kind: Kind
    text: str
    advice: str = ""
    wait: float | None = None


_SENDER = "check 'from' and the sender in Twilio's console"
_TOKEN = "check 'account_sid', 'auth_token' and the API key"
_META = "check the WhatsApp account in Meta's Business Manager"
_NUMBER = "check the number"
_TEMPLATE = "check the template in Twilio's console"

CODES: dict[str, Code] = {
    # Nothing is wrong with the bubble: later.
    "14107": Code("later", "too many messages at once"),
    "20429": Code("later", "too many calls at once"),
    "21611": Code("later", "too many messages wait for our sender"),
    "30001": Code("later", "too many messages wait for our sender"),
    "30410": Code("later", "the provider behind Twilio did not answer"),
    "63010": Code("later", "Twilio failed inside"),
    "63012": Code("later", "WhatsApp failed inside"),
    "63017": Code("later", "too many messages of the account at once"),
    "63018": Code("later", "WhatsApp's limit for our sender is reached", "see the sender's limit at Meta", 300.0),
    "63023": Code("later", "WhatsApp failed and does not say why"),
    "63038": Code("later", "the account's messages of the day are used up", "ask Twilio for a higher limit", 3600.0),
    # We are set up wrongly, so nothing at all goes out until that is mended.
    "20003": Code("ours", "Twilio refuses our credentials", _TOKEN),
    "20005": Code("ours", "the account is not active", "see Twilio's console"),
    "20006": Code("ours", "Twilio refuses us the access", _TOKEN),
    "20008": Code("ours", "test credentials cannot do this", _TOKEN),
    "20404": Code("ours", "Twilio does not know the account", "check 'account_sid' and 'api_base_url'"),
    "21212": Code("ours", "Twilio does not know our sender", _SENDER),
    "21408": Code("ours", "messages to this country are not allowed", "allow it in Twilio's console"),
    "21603": Code("ours", "the sender is missing", _SENDER),
    "21606": Code("ours", "our sender cannot send this", _SENDER),
    "21609": Code("ours", "Twilio cannot use our address for reports", "check 'public_url'"),
    "21701": Code("ours", "Twilio does not know the messaging service", "check 'messaging_service_sid'"),
    "21703": Code("ours", "the messaging service has no sender", "check it in Twilio's console"),
    "21704": Code("ours", "the messaging service has no sender", "check it in Twilio's console"),
    "21705": Code("ours", "Twilio does not know the messaging service", "check 'messaging_service_sid'"),
    "21910": Code("ours", "our sender is not one for WhatsApp", _SENDER),
    "30002": Code("ours", "the account is suspended", "see Twilio's console"),
    "63001": Code("ours", "WhatsApp refuses the sender's credentials", _SENDER),
    "63002": Code("ours", "WhatsApp does not know our sender", _SENDER),
    "63007": Code("ours", "Twilio does not know our sender", _SENDER),
    "63020": Code("ours", "something is wrong with our account at Meta", _META),
    "63022": Code("ours", "the certificate of our sender's name is not valid", _META),
    "63051": Code("ours", "our WhatsApp account is locked", _META),
    # This one bubble will never be taken.
    "14103": Code("final", "the text is empty or too long"),
    "21601": Code("final", "our sender takes no messages for it"),
    "21602": Code("final", "the text is missing"),
    "21604": Code("final", "the recipient is missing"),
    "21617": Code("final", "the text is too long"),
    "21619": Code("final", "text and files are missing"),
    "21623": Code("final", "too many files"),
    "21658": Code("final", "the text is too long"),
    "30004": Code("final", "the message was blocked"),
    "30007": Code("final", "the message was filtered as spam", "change its words"),
    "63005": Code("final", "WhatsApp did not accept the content"),
    "63013": Code("final", "the content breaks a rule of WhatsApp"),
    "63021": Code("final", "the content is not valid for WhatsApp"),
    "63025": Code("final", "the file is there already"),
    "63030": Code("final", "WhatsApp does not support a part of the content"),
    "63031": Code("final", "sender and recipient are the same"),
    "63032": Code("final", "Meta keeps our messages from this user in a trial", "the user must write first"),
    "63049": Code("final", "Meta chose not to deliver a marketing message"),
    # The user wants nothing more of us.
    "21610": Code("stopped", "the user has stopped our messages", "only the user's START ends that"),
    "63014": Code("stopped", "the user has blocked us", "only the user can end that"),
    # There is nobody at the other end.
    "21211": Code("unreachable", "the number is not valid", _NUMBER),
    "21612": Code("unreachable", "our sender cannot reach this number", _NUMBER),
    "21614": Code("unreachable", "the number has no mobile phone", _NUMBER),
    "21635": Code("unreachable", "the number is a landline", _NUMBER),
    "30003": Code("unreachable", "the phone cannot be reached"),
    "30005": Code("unreachable", "the number is unknown", _NUMBER),
    "30006": Code("unreachable", "the number is a landline", _NUMBER),
    "63003": Code("unreachable", "the number is not on WhatsApp", _NUMBER),
    "63015": Code("unreachable", "the user has not joined the sandbox", "send its join code from that phone"),
    "63024": Code("unreachable", "the recipient cannot get it: no WhatsApp, or an old one", _NUMBER),
    "63033": Code("unreachable", "the recipient is blocked at WhatsApp"),
    "63016": Code("window", "the user has not written for 24 hours", "only an approved template may be sent"),
    # A template or menu is not as Twilio and Meta have it.
    "21654": Code("content", "variables without a template"),
    "21655": Code("content", "Twilio does not have the template or menu", _TEMPLATE),
    "21656": Code("content", "the variables do not fit the template or menu", _TEMPLATE),
    "63027": Code("content", "the template does not exist in its language", _TEMPLATE),
    "63028": Code("content", "the number of variables does not fit the template", _TEMPLATE),
    "63029": Code("content", "the phone could not load the template", _TEMPLATE),
    "63040": Code("content", "the template was rejected", _TEMPLATE),
    "63041": Code("content", "the template is paused", _TEMPLATE),
    "63042": Code("content", "the template is disabled", _TEMPLATE),
    # Twilio or WhatsApp could not get the file from us.
    "11751": Code("media", "the file could not be fetched", "is it within the size, and our public address right?"),
    "21620": Code("media", "the link to the file is not valid", "check the public address"),
    "63019": Code("media", "the file could not be fetched", "is our public address right?"),
}


def meaning(code: str) -> Code:
    """Return what a code means; one that is not known is final."""
    text = f"refused, see https://www.twilio.com/docs/api/errors/{code}" if len(code) == 5 else "refused"
    return CODES.get(code) or Code("final", text)


def told(code: str) -> str:
    """Return a code as an operator reads it: `63016 the user has not written for 24 hours (only ...)`."""
    found = meaning(code)
    return f"{code} {found.text}" + (f" ({found.advice})" if found.advice else "")
