"""What becomes of one message: its events, when they happen, and what they count for."""

from random import Random

from msgspec.structs import replace

from mailgauge.simulation.message import REORDERED, Event, Message
from mailgauge.simulation.provider import PROVIDERS
from mailgauge.simulation.sender import Stream
from mailgauge.simulation.truth import Tally

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
RETRY_MINUTES = 840  # SES gives up after 14 hours
DUPLICATE_RATE = 0.005
COUNTS_AS = {
    "Permanent": "permanent_bounces",
    "Transient": "transient_bounces",
    "Undetermined": "undetermined_bounces",
    "suppressed": "suppressed",
    "auto_reply": "auto_replies",
}


class Journey:
    """Collects the events of one message; what would arrive after the dump's end is not told and not counted."""

    def __init__(self, message: Message, stream: Stream, random: Random, cutoff: int, tally: Tally) -> None:
        self.message = message
        self.stream = stream
        self.random = random
        self.cutoff = cutoff
        self.tally = tally
        self.provider = PROVIDERS[message.providers[0]]
        self.events: list[Event] = []
        self.columns: list[set[str]] = [set() for _ in message.recipients]
        self.place = 0

    def chance(self, share: float) -> bool:
        """True in this share of cases."""
        return self.random.random() < share

    def tell(
        self, kind: str, at: int, about: str = "", counts: tuple[str, ...] = (), to: tuple[int, ...] = (0,)
    ) -> None:
        """Tell of an event that happens at a moment, to recipients by their places, and counts in some columns."""
        message = self.message
        arrived = at + 400 + int(9_000 * self.random.random())
        if arrived >= self.cutoff:
            return
        self.place += 1
        self.tally.events[kind] += 1
        for recipient in to:
            self.columns[recipient].update(counts)
        names = [message.recipients[recipient] for recipient in to]
        salt = self.random.getrandbits(64)
        provider = message.providers[to[0]]
        self.events.append(Event(arrived, message, self.place, 0, kind, about, at, provider, names, salt))
        if self.chance(DUPLICATE_RATE):
            self._tell_again(self.events[-1])

    def _tell_again(self, event: Event) -> None:
        """The same record once more: soon, or hours later and then in another object."""
        again = 300 + int(self.random.random() * (SECOND if self.chance(0.5) else 6 * HOUR))
        arrived = event.arrived + again
        if arrived >= self.cutoff:
            return
        copy = self.random.choice((1, REORDERED))
        self.tally.duplicates += 1
        self.events.append(replace(event, arrived=arrived, copy=copy))

    def spread(self, shortest: int, times: float) -> int:
        """A span from `shortest` to `times` as long, each doubling as likely as the next."""
        return int(shortest * times ** self.random.random())

    def latency(self, provider: int | None = None) -> int:
        """How long a provider takes to accept a message."""
        usual = self.provider.latency_ms if provider is None else PROVIDERS[provider].latency_ms
        return int(usual * (0.5 + 3 * self.random.random() * self.random.random()))

    def send(self) -> int:
        """SES accepts the message for all its recipients; returns the moment."""
        sent = self.message.sent
        self.tell("Send", sent, counts=("sends",), to=tuple(range(len(self.message.recipients))))
        return sent

    def deliver(self, at: int, to: tuple[int, ...] = (0,)) -> int:
        """The provider takes the message; returns the moment."""
        feedback = PROVIDERS[self.message.providers[to[0]]].feedback
        self.tell("Delivery", at, counts=("deliveries", "feedback_deliveries") if feedback else ("deliveries",), to=to)
        return at

    def bounce(self, at: int, about: str, column: str, to: tuple[int, ...] = (0,)) -> None:
        """The message comes back."""
        self.tell("Bounce", at, about, (COUNTS_AS[column],), to)

    def read(self, delivered: int) -> None:
        """People and machines open and click, if the stream is tracked."""
        random, provider, stream = self.random.random, self.provider, self.stream
        if not stream.opens:
            return
        if random() < provider.machine_opens:
            self.open(delivered + self.spread(20 * SECOND, 200), "Likely")
        if random() < stream.opens * provider.opens:
            self._read_as_person(delivered)
        if stream.links and random() < provider.scanner_clicks:
            self.click(delivered + self.spread(2 * SECOND, 20), "Likely")

    def _read_as_person(self, delivered: int) -> None:
        # SES began to mark bots in 2026; a few events still come without the mark and count as a person's.
        mark = "Unlikely" if self.chance(0.98) else ""
        at = delivered + self.spread(MINUTE, 4000)
        self.open(at, mark)
        if self.chance(0.22):
            self.open(at + self.spread(30 * SECOND, 2000), mark)
        if self.stream.links and self.random.random() < self.stream.clicks:
            at += self.spread(4 * SECOND, 40)
            self.click(at, mark)
            if self.chance(0.15):
                self.click(at + self.spread(5 * SECOND, 60), mark)

    def open(self, at: int, mark: str) -> None:
        """The image is fetched."""
        self.tell("Open", at, mark, ("opens",) if mark == "Likely" else ("opens", "human_opens"))

    def click(self, at: int, mark: str) -> None:
        """A link is followed."""
        self.tell("Click", at, mark, ("clicks",) if mark == "Likely" else ("clicks", "human_clicks"))
