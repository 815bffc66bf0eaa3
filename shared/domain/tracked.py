"""What lets us see that a mail was opened or a link followed. Off by default; part of a draft, so that it is approved with it."""

from shared.domain.entity import Value


class TrackedLink(Value):
    """A link of the text, and the address of ours that leads there."""

    url: str
    through: str


class Tracked(Value):
    """Empty parts are not looked for. The words a person reads stay as they are: only the HTML leads through us."""

    picture: str = ""  # URL of the picture nobody sees
    links: tuple[TrackedLink, ...] = ()
    decoy: str = ""  # URL of a link no person can see

    @property
    def told(self) -> tuple[str, ...]:
        return (self.picture, self.decoy, *(part for one in self.links for part in (one.url, one.through)))


class Tracking(Value):
    """What of a policy is about it. People are watched by nobody who has not decided to: all off by default."""

    opens: bool = False  # a picture nobody sees
    clicks: bool = False  # links lead through us, and one of them is there for machines alone
