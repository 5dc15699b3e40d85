"""When how much is sent: messages of each stream by hour, and the windows of time the work is cut into."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate

from mailgauge.simulation.sender import Stream
from mailgauge.simulation.story import CAST, sends_on

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
AFTERMATH_HOURS = 2  # of the day after the last, in which events still arrive
MESSAGES_A_WINDOW = 5_000
WINDOWS_AN_HOUR = (1, 2, 3, 4, 6, 12, 30, 60)


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for; everything else follows from it."""

    messages: int
    days: int
    seed: int
    end: date

    @property
    def start_ms(self) -> int:
        """The first millisecond of the first day, in Unix time."""
        first = datetime.combine(self.end - timedelta(days=self.days - 1), time(), UTC)
        return int(first.timestamp()) * 1000

    @property
    def cutoff_ms(self) -> int:
        """Where the dump ends: what arrives from here on is not there yet."""
        return self.start_ms + self.days * DAY_MS + AFTERMATH_HOURS * HOUR_MS

    def day_of(self, sent_ms: int) -> date:
        """The UTC day of a moment."""
        return self.end - timedelta(days=self.days - 1 - (sent_ms - self.start_ms) // DAY_MS)


@dataclass(frozen=True, slots=True)
class Schedule:
    """How many messages of each stream are sent by the end of each hour, and how wide a window of work is."""

    request: Request
    windows_an_hour: int
    sent_by: tuple[tuple[int, ...], ...] = field(repr=False)  # [stream][hour]: messages sent before it

    @property
    def window_ms(self) -> int:
        """The width of a window."""
        return HOUR_MS // self.windows_an_hour

    @property
    def sending_windows(self) -> int:
        """Windows in which mail is sent; events arrive in a few more."""
        return self.request.days * 24 * self.windows_an_hour

    @property
    def arrival_windows(self) -> int:
        """Windows in which events arrive."""
        return self.sending_windows + AFTERMATH_HOURS * self.windows_an_hour

    def sent_before(self, stream: int, window: int) -> int:
        """How many messages of a stream are sent before a window begins."""
        hour, part = divmod(window, self.windows_an_hour)
        counts = self.sent_by[stream]
        if not part:
            return counts[hour]
        return counts[hour] + (counts[hour + 1] - counts[hour]) * part // self.windows_an_hour


def _weights(stream: Stream, request: Request) -> list[float]:
    """The stream's weight in each hour of the whole time, in ordinary days of the sender."""
    hours = [hour / sum(stream.hours) for hour in stream.hours]
    first = request.end - timedelta(days=request.days - 1)
    weights = []
    for day in range(request.days):
        weekday = (first + timedelta(days=day)).weekday()
        level = stream.volume * stream.weekdays[weekday] * 7 / sum(stream.weekdays)
        weights += [level * hour if sends_on(stream, day, request.days) else 0.0 for hour in hours]
    return weights


def make_schedule(request: Request) -> Schedule:
    """Share the messages out over streams and hours so that the counts add up exactly."""
    weights = [_weights(stream, request) for stream in CAST]
    ends = list(accumulate(map(sum, weights)))
    shares = [round(request.messages * end / ends[-1]) for end in ends]
    sent_by = []
    for number, hours in enumerate(weights):
        total = shares[number] - (shares[number - 1] if number else 0)
        sums = list(accumulate(hours, initial=0.0))
        sent_by.append(tuple(round(total * part / sums[-1]) if sums[-1] else 0 for part in sums))
    per_hour = request.messages / (request.days * 24)
    fitting = [count for count in WINDOWS_AN_HOUR if per_hour / count <= MESSAGES_A_WINDOW]
    return Schedule(request, fitting[0] if fitting else WINDOWS_AN_HOUR[-1], tuple(sent_by))
