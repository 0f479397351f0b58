"""A page to try a bot without a phone or a key."""

from __future__ import annotations

from lumiera_simulator.plugin import Simulator
from lumiera_simulator.settings import SimulatorSettings

__all__ = ["Simulator", "SimulatorSettings"]
