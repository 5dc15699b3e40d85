"""The arithmetic behind the dumps: who gets which fate, and how many are sent when."""

from datetime import date

import pytest

from mailgauge.simulation.fate import CYCLE, make_draw, make_lots
from mailgauge.simulation.post import post_window
from mailgauge.simulation.provider import PROVIDERS
from mailgauge.simulation.schedule import Request, make_schedule
from mailgauge.simulation.sender import Stream
from mailgauge.simulation.story import CAST, IMPORT

END = date(2026, 11, 22)


@pytest.mark.parametrize("rate", [0.0003, 0.009, 0.13, 1.0])
def test_a_draw_is_never_more_than_one_away_from_its_rate(rate: float) -> None:
    draw = make_draw([rate] * CYCLE, "seed")
    for stop in (1, 999, 1000, 4321, 50_000):
        picked = list(draw.picks(0, stop))
        assert abs(len(picked) - rate * stop) <= 1
        assert len(set(picked)) == len(picked)


def test_a_draw_picks_the_same_in_one_piece_and_in_many() -> None:
    draw = make_draw([0.001, 0.02, 0.0] * 100, "seed")
    pieces = [number for first in range(0, 30_000, 77) for number in draw.picks(first, min(first + 77, 30_000))]
    assert pieces == list(draw.picks(0, 30_000))
    assert all(number % 3 < 2 for number in pieces)


@pytest.mark.parametrize("stream", [stream for stream in CAST if stream is not IMPORT], ids=lambda stream: stream.name)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_chance_makes_a_calm_stream_look_bad(stream: Stream, seed: int) -> None:
    lots = make_lots(stream, seed)
    complaints = sorted(dict(lots.draws)["complaint"].picks(0, 1_200_000))
    feedback = sum(PROVIDERS[provider].feedback for provider, _ in lots.cycle) / CYCLE
    assert len(complaints) > 5
    # Wherever a sample ends, its rate is highest just after a complaint.
    assert all(count / (feedback * (number + 1)) < 0.001 for count, number in enumerate(complaints, 1))


def test_recipients_come_in_the_shares_of_the_mix() -> None:
    lots = make_lots(IMPORT, 1)
    domains = [domain for _, domain in lots.cycle]
    assert len(domains) == CYCLE
    assert abs(sum(domain in ("yahoo.com", "aol.com", "ymail.com", "yahoo.co.uk") for domain in domains) - 620) <= 1


@pytest.mark.parametrize(("messages", "days"), [(1, 1), (7, 3), (20_000, 7), (3_000_000, 2)])
def test_all_messages_are_sent_and_none_twice(messages: int, days: int) -> None:
    schedule = make_schedule(Request(messages, days, 1, END))
    sent = 0
    for stream in range(len(CAST)):
        counts = [schedule.sent_before(stream, window) for window in range(schedule.sending_windows + 1)]
        assert counts == sorted(counts)
        assert counts[0] == 0
        sent += counts[-1]
    assert sent == messages


def test_windows_narrow_as_messages_grow_so_that_memory_does_not() -> None:
    few, many = (make_schedule(Request(messages, 7, 1, END)) for messages in (20_000, 20_000_000))
    assert few.windows_an_hour == 1
    assert many.windows_an_hour >= 24


def test_a_narrow_window_sends_only_within_its_bounds() -> None:
    request = Request(600_000, 1, 1, END)
    schedule = make_schedule(request)
    window = schedule.windows_an_hour * 9 + 2
    arriving, tally = post_window(request, window)
    first = request.start_ms + window * schedule.window_ms
    events = [event for found in arriving.values() for event in found]
    assert {first <= event.message.sent < first + schedule.window_ms for event in events} == {True}
    assert len(events) == tally.records
    assert all(
        0 <= event.arrived - request.start_ms - number * schedule.window_ms < schedule.window_ms
        for number, found in arriving.items()
        for event in found
    )
