"""Makes dumps of a sender's mail whose truth is known, to try everything else on."""

from mailgauge.simulation.run import Simulated, SimulationError, simulate

__all__ = ["Simulated", "SimulationError", "simulate"]
