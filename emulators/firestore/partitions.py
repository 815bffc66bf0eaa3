"""Where to cut a collection group so that several readers share it: cursors at even distances, in pages."""

from itertools import islice

from emulators.firestore.errors import InvalidArgument
from emulators.firestore.fields import NAME
from emulators.firestore.queries import Plan
from emulators.firestore.state import Reading
from emulators.firestore.values import reference_key
from emulators.firestore.wire import PartitionQueryResponse, Pb, Value


def partitions_page(plan: Plan, reading: Reading, request: Pb) -> Pb:
    """At most `partition_count` cursors, each the first document of the part behind it; the token is the last name of a page."""
    _check(plan, request)
    names = [record.name for record in plan.matching(reading)]
    parts = min(request.partition_count + 1, len(names))
    cuts = [names[len(names) * number // parts] for number in range(1, parts)]
    left = [name for name in cuts if not request.page_token or reference_key(name) > reference_key(request.page_token)]
    page = list(islice(left, request.page_size or None))
    token = page[-1] if len(page) < len(left) else ""
    cursors = [{"values": [Value(reference_value=name)], "before": True} for name in page]
    return PartitionQueryResponse(partitions=cursors, next_page_token=token)


def _check(plan: Plan, request: Pb) -> None:
    query = plan.query
    by_name = [(order.path, order.descending) for order in plan.orders] == [(NAME, False)]
    everything = not (query.HasField("where") or query.HasField("start_at") or query.HasField("end_at") or plan.counts)
    if not (plan.scope.all_descendants and by_name and everything):
        raise InvalidArgument("A partition query must be a collection group, ordered by name ascending, and nothing else.")
    if request.partition_count <= 0:
        raise InvalidArgument("The partition count of a partition query must be greater than zero.")
    if request.page_size < 0:
        raise InvalidArgument("The page size may not be negative.")
