"""The canary: a submission of our own that takes a contact's way through the pipeline. Light: the webhook recognises it."""

from shared.domain.hints import HintSource, ParsedHint
from shared.domain.submission import CANARY_FORM, FormEntry, FormField

ADDRESS = "canary@sales-agent.invalid"
"""Reserved by https://www.rfc-editor.org/rfc/rfc2606 for what nobody can ever own: no mail could reach anybody."""
ANSWERS = {
    "firstname": "Robin",
    "lastname": "Canary",
    "message": "This is a check of ours that no person stands behind. Could you show us how a pilot works?",
}
STOPPED = "a canary: it stops here, nothing is placed and nothing is written to the CRM"


def recognised(announced: ParsedHint) -> ParsedHint:
    """A webhook that announces a canary carries its submission: no CRM knows it. Anything else is returned as it came."""
    if announced.form_id != CANARY_FORM or announced.email != ADDRESS or announced.submitted_at is None:
        return announced
    fields = tuple(FormField(name=name, value=value) for name, value in {"email": ADDRESS, **ANSWERS}.items())
    entry = FormEntry(form_id=CANARY_FORM, form_name="Canary", submitted_at=announced.submitted_at, email=ADDRESS, fields=fields)
    return announced.model_copy(update={"source": HintSource.CANARY, "entry": entry})
