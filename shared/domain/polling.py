"""Reading the forms' submissions again and again: how far we are with each form, and what came of it."""

from datetime import datetime, timedelta
from typing import ClassVar, Self

from shared.domain.entity import Entity, Value

RIPE = timedelta(minutes=1)
"""Younger submissions are left to their webhooks: by then those have come, as a rule."""
OVERLAP, ONCE_A_DAY = timedelta(hours=1), timedelta(hours=26)
"""How far behind the last submission a look reaches: submissions may appear late, or be stamped by whoever hands them in."""
SILENCE = timedelta(hours=1)
FORMS = "forms"


class FormWatch(Value):
    """One form. What was submitted before `since` starts no run; up to `cursor` everything is stored as a hint or known."""

    form_id: str
    since: datetime
    cursor: datetime
    page: str = ""  # where an unfinished walk goes on; empty: the last one reached the cursor
    heading: datetime | None = None  # where the cursor goes when the walk is finished
    reached: datetime | None = None  # how far down the unfinished walk has come
    tried_at: datetime | None = None
    gone: bool = False  # HubSpot does not know it (any more)

    def floor(self, *, wide: bool) -> datetime:
        """How far back to look."""
        return max(self.since, self.cursor - (ONCE_A_DAY if wide else OVERLAP))

    def counts(self, moment: datetime) -> bool:
        """Not seen before; what came meanwhile has moved the pages of an unfinished walk."""
        return moment > self.cursor and (self.reached is None or moment < self.reached)

    def after_page(self, heading: datetime, *, next_page: str, reached: datetime | None) -> Self:
        """The walk goes on at `next_page`, or is finished when there is none."""
        unfinished = {"page": next_page, "heading": heading, "reached": reached}
        finished = {"page": "", "heading": None, "reached": None, "cursor": heading}
        return self.model_copy(update={"gone": False, **(unfinished if next_page else finished)})

    def refused(self) -> Self:
        """Nothing is shown of it: it is gone, or the page it once named is, and the walk begins anew."""
        return self.model_copy(update={"gone": not self.page, "page": "", "heading": None, "reached": None})


class FormPolls(Entity):
    """`polls/forms`. The counts are of submissions: seen, and stored by the poll because nobody had announced them."""

    collection: ClassVar[str] = "polls"

    since: datetime
    watches: tuple[FormWatch, ...] = ()
    polled_at: datetime | None = None  # when the last look began that reached every form
    seen: int = 0
    repaired: int = 0
    waiting: int = 0  # of the last look: announced by an earlier one, and still without a run
    trouble: str = ""  # what kept the last look from every form

    def silent(self, now: datetime) -> bool:
        """Nobody would notice a lost webhook."""
        return now - (self.polled_at or self.since) > SILENCE

    def watching(self, form_ids: tuple[str, ...]) -> Self:
        """These forms and no others. A form we have never seen had no submissions for us before the last look."""
        known, since = {one.form_id: one for one in self.watches}, self.polled_at or self.since
        watches = tuple(known.get(id) or FormWatch(form_id=id, since=since, cursor=since) for id in form_ids)
        return self.model_copy(update={"watches": watches})

    def with_watch(self, watch: FormWatch, **changes: object) -> Self:
        watches = tuple(watch if one.form_id == watch.form_id else one for one in self.watches)
        return self.model_copy(update={"watches": watches, **changes})
