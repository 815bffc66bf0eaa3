"""Handlers of pipelines and their stages; a stage or pipeline that records still use cannot be archived."""

from werkzeug.wrappers import Request, Response

from emulators.hubspot.bodies import flag, json_body
from emulators.hubspot.errors import invalid
from emulators.hubspot.guarding import Guard, Table
from emulators.hubspot.schema import ObjectType, kind_of
from emulators.hubspot.state import Portal
from emulators.service import Route, json_response

PREFIXES = ("/crm/v3/pipelines", "/crm/pipelines/2026-09")


class PipelineResponses:
    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def routes(self, guard: Guard) -> list[Route]:
        one, stages = "/<pipeline_id>", "/<pipeline_id>/stages"
        table: Table = [
            ("GET", "", self.page, "list"),
            ("POST", "", self.create, "create"),
            ("GET", one, self.get, "get"),
            ("PATCH", one, self.update, "update"),
            ("PUT", one, self.replace, "replace"),
            ("DELETE", one, self.archive, "archive"),
            ("GET", stages, self.stages, "stages.list"),
            ("POST", stages, self.create_stage, "stages.create"),
            ("GET", f"{stages}/<stage_id>", self.stage, "stages.get"),
            ("PATCH", f"{stages}/<stage_id>", self.update_stage, "stages.update"),
            ("PUT", f"{stages}/<stage_id>", self.update_stage, "stages.replace"),
            ("DELETE", f"{stages}/<stage_id>", self.archive_stage, "stages.archive"),
        ]
        return [
            Route(method, f"{prefix}/<object_type>{rest}", guard(handler), f"pipelines.{action}")
            for prefix in PREFIXES
            for method, rest, handler, action in table
        ]

    def page(self, _request: Request, object_type: str) -> Response:
        return json_response({"results": self.portal.pipelines.all(kind_of(object_type))})

    def get(self, _request: Request, object_type: str, pipeline_id: str) -> Response:
        return json_response(self.portal.pipelines.find(kind_of(object_type), pipeline_id))

    def create(self, request: Request, object_type: str) -> Response:
        now = self.portal.clock.now()
        made = self.portal.pipelines.create(kind_of(object_type), json_body(request), self.portal.new_id(), now)
        return json_response(made, 201)

    def update(self, request: Request, object_type: str, pipeline_id: str) -> Response:
        changes = {key: value for key, value in json_body(request).items() if key != "stages"}
        return json_response(self.portal.pipelines.update(kind_of(object_type), pipeline_id, changes, self.portal.clock.now()))

    def replace(self, request: Request, object_type: str, pipeline_id: str) -> Response:
        body = json_body(request)
        if not isinstance(body.get("stages"), list):
            raise invalid("Invalid input JSON: stages must be an array")
        return json_response(self.portal.pipelines.update(kind_of(object_type), pipeline_id, body, self.portal.clock.now()))

    def archive(self, request: Request, object_type: str, pipeline_id: str) -> Response:
        kind = kind_of(object_type)
        if flag(request, "validateReferencesBeforeDelete"):
            self._refuse_used(kind, 0, pipeline_id)
        self.portal.pipelines.archive(kind, pipeline_id, self.portal.clock.now())
        return Response(status=204)

    def stages(self, _request: Request, object_type: str, pipeline_id: str) -> Response:
        return json_response({"results": self.portal.pipelines.find(kind_of(object_type), pipeline_id)["stages"]})

    def stage(self, _request: Request, object_type: str, pipeline_id: str, stage_id: str) -> Response:
        return json_response(self.portal.pipelines.stage(kind_of(object_type), pipeline_id, stage_id))

    def create_stage(self, request: Request, object_type: str, pipeline_id: str) -> Response:
        body, now = json_body(request), self.portal.clock.now()
        return json_response(self.portal.pipelines.create_stage(kind_of(object_type), pipeline_id, body, self.portal.new_id(), now), 201)

    def update_stage(self, request: Request, object_type: str, pipeline_id: str, stage_id: str) -> Response:
        body, now = json_body(request), self.portal.clock.now()
        return json_response(self.portal.pipelines.update_stage(kind_of(object_type), pipeline_id, stage_id, body, now))

    def archive_stage(self, _request: Request, object_type: str, pipeline_id: str, stage_id: str) -> Response:
        kind = kind_of(object_type)
        self._refuse_used(kind, 1, stage_id)
        self.portal.pipelines.archive_stage(kind, pipeline_id, stage_id)
        return Response(status=204)

    def _refuse_used(self, kind: ObjectType, which: int, value: str) -> None:
        name = (kind.pipeline or ("", ""))[which]
        used = sorted(record.id for record in self.portal.records.alive(kind) if record.properties.get(name) == value)
        if used:
            raise invalid(f"{value} is still used by {kind.name} {', '.join(used)}", context={"ids": used})
