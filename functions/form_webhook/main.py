"""HubSpot's webhooks: POST → stored → lead.received published → 202 with the run id."""

from shared.domain.hints import Parsed
from shared.ports.requests import Asked, Reply
from shared.stages.arriving import intake
from shared.wiring import http_endpoint, ports


@http_endpoint(auth="hubspot-signature", body="hubspot-webhook")
def form_webhook(asked: Asked[Parsed]) -> Reply:
    """202 with one handle per stored event; 200 when there was nothing to store."""
    receipt = intake.receive(
        asked.body,
        hook_token=asked.incoming.path.strip("/"),
        trace_id=asked.trace_id,
        store=ports.store,
        outbox=ports.outbox,
        clock=ports.clock,
    )
    refused = asked.body.refused
    if refused:
        told = "; ".join(one.reason for one in refused)
        ports.log.write("ERROR", "events of a batch refused", function="form_webhook", count=len(refused), detail=told)
    ignored = [one.model_dump() for one in (*receipt.ignored, *refused)]
    if not receipt.run_ids:
        return Reply({"ignored": ignored})
    return Reply({"run_id": receipt.run_ids[0], "run_ids": receipt.run_ids, "ignored": ignored}, status=202)
