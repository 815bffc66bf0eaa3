"""What stands below a mail because the recipient's law or the workspace wants it: who writes, from where, and how to make it stop."""

from html import escape

from shared.domain.entity import Value


class Footer(Value):
    """As it was when the mail was written; empty parts are not shown. Part of a draft, and of what is approved."""

    identity: str = ""  # who writes: the firm, as the law knows it
    postal_address: str = ""  # on one line
    reason: str = ""  # why they get this mail, and where their address is from
    disclosure: str = ""  # that software had a part in writing it
    opt_out: str = ""  # https URL of one click (RFC 8058); also in the header

    @property
    def lines(self) -> tuple[str, ...]:
        """The words alone, without the way to make it stop."""
        sender = ", ".join(one for one in (self.identity, self.postal_address) if one)
        return tuple(one for one in (sender, self.reason, self.disclosure) if one)

    @property
    def told(self) -> tuple[str, ...]:
        """Everything a recipient sees of it."""
        return (self.identity, self.postal_address, self.reason, self.disclosure, self.opt_out)

    @property
    def text(self) -> str:
        return "\n".join((*self.lines, *([f"Unsubscribe: {self.opt_out}"] if self.opt_out else [])))

    @property
    def html(self) -> str:
        words = [escape(one) for one in self.lines]
        stop = [f'<a href="{escape(self.opt_out)}">Unsubscribe</a>'] if self.opt_out else []
        return '<div style="color:#666;font-size:12px">' + "<br>\n".join((*words, *stop)) + "</div>"
