"""The sync-mailbox queue → who has written, and what operators did with our drafts, is known."""

from shared.runtime.delivery import Delivery
from shared.stages.listening.sync_mailbox import sync_mailbox as sync
from shared.wiring import on_task, ports


@on_task
def sync_mailbox(delivery: Delivery) -> None:
    done = sync(delivery.work, store=ports.store, clock=ports.clock, mailbox=ports.mailbox, audit=ports.audit)
    ports.log.write("INFO", "mailboxes read", function="sync_mailbox", count=done.read)
    for operator_id in done.disconnected:
        ports.log.write(
            "ERROR", "a mailbox has to be connected again: nothing leaves from it", function="sync_mailbox", operator=operator_id
        )
    if done.postponed:
        ports.log.write("WARNING", "mailboxes wait for the next round", function="sync_mailbox", count=len(done.postponed))
