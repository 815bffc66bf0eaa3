"""What each part of a Google account needs; used by consents, delegation and their checks."""

from shared.domain.connections import Part

SCOPES = {
    Part.MAILBOX: "https://www.googleapis.com/auth/gmail.modify",
    Part.CALENDAR: "https://www.googleapis.com/auth/calendar.events",
    Part.DRIVE: "https://www.googleapis.com/auth/drive.readonly",
}
"""The least that does what we do: https://developers.google.com/identity/protocols/oauth2/scopes"""
WIDER = {
    Part.MAILBOX: "https://mail.google.com/",
    Part.CALENDAR: "https://www.googleapis.com/auth/calendar",
    Part.DRIVE: "https://www.googleapis.com/auth/drive",
}
"""Holds the other one."""
