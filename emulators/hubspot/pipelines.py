"""The pipelines of deals and tickets with their stages: the ones every portal has and those that were created. Pure state."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from emulators.hubspot.errors import HubSpotError, invalid, invalid_properties
from emulators.hubspot.schema import OBJECT_TYPES, ObjectType
from emulators.hubspot.stamps import iso

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
DEAL_STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"),
    ("closedwon", "Closed Won", "1.0"),
    ("closedlost", "Closed Lost", "0.0"),
)
TICKET_STAGES = (("1", "New", "OPEN"), ("2", "Waiting on contact", "OPEN"), ("3", "Waiting on us", "OPEN"), ("4", "Closed", "CLOSED"))
Row = dict[str, Any]


class Pipelines:
    """Pipelines by object type and id, each with its stages in display order."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Row]] = {kind.name: {} for kind in OBJECT_TYPES if kind.pipeline}
        self._rows["deals"]["default"] = _pipeline("default", "Sales Pipeline", 0, [_deal_stage(*one) for one in DEAL_STAGES], LONG_AGO)
        self._rows["tickets"]["0"] = _pipeline("0", "Support Pipeline", 0, [_ticket_stage(*one) for one in TICKET_STAGES], LONG_AGO)

    def all(self, kind: ObjectType) -> list[Row]:
        return sorted((one for one in self._table(kind).values() if not one["archived"]), key=lambda one: int(one["displayOrder"]))

    def find(self, kind: ObjectType, pipeline_id: str) -> Row:
        found = self._table(kind).get(pipeline_id)
        if found is None or found["archived"]:
            raise HubSpotError(404, f"No pipeline {pipeline_id} of {kind.name}", category="OBJECT_NOT_FOUND")
        return found

    def stage(self, kind: ObjectType, pipeline_id: str, stage_id: str) -> Row:
        stages: list[Row] = self.find(kind, pipeline_id)["stages"]
        found = next((one for one in stages if one["id"] == stage_id), None)
        if found is None:
            raise HubSpotError(404, f"No stage {stage_id} in pipeline {pipeline_id}", category="OBJECT_NOT_FOUND")
        return found

    def create(self, kind: ObjectType, given: Mapping[str, Any], new_id: str, now: datetime) -> Row:
        label = _label(given)
        if any(one["label"] == label for one in self.all(kind)):
            raise HubSpotError(409, f"A pipeline with the label {label!r} already exists", category="CONFLICT")
        stages = [_stage(one, f"{new_id}{index}", kind, now) for index, one in enumerate(given.get("stages") or ())]
        made = _pipeline(new_id, label, int(given.get("displayOrder", -1)), stages, now)
        self._table(kind)[new_id] = made
        return made

    def update(self, kind: ObjectType, pipeline_id: str, given: Mapping[str, Any], now: datetime) -> Row:
        """A PATCH changes what it names; a PUT, which has `stages`, replaces those as well."""
        row = self.find(kind, pipeline_id)
        row.update({key: given[key] for key in ("label", "displayOrder", "archived") if key in given}, updatedAt=iso(now))
        if "stages" in given:
            row["stages"] = [_stage(one, f"{pipeline_id}{index}", kind, now) for index, one in enumerate(given["stages"])]
        return row

    def archive(self, kind: ObjectType, pipeline_id: str, now: datetime) -> None:
        row = self._table(kind).get(pipeline_id)
        if row is not None:
            row.update(archived=True, archivedAt=iso(now))

    def create_stage(self, kind: ObjectType, pipeline_id: str, given: Mapping[str, Any], new_id: str, now: datetime) -> Row:
        stages = self.find(kind, pipeline_id)["stages"]
        if any(one["label"] == given.get("label") for one in stages):
            raise HubSpotError(409, f"A stage with the label {given['label']!r} already exists", category="CONFLICT")
        stages.append(_stage(given, new_id, kind, now))
        return dict(stages[-1])

    def update_stage(self, kind: ObjectType, pipeline_id: str, stage_id: str, given: Mapping[str, Any], now: datetime) -> Row:
        row = self.stage(kind, pipeline_id, stage_id)
        metadata = {**row["metadata"], **_metadata(given, kind)} if "metadata" in given else row["metadata"]
        changed = {key: given[key] for key in ("label", "displayOrder", "archived") if key in given}
        row.update(changed, metadata=metadata, updatedAt=iso(now))
        return row

    def archive_stage(self, kind: ObjectType, pipeline_id: str, stage_id: str) -> None:
        row = self.find(kind, pipeline_id)
        row["stages"] = [one for one in row["stages"] if one["id"] != stage_id]

    def placed(self, kind: ObjectType, values: Mapping[str, str]) -> dict[str, str]:
        """These values with what follows from pipeline and stage; HubSpotError for a stage the pipeline does not have."""
        if kind.pipeline is None or not any(values.get(name) for name in kind.pipeline):
            return dict(values)
        pipeline_name, stage_name = kind.pipeline
        pipeline_id = values.get(pipeline_name) or self.all(kind)[0]["id"]
        rows = {one["id"]: one for one in self.all(kind)}
        if pipeline_id not in rows:
            raise _invalid_option(pipeline_name, pipeline_id, list(rows))
        stage_id = values.get(stage_name, "")
        stages = {one["id"]: one for one in rows[pipeline_id]["stages"]}
        if stage_id and stage_id not in stages:
            raise _invalid_option(stage_name, stage_id, list(stages))
        return {**values, pipeline_name: pipeline_id, **_closed(kind, stages.get(stage_id))}

    def dump(self) -> dict[str, list[Row]]:
        return {kind: list(rows.values()) for kind, rows in self._rows.items()}

    def load(self, data: Mapping[str, list[Row]]) -> None:
        self._rows = {kind: {row["id"]: row for row in rows} for kind, rows in data.items()}

    def _table(self, kind: ObjectType) -> dict[str, Row]:
        if kind.name not in self._rows:
            raise invalid(f"Object type {kind.name} has no pipelines")
        return self._rows[kind.name]


def _pipeline(pipeline_id: str, label: str, order: int, stages: list[Row], now: datetime) -> Row:
    numbered = [{**stage, "displayOrder": stage.get("displayOrder", index)} for index, stage in enumerate(stages)]
    return {"id": pipeline_id, "label": label, "displayOrder": order, "stages": numbered, "archived": False, **_stamped(now)}


def _stage(given: Mapping[str, Any], new_id: str, kind: ObjectType, now: datetime) -> Row:
    order = int(given.get("displayOrder", -1))
    row = {"id": str(given.get("stageId") or new_id), "label": _label(given), "displayOrder": order, "metadata": _metadata(given, kind)}
    return {**row, "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT", "archived": False, **_stamped(now)}


def _deal_stage(stage_id: str, label: str, probability: str) -> Row:
    return _built_in(stage_id, label, {"isClosed": str(stage_id.startswith("closed")).lower(), "probability": probability})


def _ticket_stage(stage_id: str, label: str, state: str) -> Row:
    return _built_in(stage_id, label, {"isClosed": str(state == "CLOSED").lower(), "ticketState": state})


def _built_in(stage_id: str, label: str, metadata: Mapping[str, str]) -> Row:
    row = {"id": stage_id, "label": label, "metadata": dict(metadata), "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT"}
    return {**row, "archived": False, **_stamped(LONG_AGO)}


def _metadata(given: Mapping[str, Any], kind: ObjectType) -> dict[str, str]:
    """A deal's stage needs a probability from 0.0 to 1.0 in steps of a tenth."""
    metadata = {key: str(value) for key, value in (given.get("metadata") or {}).items()}
    if kind.name == "deals":
        probability = metadata.get("probability", "")
        if probability not in {f"{step / 10:.1f}" for step in range(11)} | {"0", "1"}:
            raise invalid("Deal stages need a metadata.probability between 0.0 and 1.0", context={"probability": [probability]})
        metadata["isClosed"] = str(float(probability) in (0.0, 1.0)).lower()
    elif "ticketState" in metadata:
        metadata["isClosed"] = str(metadata["ticketState"] == "CLOSED").lower()
    return metadata


def _closed(kind: ObjectType, stage: Row | None) -> dict[str, str]:
    if stage is None:
        return {}
    closed = str(stage["metadata"].get("isClosed", "false"))
    if kind.name != "deals":
        return {"hs_is_closed": closed}
    probability = str(stage["metadata"]["probability"])
    won = str(float(probability) == 1.0).lower()
    return {"hs_is_closed": closed, "hs_is_closed_won": won, "hs_deal_stage_probability": probability}


def _label(given: Mapping[str, Any]) -> str:
    if not given.get("label"):
        raise invalid("Invalid input JSON: a label is required")
    return str(given["label"])


def _stamped(now: datetime) -> dict[str, str]:
    return {"createdAt": iso(now), "updatedAt": iso(now)}


def _invalid_option(name: str, value: str, allowed: list[str]) -> HubSpotError:
    return invalid_properties([(name, "INVALID_OPTION", f"{value} was not one of the allowed options: {allowed}")])
