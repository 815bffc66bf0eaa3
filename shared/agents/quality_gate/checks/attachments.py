"""Check that only documents found for this draft, and meant to be shared, go with it."""

from collections.abc import Iterator

from shared.agents.quality_gate.findings import fail
from shared.agents.quality_gate.material import Material
from shared.domain.enclosures import refusal
from shared.domain.verdict import Violation


def attachment(material: Material) -> Iterator[Violation]:
    """Every attachment is a shareable asset of the context, under its own name and address."""
    assets = {one.file_id: one for one in material.context.assets}
    for one in material.draft.text.attachments:
        asset = assets.get(one.file_id)
        if asset is None:
            reason = f"“{one.name}” is not among the documents found for this draft."
        elif not asset.shareable:
            reason = f"“{one.name}” is not meant to leave the company."
        elif (one.name, one.url) != (asset.name, asset.url):
            reason = f"“{one.name}” does not lead to the document it claims to be."
        else:
            continue
        yield fail("attachment", reason=reason, suggestion="Remove it, or choose a document from the shareable folders.", quote=one.name)
    if unfit := refusal(material.draft.text.files):
        yield fail("attachment", reason=f"{unfit[0].upper()}{unfit[1:]}.", suggestion="Let it stand as a link.", quote="")
