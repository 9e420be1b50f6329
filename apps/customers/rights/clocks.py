"""By when a request must be answered."""

import calendar
import datetime as dt

TERM_MONTHS = 1
EXTENDED_MONTHS = 3  # two more than the first (article 12, paragraph 3)


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day so many months later; the last day of the month where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
