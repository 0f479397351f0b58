"""A Twilio for tests: a real HTTP server in the test's own event loop, with the real wire format and no network."""

from __future__ import annotations

from lumiera_twilio.testing.faults import Fault
from lumiera_twilio.testing.server import FakeTwilio
from lumiera_twilio.testing.values import Answer, Menu, Seen, Sent, Tappable

__all__ = ["Answer", "FakeTwilio", "Fault", "Menu", "Seen", "Sent", "Tappable"]
