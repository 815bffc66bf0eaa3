"""The crm queue → a note, a task and a few properties in HubSpot, once each."""

from shared.runtime.delivery import Delivery
from shared.stages.drafting.log_to_crm import log_to_crm as log_run
from shared.wiring import on_task, ports


@on_task
def log_to_crm(delivery: Delivery) -> None:
    log_run(delivery.work, store=ports.store, clock=ports.clock, crm=ports.crm, crm_hygiene=ports.crm_hygiene)
