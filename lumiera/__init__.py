"""Lumiera: a plugin-based chatbot framework for WhatsApp.

Plugin authors import everything from here.
"""

# ruff: noqa: I001 - a table of contents, many to a line
# fmt: off
from lumiera.app import Lumiera
from lumiera.channel import Capabilities, Channel, Fetches, Reconciles
from lumiera.durations import Duration
from lumiera.errors import ChannelError, ConfigError, ErrorCode, LumieraError, MediaError, PluginError, RateLimited
from lumiera.errors import RecipientStopped, Result, SendAmbiguous, SendRefused, StepFailed, StopTurn, StoreError
from lumiera.errors import TransientError
from lumiera.hookspecs import hookimpl
from lumiera.intents import Intent, normalise
from lumiera.messages import Bubble, Choices, IntentMatch, LanguageMatch, Location, Media, Message, Option, Reply, Tap
from lumiera.messages import StoredMedia, Transcript
from lumiera.media import MediaStore
from lumiera.people import Conversation, Escalation, Opening, Session, User
from lumiera.questions import Question, choose, confirm, free_text, moment, number, photos, yes_no
from lumiera.stage import Health, Stage, StageSettings
from lumiera.steps import Key, Step, Tx, external_write, read, store_operation
from lumiera.records import DialogueRecord, Line, Migrations, OutboxItem, TurnLine
from lumiera.store import Store
from lumiera.turn import Bot, Turn

__all__ = [
    "Bot", "Bubble", "Capabilities", "Channel", "ChannelError", "Choices", "ConfigError", "Conversation",
    "DialogueRecord", "Duration", "ErrorCode", "Escalation", "Fetches", "Health", "Intent", "IntentMatch", "Key",
    "LanguageMatch", "Line", "Location", "Lumiera", "LumieraError", "Media", "MediaError", "MediaStore", "Message",
    "Migrations", "Opening", "Option", "OutboxItem", "PluginError", "Question", "RateLimited", "RecipientStopped",
    "Reconciles", "Reply", "Result", "SendAmbiguous", "SendRefused", "Session", "Stage", "StageSettings", "Step",
    "StepFailed", "StopTurn", "Store", "StoreError", "StoredMedia", "Tap", "Transcript", "TransientError", "Turn",
    "TurnLine", "Tx", "User", "choose", "confirm", "external_write", "free_text", "hookimpl", "moment", "normalise",
    "number", "photos", "read", "store_operation", "yes_no",
]
