"""functions/README.md: the pipeline drawn and told from the manifests."""

import random

from infra.manifests import Manifest, Trigger, TriggerKind
from infra.readme import in_pipeline_order, readme


def manifest(name: str, kind: TriggerKind, value: str, *, publishes: tuple[str, ...] = (), enqueues: tuple[str, ...] = ()) -> Manifest:
    return Manifest(
        name=name,
        description=f"Does what {name} does.",
        trigger=Trigger(kind, value),
        publishes=publishes,
        enqueues=enqueues,
        uses=(),
        secrets=(),
        roles=(),
        cpu=1,
        memory_mb=512,
        concurrency=1,
        min_instances=0,
        timeout_s=60,
    )


PIPELINE = [
    manifest("form_webhook", TriggerKind.HTTP, "public", publishes=("lead.received",)),
    manifest("plan", TriggerKind.TOPIC, "lead.received", publishes=("lead.planned",)),
    manifest("draft", TriggerKind.TOPIC, "lead.planned", enqueues=("crm",)),
    manifest("log_to_crm", TriggerKind.QUEUE, "crm"),
    manifest("api", TriggerKind.HTTP, "public"),
    manifest("dead_letter", TriggerKind.DEAD_LETTERS, "all"),
    manifest("sweep", TriggerKind.SCHEDULE, "* * * * *"),
]


def test_functions_stand_in_the_order_a_lead_passes_them() -> None:
    shuffled = random.Random(1).sample(PIPELINE, len(PIPELINE))
    names = [one.name for one in in_pipeline_order(shuffled)]
    assert names == ["form_webhook", "plan", "draft", "log_to_crm", "api", "dead_letter", "sweep"]


def test_functions_that_call_each_other_in_a_circle_are_each_listed_once() -> None:
    ring = [
        manifest("ask", TriggerKind.TOPIC, "b.done", publishes=("a.done",)),
        manifest("answer", TriggerKind.TOPIC, "a.done", publishes=("b.done",)),
    ]
    assert sorted(one.name for one in in_pipeline_order(ring)) == ["answer", "ask"]


def test_the_picture_has_an_arrow_for_every_event_and_task() -> None:
    text = readme({one.name: one for one in PIPELINE})
    for arrow in (
        'public(["HTTP, public"]) --> form_webhook',
        'form_webhook -->|"lead.received"| plan',
        'draft -->|"crm"| log_to_crm',
        'clock_sweep(["* * * * *"]) --> sweep',
        'dead(["dead letters of every subscription"]) --> dead_letter',
    ):
        assert f"    {arrow}\n" in text


def test_an_event_nobody_listens_to_is_drawn_as_such() -> None:
    alone = manifest("plan", TriggerKind.HTTP, "private", publishes=("lead.planned",))
    assert 'plan -->|"lead.planned"| nobody(["no listener yet"])' in readme({"plan": alone})


def test_the_table_tells_trigger_and_what_follows() -> None:
    row = "| [`draft`](draft/main.py) | Does what draft does. | topic `lead.planned` |  | `crm` |"
    assert row in readme({one.name: one for one in PIPELINE}).splitlines()
