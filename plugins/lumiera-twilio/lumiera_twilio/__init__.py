"""WhatsApp through Twilio: signed webhooks in, REST calls out."""

from __future__ import annotations

from lumiera_twilio.plugin import Twilio
from lumiera_twilio.settings import TwilioSettings

__all__ = ["Twilio", "TwilioSettings"]
