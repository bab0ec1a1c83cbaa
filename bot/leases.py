"""How long a silent holder keeps what it has claimed. All of them end by the database's clock."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Leases:
    """Seconds until another process takes over what a dead one held. Shorter ones make recovery quicker, and cost a heartbeat more
    often; one that is shorter than a pause of the process or of the database lets two work at the same thing, of which one is
    refused at its commit."""

    turn: float = 30.0
    """A turn, click or form that is being handled; extended three times in this time."""
    sending: float = 45.0
    """A message on its way; never extended, so longer than any one call to a platform."""
    timer: float = 30.0
    """Timers that were found due together; never extended, so longer than firing them takes."""
    room: float = 60.0
    """An incident's room that is brought in line; never extended, so longer than all calls of one look."""
    run: float = 30.0
    """A run in a worker's hands; extended every two seconds, or three times in this time when that is more often."""
