"""The plugin as the core sees it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pluggy
from lumiera_twilio import Twilio, TwilioSettings
from lumiera_twilio.testing import FakeTwilio

from lumiera import hookspecs
from lumiera.channel import Channel
from lumiera.messages import Bubble

if TYPE_CHECKING:
    from tests.twilio.conftest import Desk

HERE = Path(__file__).parents[2]


def test_importing_the_plugin_loads_neither_the_sdk_nor_an_http_client() -> None:
    script = (
        "import sys, lumiera_twilio; print(sorted({'twilio', 'aiohttp', 'requests', 'jsonschema'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_reading_settings_and_serving_webhooks_loads_no_sdk() -> None:
    script = f"""
import sys
from lumiera_twilio import Twilio, TwilioSettings
plugin = Twilio(TwilioSettings.model_validate({
        {"account_sid": "AC" + "a" * 32, "auth_token": "t", "from": "+14155238886", "public_url": "https://bot.example"}
    }))
plugin.register_routes(), plugin.register_channels()
print('twilio' in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_entry_point_leads_to_a_class_with_settings() -> None:
    entry = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]["entry-points"]["lumiera"]["twilio"]
    module, _, name = entry.partition(":")
    found = getattr(import_module(module), name)
    assert found is Twilio
    assert found.Settings is TwilioSettings


def test_the_hooks_are_those_of_the_core(desk: Desk) -> None:
    manager = pluggy.PluginManager("lumiera")
    manager.add_hookspecs(hookspecs)
    manager.register(desk.plugin)
    manager.check_pending()
    implemented = {hook.name for hook in manager.get_hookcallers(desk.plugin) or []}
    assert implemented == {"register_channels", "register_routes", "startup", "shutdown", "check_health"}


def test_the_channel_is_one_of_the_cores(desk: Desk) -> None:
    channel: Channel
    (channel,) = desk.plugin.register_channels()
    assert channel.name == "twilio"


async def test_a_message_comes_in_and_its_answer_goes_out(desk: Desk, twilio: FakeTwilio) -> None:
    await twilio.inbound(desk.url, "+33600000001", "bonjour")
    await desk.plugin.channel.send(desk.message.sender, Bubble(text="Bonjour !"))
    (reply,) = await twilio.wait_for(1)
    await twilio.report(reply, "sent", "delivered", to=desk.url)
    assert reply.to == "whatsapp:+33600000001"
    assert [state for _, _, state, _ in desk.deliveries] == ["sent", "delivered"]


async def test_shutdown_can_come_twice_and_the_channel_opens_again(desk: Desk) -> None:
    await desk.plugin.channel.close()
    await desk.plugin.channel.close()
    await desk.plugin.channel.send("+33600000001", Bubble(text="Bonjour !"))
