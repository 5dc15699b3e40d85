"""The post of one window of time: its messages, their fates, and all events that follow."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from mailgauge.simulation.course import SIMULATED, take_course
from mailgauge.simulation.fate import CYCLE, Lots, make_lots
from mailgauge.simulation.journey import Journey
from mailgauge.simulation.message import Event, Message
from mailgauge.simulation.provider import SIMULATOR
from mailgauge.simulation.schedule import DAY_MS, Request, Schedule, make_schedule
from mailgauge.simulation.sender import CODE_OF
from mailgauge.simulation.story import CAST
from mailgauge.simulation.truth import Tally

COLLEAGUES = 0.6  # of the further recipients of a message share the domain of the one before
PEOPLE_A_MESSAGE = 0.4  # so that people get more than one message


@dataclass(frozen=True, slots=True)
class Office:
    """What is settled once for a request and needed in every window."""

    request: Request
    schedule: Schedule
    lots: tuple[Lots, ...]
    numbers: tuple[int, ...]  # of the first message of each stream


@lru_cache(maxsize=2)
def open_office(request: Request) -> Office:
    """Settle everything that does not depend on a window."""
    schedule = make_schedule(request)
    numbers = [0]
    for counts in schedule.sent_by:
        numbers.append(numbers[-1] + counts[-1])
    return Office(request, schedule, tuple(make_lots(stream, request.seed) for stream in CAST), tuple(numbers[:-1]))


def make_id(code: str, at: int, number: int) -> str:
    """An id as SES makes them: region, moment, UUID."""
    text = f"{number:032x}"
    return f"{code}{at:012x}-{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}-000000"


class Desk:
    """Writes the messages of one window."""

    def __init__(self, office: Office, window: int) -> None:
        self.office = office
        self.random = Random(f"{office.request.seed}/window/{window}")
        self.window = window
        self.start = office.request.start_ms + window * office.schedule.window_ms
        self.people = max(10, int(office.request.messages * PEOPLE_A_MESSAGE))

    def address(self, domain: str) -> str:
        """Somebody at a domain; the same people come again."""
        person = self.random.randrange(self.people) * 2_654_435_761 & 0xFFFFFFFF
        return f"u{person:08x}@{domain}"

    def recipients(self, stream: int, number: int, fate: str) -> tuple[list[str], list[int]]:
        """The addresses of a message and their providers' numbers."""
        cycle = self.office.lots[stream].cycle
        if fate == "simulator":
            name = self.random.choice(("success", "success", *SIMULATED))
            return [f"{name}+{number}@simulator.amazonses.com"], [SIMULATOR]
        provider, domain = cycle[number % CYCLE]
        if fate != "several":
            return [self.address(domain)], [provider]
        found = {self.address(domain): provider}
        wanted = self.random.choice((2, 2, 2, 3, 3, 4, 5))
        while len(found) < wanted:
            if self.random.random() > COLLEAGUES:
                provider, domain = self.random.choice(cycle)
            found[self.address(domain)] = provider
        return list(found), list(found.values())

    def write(self, stream: int, number: int, sent: int, fate: str) -> Message:
        """Write one message; `number` counts within its stream."""
        cast, bits = CAST[stream], self.random.getrandbits(128)
        recipients, providers = self.recipients(stream, number, fate)
        identifier = make_id(CODE_OF[cast.region], sent, bits)
        subject = bits % len(cast.subjects)
        return Message(self.office.numbers[stream] + number, stream, subject, sent, identifier, recipients, providers)

    def send(self, stream: int, tally: Tally) -> Iterator[Event]:
        """Send a stream's messages of this window and yield what follows from each."""
        schedule, request, lots = self.office.schedule, self.office.request, self.office.lots[stream]
        first, stop = schedule.sent_before(stream, self.window), schedule.sent_before(stream, self.window + 1)
        start = request.start_ms
        fates, bad = lots.fates(first, stop), set(lots.bad.picks(first, stop))
        for number in range(first, stop):
            fate = fates.get(number, "")
            sent = self.start + int(schedule.window_ms * (number - first + self.random.random()) / (stop - first))
            message = self.write(stream, number, sent, fate)
            journey = Journey(message, CAST[stream], self.random, request.cutoff_ms, tally)
            take_course(journey, fate)
            day = (sent - start) // DAY_MS
            for provider, columns in zip(message.providers, journey.columns, strict=True):
                tally.count(day, stream, provider, columns)
            yield from journey.events
            if number in bad:
                yield self.spoil(message, tally)

    def spoil(self, near: Message, tally: Tally) -> Event:
        """A record that cannot be read, of a message that is in nothing else."""
        ghost = self.write(near.stream, near.number, near.sent, "")
        tally.bad_records += 1
        salt = self.random.getrandbits(64)
        return Event(ghost.sent + 900, ghost, 0, 0, "Bad", "", ghost.sent, ghost.providers[0], ghost.recipients, salt)


def post_window(request: Request, window: int) -> tuple[dict[int, list[Event]], Tally]:
    """Everything that comes of the messages sent in one window, by the window it arrives in, and its truth."""
    office = open_office(request)
    desk, tally = Desk(office, window), Tally()
    arriving: dict[int, list[Event]] = {}
    start, width = request.start_ms, office.schedule.window_ms
    for stream in range(len(CAST)):
        for event in desk.send(stream, tally):
            arriving.setdefault((event.arrived - start) // width, []).append(event)
    return arriving, tally
