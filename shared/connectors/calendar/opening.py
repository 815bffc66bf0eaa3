"""Opens calendars: the CalendarOf port, named in the registry."""

from functools import lru_cache

from shared.connectors.calendar.adapter import GoogleCalendar
from shared.connectors.calendar.client import CalendarClient
from shared.connectors.google_oauth.accounts import GoogleAccounts
from shared.domain.workspace import Operator
from shared.ports.calendar import CalendarOf


def google_calendars(*, google_accounts: GoogleAccounts) -> CalendarOf:
    @lru_cache(maxsize=256)
    def calendar(operator: Operator) -> GoogleCalendar:
        return GoogleCalendar(operator=operator, client=CalendarClient(google_accounts.open("calendar", operator=operator)))

    return calendar
