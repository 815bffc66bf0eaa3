"""The durable write of form_webhook without form_webhook: the same calls of the same clients, no signature, no models, no log."""

import json
import os
from typing import Any

import grpc
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore
from google.pubsub_v1.services.publisher import PublisherClient
from google.pubsub_v1.services.publisher.transports.grpc import PublisherGrpcTransport
from google.pubsub_v1.types import PubsubMessage

PROJECT = os.environ["GOOGLE_CLOUD_PROJECT"]
DATABASE = firestore.Client(project=PROJECT, credentials=AnonymousCredentials())
PUBLISHER = PublisherClient(transport=PublisherGrpcTransport(channel=grpc.insecure_channel(os.environ["PUBSUB_EMULATOR_HOST"])))
TOPIC = f"projects/{PROJECT}/topics/lead.received"
OPTIONS: dict[str, Any] = {"retry": None, "timeout": 10.0}


def bare(request: Any) -> tuple[str, int]:
    """One read, one commit of two documents, one message, one commit that deletes."""
    [event] = json.loads(request.get_data())
    DATABASE.collection("portals").document(str(event["portalId"])).get(**OPTIONS)
    workspace = DATABASE.collection("workspaces").document("bare")
    stored = workspace.collection("events").document(str(event["eventId"]))
    owed = workspace.collection("outbox").document(f"{event['eventId']}-received")
    writing = DATABASE.batch()
    writing.create(stored, event)
    writing.create(owed, {"channel": "event", "destination": "lead.received", "payload": {"id": stored.id}})
    writing.commit(**OPTIONS)
    PUBLISHER.publish(topic=TOPIC, messages=[PubsubMessage(data=json.dumps({"id": stored.id}).encode())], **OPTIONS)
    forgetting = DATABASE.batch()
    forgetting.delete(owed)
    forgetting.commit(**OPTIONS)
    return "", 202
