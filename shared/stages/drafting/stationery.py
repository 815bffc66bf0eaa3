"""What stands around the text of a mail, decided wherever a text is written: by the draft stage, by edit and by regenerate."""

from shared.domain.draft import Draft
from shared.domain.footer import Footer
from shared.domain.ids import DraftId
from shared.domain.lawful_basis import Footing
from shared.domain.lawfulness import footer_of, may_be_watched
from shared.domain.links import Link, LinkKind
from shared.domain.policy import Rules, Stance
from shared.domain.tracked import Tracking
from shared.domain.workspace import Workspace
from shared.ports.links import Links
from shared.stages.drafting.tracing import tracked_of


class Stationery:
    """`links` are asked only for a mail that carries one."""

    def __init__(self, *, links: Links) -> None:
        self._links = links

    def around(self, draft: Draft, *, workspace: Workspace, footing: Footing, rules: Rules) -> Draft:
        """The draft with what stands around its text by these rules. Permanent when it needs a link and the workspace has no key for it."""
        footer = self._footer(draft, workspace, footing, rules)
        tracking = rules.tracking if may_be_watched(rules.compliance, footing) else Tracking()
        return draft.model_copy(update={"footer": footer, "tracked": tracked_of(draft, tracking, self._links)})

    def _footer(self, draft: Draft, workspace: Workspace, footing: Footing, rules: Rules) -> Footer | None:
        sender = Footer(identity=workspace.known_as, postal_address=workspace.postal_address)
        unseen = rules.auto_approval.stance is Stance.ACT
        footer = footer_of(rules.compliance, footing, sender=sender, touch=draft.touch, unseen=unseen, now=draft.created_at)
        if footer is None or not footer.identity:
            return footer
        return footer.model_copy(update={"opt_out": self._opt_out(draft)})

    def _opt_out(self, draft: Draft) -> str:
        """The same for every text of a draft: a mail that has left keeps its way to make it stop."""
        link = Link(kind=LinkKind.OPT_OUT, workspace_id=draft.workspace_id, draft_id=DraftId(draft.id), recipient=draft.recipient)
        return self._links.address_of(link=link)
