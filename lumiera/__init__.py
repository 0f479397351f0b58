"""Lumiera: a plugin-based chatbot framework for WhatsApp.

Plugin authors import everything from here.
"""

# ruff: noqa: I001 - a table of contents, many to a line
# fmt: off
from lumiera.app import Lumiera
from lumiera.channel import Capabilities, Channel
from lumiera.durations import Duration
from lumiera.errors import ChannelError, ConfigError, ErrorCode, LumieraError, PluginError, RateLimited, Result
from lumiera.errors import SendAmbiguous, SendRefused, StopTurn, StoreError, TransientError
from lumiera.hookspecs import hookimpl
from lumiera.intents import Intent, normalise
from lumiera.messages import Bubble, Choices, IntentMatch, LanguageMatch, Location, Media, Message, Option, Reply, Tap
from lumiera.messages import Transcript
from lumiera.people import Conversation, Session, User
from lumiera.questions import Question, choose, confirm, free_text, moment, number, photos, yes_no
from lumiera.stage import Health, Stage, StageSettings
from lumiera.steps import Key, Step, Tx, external_write, read, store_operation
from lumiera.store import Migrations, Store
from lumiera.turn import Bot, Turn

__all__ = [
    "Bot", "Bubble", "Capabilities", "Channel", "ChannelError", "Choices", "ConfigError", "Conversation", "Duration",
    "ErrorCode", "Health", "Intent", "IntentMatch", "Key", "LanguageMatch", "Location", "Lumiera", "LumieraError",
    "Media", "Message", "Migrations", "Option", "PluginError", "Question", "RateLimited", "Reply", "Result",
    "SendAmbiguous", "SendRefused", "Session", "Stage", "StageSettings", "Step", "StopTurn", "Store", "StoreError",
    "Tap", "Transcript", "TransientError", "Turn", "Tx", "User", "choose", "confirm", "external_write",
    "free_text", "hookimpl", "moment", "normalise", "number", "photos", "read", "store_operation", "yes_no",
]
