"""SendGrid's Event Webhook: POST of a signed batch → sends settled or failed, people suppressed → 200."""

from shared.domain.carrying import CarrierEvent
from shared.ports.requests import Asked, Reply
from shared.stages.sending.carried import hear_carrier
from shared.wiring import http_endpoint, ports


@http_endpoint(auth="sendgrid-signature", body="sendgrid-events")
def sendgrid_events(asked: Asked[tuple[CarrierEvent, ...]]) -> Reply:
    """200 with how many were new to us; 503 asks for the batch again."""
    if asked.caller.workspace_id is None:
        return Reply({"heard": 0})
    return Reply({"heard": hear_carrier(asked.body, workspace_id=asked.caller.workspace_id, desk=ports.carrier_desk)})
