"""The two pages a person sees: whose account and which access to give, and why that cannot be."""

from collections.abc import Iterable
from html import escape

from emulators.oauth2.consent import Asked

HEAD = "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Sign in - Google Accounts (emulated)</title></head><body><main>"
FOOT = "</main></body></html>"


def consent(asked: Asked, accounts: Iterable[str]) -> str:
    """Accounts to choose from, scopes to tick, Allow and Cancel; posts back to where it came from."""
    hidden = "".join(f"<input type='hidden' name='{escape(name)}' value='{escape(value)}'>" for name, value in asked.fields.items())
    wanted = asked.fields.get("login_hint", "")
    options = "".join(f"<option{' selected' if one == wanted else ''}>{escape(one)}</option>" for one in accounts)
    ticks = "".join(
        f"<p><label><input type='checkbox' name='granted' value='{escape(scope)}' checked> {escape(scope)}</label></p>"
        for scope in asked.scopes
    )
    choice = f"<p><label>Account <select name='account'>{options}</select></label></p>"
    buttons = "<button name='decision' value='allow'>Allow</button> <button name='decision' value='deny'>Cancel</button>"
    form = f"<form method='post' action='/o/oauth2/v2/auth'>{hidden}{choice}{ticks}{buttons}</form>"
    return f"{HEAD}<h1>{escape(asked.client_id)} wants to access your Google Account</h1>{form}{FOOT}"


def refusal(status: int, code: str, description: str) -> str:
    return f"{HEAD}<h1>Access blocked: authorization error</h1><p>{escape(description)}</p><p>Error {status}: {escape(code)}</p>{FOOT}"
