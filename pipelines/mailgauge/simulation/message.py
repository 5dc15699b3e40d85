"""A message and the events SES will tell of it, as decided: small records, before they become documents."""

from msgspec import Struct

REORDERED = 2  # the copy of an event whose keys stand in another order


class Message(Struct, array_like=True, frozen=True):
    """One message; `number` counts over the whole simulation, `stream` and `providers` are places in their tables."""

    number: int
    stream: int
    subject: int
    sent: int  # Unix milliseconds, as all times here
    id: str
    recipients: list[str]
    providers: list[int]


class Event(Struct, array_like=True, frozen=True):
    """One record to be written.

    `about` says which of its kind (a bounce's sort, an open's `isBotEvent`); `salt` decides everything that does not
    matter (addresses of machines, user agents), so that a copy reads exactly as its original.
    """

    arrived: int
    message: Message
    place: int  # among the events of its message
    copy: int  # 0 the original, 1 the same again, REORDERED
    kind: str
    about: str
    at: int
    provider: int
    recipients: list[str]
    salt: int

    @property
    def order(self) -> tuple[int, int, int, int]:
        """Sorts events as they arrive, without ties."""
        return self.arrived, self.message.number, self.place, self.copy
