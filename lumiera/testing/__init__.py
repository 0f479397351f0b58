"""The test kit: a whole bot in memory's reach, scripted understanding, and conversations as text.

With the package installed, pytest has the fixture `bot`; see `lumiera.testing.pytest_plugin`.
"""

from lumiera.testing.bot import KitChannel, Replied, TestBot
from lumiera.testing.conversation import ConversationLog
from lumiera.testing.scripted import Scripted

__all__ = ["ConversationLog", "KitChannel", "Replied", "Scripted", "TestBot"]
