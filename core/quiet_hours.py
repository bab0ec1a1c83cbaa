"""When nobody is to be disturbed. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A daily time in which nobody is reminded of what can wait; may span midnight."""

    begin: time
    end: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str) -> "QuietHours":
        """Read `22:00-07:00 Europe/Berlin`; without a zone in UTC. ValueError for anything else."""
        hours, _, zone = text.strip().partition(" ")
        begin, _, end = hours.partition("-")
        try:
            return cls(time.fromisoformat(begin), time.fromisoformat(end), ZoneInfo(zone.strip() or "UTC"))
        except (ValueError, ZoneInfoNotFoundError, OSError) as error:
            raise ValueError(f"expected HH:MM-HH:MM ZONE, such as 22:00-07:00 Europe/Berlin ({error})") from None

    def end_after(self, moment: datetime) -> datetime:
        """`moment` itself outside of the quiet hours, else their end. Aware, in UTC like the moment."""
        local = moment.astimezone(self.zone)
        now = local.time()
        spans = self.begin > self.end
        inside = (now >= self.begin or now < self.end) if spans else self.begin <= now < self.end
        if not inside:
            return moment
        day = local.date() + timedelta(days=1 if spans and now >= self.begin else 0)
        return datetime.combine(day, self.end, self.zone).astimezone(moment.tzinfo)
