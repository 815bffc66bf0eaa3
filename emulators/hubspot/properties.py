"""The property definitions of a portal: those every portal has and those that were created, with their groups. Pure state."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from emulators.hubspot.errors import HubSpotError, invalid
from emulators.hubspot.schema import BY_ALIAS, DATES, FLAGS, NUMBERS, OBJECT_TYPES, READ_ONLY, ObjectType
from emulators.hubspot.stamps import iso

FIELDS = {
    "string": ("text", "textarea", "file", "phonenumber", "html"),
    "number": ("number", "calculation_equation"),
    "date": ("date",),
    "datetime": ("date",),
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox", "calculation_equation"),
    "bool": ("booleancheckbox", "calculation_equation"),
}
"""The field types each value type may be edited with."""

YES_NO = ({"label": "Yes", "value": "true"}, {"label": "No", "value": "false"})
Definition = dict[str, Any]


class Properties:
    """Definitions by object type and name, as the API shows them."""

    def __init__(self) -> None:
        self._custom: dict[str, dict[str, Definition]] = {}
        self._groups: dict[str, dict[str, Definition]] = {}
        self._known = {kind.name: {name: _built_in(kind, name) for name in sorted(kind.known)} for kind in OBJECT_TYPES}

    def of(self, kind: ObjectType) -> Mapping[str, Definition]:
        """Every definition that is not archived."""
        live = {name: one for name, one in self._custom.get(kind.name, {}).items() if not one["archived"]}
        return {**self._known[kind.name], **live}

    def archived(self, kind: ObjectType) -> Iterator[Definition]:
        yield from (one for one in self._custom.get(kind.name, {}).values() if one["archived"])

    def find(self, kind: ObjectType, name: str, *, archived: bool = False) -> Definition:
        """Raises HubSpotError (404)."""
        table = {one["name"]: one for one in self.archived(kind)} if archived else self.of(kind)
        if name not in table:
            raise HubSpotError(404, f'Property "{name}" does not exist.', category="OBJECT_NOT_FOUND")
        return table[name]

    def create(self, kind: ObjectType, given: Mapping[str, Any], now: datetime) -> Definition:
        _check(given)
        name = str(given["name"]).lower()
        if name in self.of(kind):
            raise HubSpotError(409, f'Property "{name}" already exists.', category="OBJECT_ALREADY_EXISTS")
        if given["groupName"] not in {one["name"] for one in self.groups(kind)}:
            raise invalid(f'The property group "{given["groupName"]}" does not exist.', errors=[_detail("PROPERTY_GROUP_DOESNT_EXIST")])
        stamps = {"createdAt": iso(now), "updatedAt": iso(now)}
        made = {**_definition(name, given["label"], given["type"], given["fieldType"], given["groupName"]), **stamps, **_wishes(given)}
        made["modificationMetadata"] = {"archivable": True, "readOnlyDefinition": False, "readOnlyValue": False}
        self._custom.setdefault(kind.name, {})[name] = {**made, "formField": bool(given.get("formField", False))}
        return self._custom[kind.name][name]

    def update(self, kind: ObjectType, name: str, given: Mapping[str, Any], now: datetime) -> Definition:
        """Built-in definitions are read-only but for the options of enumerations, which a portal may extend."""
        known = self.find(kind, name)
        if known["hubspotDefined"] and set(given) - {"options", "label", "description", "hidden", "displayOrder"}:
            raise invalid(
                f'"{name}" is defined by HubSpot; its definition is read only.', errors=[_detail("PROPERTY_DEFINITION_READ_ONLY")]
            )
        merged = {**known, **{key: value for key, value in given.items() if key in ("type", "fieldType", "groupName")}}
        _check({**merged, "options": given.get("options", known["options"])})
        changed = {**merged, **_wishes(given), "updatedAt": iso(now)}
        table = self._known if known["hubspotDefined"] else self._custom
        table[kind.name][name] = changed
        return changed

    def archive(self, kind: ObjectType, name: str, now: datetime) -> None:
        """204 whether or not it existed; what HubSpot defined stays."""
        if name in self._known[kind.name]:
            raise invalid(f'"{name}" is defined by HubSpot and cannot be archived.', errors=[_detail("PROPERTY_IS_HUBSPOT_DEFINED")])
        known = self._custom.get(kind.name, {}).get(name)
        if known is not None and not known["archived"]:
            self._custom[kind.name][name] = {**known, "archived": True, "archivedAt": iso(now)}

    # Groups
    def groups(self, kind: ObjectType) -> list[Definition]:
        first = _group(f"{kind.singular}information", f"{kind.singular.capitalize()} information", 0)
        return [first, *self._groups.get(kind.name, {}).values()]

    def group(self, kind: ObjectType, name: str) -> Definition:
        found = next((one for one in self.groups(kind) if one["name"] == name), None)
        if found is None:
            raise HubSpotError(404, f'Property group "{name}" does not exist.', category="OBJECT_NOT_FOUND")
        return found

    def create_group(self, kind: ObjectType, given: Mapping[str, Any]) -> Definition:
        name = str(given.get("name") or "")
        if not name or not given.get("label"):
            raise invalid("Invalid input JSON: a property group needs a name and a label")
        if name in {one["name"] for one in self.groups(kind)}:
            raise HubSpotError(409, f'Property group "{name}" already exists.', category="OBJECT_ALREADY_EXISTS")
        made = _group(name, str(given["label"]), int(given.get("displayOrder", -1)))
        self._groups.setdefault(kind.name, {})[name] = made
        return made

    def update_group(self, kind: ObjectType, name: str, given: Mapping[str, Any]) -> Definition:
        known = self.group(kind, name)
        known.update({key: given[key] for key in ("label", "displayOrder") if key in given})
        return known

    def archive_group(self, kind: ObjectType, name: str) -> None:
        if any(one["groupName"] == name for one in self.of(kind).values()):
            raise invalid(f'The property group "{name}" still has properties.', errors=[_detail("PROPERTY_GROUP_NOT_EMPTY")])
        self._groups.get(kind.name, {}).pop(name, None)

    # Seeds and persistence
    def seed(self, kind: ObjectType, rows: Iterable[Any], now: datetime) -> None:
        """Names of plain text properties, or whole definitions."""
        for row in rows:
            given = {"name": row} if isinstance(row, str) else row
            plain = {"type": "string", "fieldType": "text", "label": given["name"], "groupName": self.groups(kind)[0]["name"]}
            if given["name"] not in self._known[kind.name]:
                self._custom.get(kind.name, {}).pop(given["name"], None)
                self.create(kind, {**plain, **given}, now)

    def dump(self) -> dict[str, Any]:
        return {"definitions": self._custom, "groups": self._groups, "known": self._changed()}

    def load(self, data: Mapping[str, Any]) -> None:
        self._custom, self._groups = dict(data["definitions"]), dict(data["groups"])
        for kind, rows in data["known"].items():
            self._known[kind].update(rows)

    def _changed(self) -> dict[str, dict[str, Definition]]:
        """Built-in definitions that somebody has extended."""
        return {
            kind: changed
            for kind, rows in self._known.items()
            if (changed := {name: row for name, row in rows.items() if row != _built_in(BY_ALIAS[kind], name)})
        }


def _built_in(kind: ObjectType, name: str) -> Definition:
    value_type, field_type, options = _nature(kind, name)
    made = _definition(name, name.removeprefix("hs_").replace("_", " ").capitalize(), value_type, field_type, f"{kind.singular}information")
    fixed = {"archivable": False, "readOnlyDefinition": True, "readOnlyOptions": not options, "readOnlyValue": name in READ_ONLY}
    unique = name in ("hs_object_id", "email") if kind.name == "contacts" else name == "hs_object_id"
    return {
        **made, "options": _options(options), "hubspotDefined": True, "modificationMetadata": fixed, "hasUniqueValue": unique,
        "createdAt": "1970-01-01T00:00:00.000Z", "updatedAt": "1970-01-01T00:00:00.000Z", "formField": kind.name == "contacts",
    }  # fmt: skip


def _nature(kind: ObjectType, name: str) -> tuple[str, str, Iterable[Mapping[str, Any]]]:
    """(type, field type, options) of a built-in property."""
    if name in kind.options:
        return "enumeration", "select", [{"label": value, "value": value} for value in sorted(kind.options[name])]
    if name in DATES:
        return "datetime", "date", ()
    if name in NUMBERS or (kind.name, name) == ("companies", "annualrevenue"):
        return "number", "number", ()
    if name in FLAGS:
        return "bool", "booleancheckbox", YES_NO
    return "string", "text", ()


def _definition(name: str, label: str, value_type: str, field_type: str, group: str) -> Definition:
    return {
        "name": name, "label": label, "type": value_type, "fieldType": field_type, "description": "", "groupName": group, "options": [],
        "displayOrder": -1, "calculated": False, "externalOptions": False, "archived": False, "hasUniqueValue": False, "hidden": False,
        "formField": True, "hubspotDefined": False, "dataSensitivity": "non_sensitive",
    }  # fmt: skip


def _check(given: Mapping[str, Any]) -> None:
    missing = [key for key in ("name", "label", "type", "fieldType", "groupName") if not given.get(key)]
    if missing:
        raise invalid(f"Invalid input JSON: some required fields were not set: [{', '.join(missing)}]")
    value_type, field_type = given["type"], given["fieldType"]
    if value_type not in FIELDS or field_type not in FIELDS[value_type]:
        raise invalid(f'Field type "{field_type}" does not go with type "{value_type}".', errors=[_detail("INVALID_FIELD_TYPE")])
    if not str(given["name"]).replace("_", "").isalnum() or not str(given["name"])[0].isalpha():
        raise invalid(f'"{given["name"]}" is not a valid property name.', errors=[_detail("INVALID_PROPERTY_NAME")])
    values = [str(option.get("value")) for option in given.get("options") or ()]
    if len(values) != len(set(values)):
        raise invalid("Property options must have unique values.", errors=[_detail("PROPERTY_OPTION_DUPLICATE_VALUE")])


def _wishes(given: Mapping[str, Any]) -> Definition:
    plain = ("label", "description", "hidden", "displayOrder", "hasUniqueValue", "formField")
    wished = {key: given[key] for key in plain if key in given}
    return {**wished, "options": _options(given["options"])} if "options" in given else wished


def _options(rows: Iterable[Mapping[str, Any]]) -> list[Definition]:
    return [{"displayOrder": index, "hidden": False, "description": "", **row} for index, row in enumerate(rows)]


def _group(name: str, label: str, order: int) -> Definition:
    return {"name": name, "label": label, "displayOrder": order, "archived": False}


def _detail(code: str) -> dict[str, Any]:
    return {"message": code.replace("_", " ").capitalize(), "code": code}
