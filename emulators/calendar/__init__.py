"""Google Calendar API v3: calendars, events, free/busy and the time-zone setting."""
