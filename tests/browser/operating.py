"""The queue as a person meets it: keys, rows, the draft beside them; and the world behind it. Used by the tests in this folder."""

import json
from typing import Any

from playwright.sync_api import Locator, Page, expect

from infra.suite import Suite
from shared.domain.draft import Draft
from shared.domain.policy import CURRENT, Mode, Policy, Rules
from shared.ports.store import Put
from tests.pipeline.world import JONAS, World

IDA, LEA, TOM = "ida.vang@halden-foods.example", "lea.moreau@brightloom.example", "tom.okafor@northquay.example"
WRITERS = (
    (JONAS, "Jonas", "Keller", "Our board meets soon. Could we see a demo that shows how promotions are handled for chilled products?"),
    (IDA, "Ida", "Vang", "What does it cost for 40 users?"),
    (LEA, "Léa", "Moreau", "We would like to know how you forecast new products."),
    (TOM, "Tom", "Okafor", "<b>Hello</b> <script>document.title='owned'</script> can we talk?"),
)
SLOW = """
const real = window.fetch;
window.fetch = (...asked) => new Promise((go) => setTimeout(go, 300)).then(() => real(...asked));
"""


class QueueWorld(World):
    """Four people have written; the newest of them stands first in the queue."""

    def __init__(self, suite: Suite) -> None:
        super().__init__(suite)
        for email, first, last, message in WRITERS:
            self.submit(email, firstname=first, lastname=last, message=message)
            self.settle()
            self.advance(minutes=7)
        self.start = suite.clock.now()
        self._baseline = json.dumps({name: service.dump() for name, service in suite.emulators.items() if name != "oidc"})

    def draft_to(self, recipient: str) -> Draft:
        [found] = [one for one in self.drafts if one.recipient == recipient]
        return found

    def change(self, draft: Draft, **changes: Any) -> Draft:
        changed = draft.model_copy(update=changes)
        self.store.commit(Put(changed))
        return changed

    def allow_sending(self) -> None:
        rules = Rules(mode=Mode.SEND_ALLOWED, allowed_recipients=tuple(one[0] for one in WRITERS))
        self.store.commit(Put(Policy(id=CURRENT, workspace_id=self.workspace_id, version=1, rules=rules)))

    def fill(self, count: int, **changes: Any) -> list[Draft]:
        """So many more drafts, all like Léa's."""
        like = self.draft_to(LEA)
        more = [{"id": f"draft_more{number:03d}", "recipient_name": f"Person {number:03d}", **changes} for number in range(count)]
        drafts = [like.model_copy(update=one) for one in more]
        self.store.commit(*(Put(one) for one in drafts))
        return drafts


class Operating:
    """One tab."""

    def __init__(self, page: Page, world: QueueWorld, *, scripts: bool = True) -> None:
        self.page, self.world, self.scripts = page, world, scripts
        self.noise: list[str] = []
        page.on("console", lambda message: self.noise.append(message.text))
        page.on("pageerror", lambda error: self.noise.append(str(error)))

    @property
    def url(self) -> str:
        return f"{self.world.suite.urls['functions']}/console"

    def sign_in(self) -> None:
        self.page.goto(self.url)
        self.page.get_by_role("button", name="Mara Lindqvist").click()
        expect(self.rows.first).to_be_visible()
        self.ready()

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)
        self.ready()

    def reload(self) -> None:
        self.page.reload()
        self.ready()

    def ready(self) -> None:
        """The page's script listens: a key pressed before that is lost."""
        if self.scripts and self.page.locator("#rows").count():
            expect(self.page.locator("body[data-ready]")).to_be_attached()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def rows(self) -> Locator:
        return self.page.locator("#rows > li:visible")

    @property
    def names(self) -> list[str]:
        return self.page.locator("#rows > li:visible .name").all_text_contents()

    @property
    def selected(self) -> Locator:
        return self.page.locator("#rows > li[aria-current] .name")

    @property
    def draft(self) -> Locator:
        return self.page.locator("#draft")

    @property
    def toast(self) -> Locator:
        return self.page.locator("#toasts")

    @property
    def alert(self) -> Locator:
        return self.page.locator("#alerts")

    def shows(self, name: str) -> None:
        """The row of that person is selected, and their draft stands beside it."""
        expect(self.selected, self.alert.inner_text()).to_have_text(name)
        expect(self.draft.locator(".whom h2")).to_have_text(name)

    def post(self, path: str, *, site: str = "same-origin", **form: str) -> Any:
        """As a script of ours would ask, with the cookie of this tab; another `site` is what a browser says of another."""
        headers = {"Sec-Fetch-Site": site, "Accept": "application/json"}
        return self.page.request.post(self.url + path, form=form, headers=headers, max_redirects=0)

    def violations(self, axe: str) -> list[str]:
        """What axe-core finds, in one line each."""
        expect(self.page.locator(".htmx-request")).to_have_count(0)  # what is still being loaded is dimmed
        self.page.evaluate(axe)
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [f"{one['id']}: {node['html'][:120]} {node['failureSummary']}" for one in found["violations"] for node in one["nodes"]]

    def look_again(self) -> None:
        """What a poll does, without waiting for one; nothing else happens at the very moment of the frozen clock."""
        self.world.advance(seconds=1)
        with self.page.expect_response("**/queue/live*"):
            self.page.evaluate("dispatchEvent(new Event('online'))")
