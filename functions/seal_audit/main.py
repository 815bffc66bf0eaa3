"""Every minute: what was committed to the audit log since is sealed, its head goes to the vault; once a day what is too old is dropped."""

from datetime import timedelta

from shared.stages.audit.seal import seal_audit as seal_logs
from shared.wiring import on_schedule, ports


@on_schedule
def seal_audit() -> None:
    keep = timedelta(days=ports.settings.audit_retention_days)
    done = seal_logs(store=ports.store, keys=ports.audit_keys, vault=ports.vault, clock=ports.clock, keep=keep)
    for trouble in done.troubles:
        ports.log.write("ERROR", "audit log not sealed", function="seal_audit", detail=trouble)
    ports.log.write("INFO", "audit log sealed", function="seal_audit", count=done.blocks)
