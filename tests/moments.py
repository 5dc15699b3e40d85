"""The time at which tests run the steps."""

from datetime import datetime

NOW = datetime(2026, 4, 1, 3)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)
