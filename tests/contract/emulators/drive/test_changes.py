"""The changes feed: what happened since a token, once per file, to those whom it concerns; and shared drives."""

from datetime import timedelta

import pytest

from emulators.faults import Fault, Kind
from tests.contract.emulators.drive.folders import EVERYWHERE, LEO, MARIA, names, refusal


def token(service, **options):
    return service.changes().getStartPageToken(**options).execute()["startPageToken"]


def since(service, start, **options):
    """(file or drive id, removed) of every change, from page to page, and where to go on."""
    told, request = [], service.changes().list(pageToken=start, **options)
    while request is not None:
        answer = request.execute()
        told += [(one.get("fileId") or one["driveId"], one["removed"]) for one in answer["changes"]]
        request = service.changes().list_next(request, answer)
    return told, answer["newStartPageToken"]


def test_a_file_shows_only_its_latest_change(emulator, service, files):
    start = token(service)
    for name in ("One", "Two"):
        files.update(fileId="summit", body={"name": name}).execute()
    files.update(fileId="pitch", body={"starred": True}).execute()
    files.update(fileId="summit", body={"name": "Three"}).execute()
    told, onward = since(service, start)
    assert told == [("pitch", False), ("summit", False)]
    assert since(service, onward) == ([], onward)
    answer = service.changes().list(pageToken=start, fields="changes(fileId,file/name)").execute()
    assert answer["changes"][1] == {"fileId": "summit", "file": {"name": "Three"}}


def test_changes_come_in_pages_and_the_last_one_says_where_to_go_on(emulator, service):
    start = token(service)
    for number in range(5):
        emulator.file(f"File {number}", owner=MARIA, file_id=f"f{number}")
    first = service.changes().list(pageToken=start, pageSize=2).execute()
    assert ("nextPageToken" in first, "newStartPageToken" in first) == (True, False)
    assert [one for one, _ in since(service, start, pageSize=2)[0]] == [f"f{number}" for number in range(5)]


def test_what_is_deleted_is_told_as_removed_unless_that_is_not_wanted(emulator, service, files):
    start = token(service)
    files.delete(fileId="proposals").execute()
    assert set(since(service, start)[0]) == {("proposals", True), ("summit", True), ("prices", True)}
    assert since(service, start, includeRemoved=False)[0] == []


def test_losing_access_is_told_as_removed_to_those_who_lost_it(emulator, service, leos):
    permission = {"type": "user", "role": "reader", "emailAddress": LEO}
    given = service.permissions().create(fileId="proposals", body=permission).execute()
    start = token(leos)
    service.permissions().delete(fileId="proposals", permissionId=given["id"]).execute()
    assert set(since(leos, start)[0]) == {("proposals", True), ("summit", True), ("prices", True)}
    assert set(since(service, start)[0]) == {("proposals", False), ("summit", False), ("prices", False)}


def test_moving_a_file_out_of_a_shared_folder_takes_it_away(emulator, service, files, leos):
    service.permissions().create(fileId="proposals", body={"type": "user", "role": "reader", "emailAddress": LEO}).execute()
    start = token(leos)
    files.update(fileId="summit", addParents="root", removeParents="proposals").execute()
    assert since(leos, start)[0] == [("summit", True)]


def test_what_is_none_of_ones_business_is_not_told(emulator, service):
    start = token(service)
    emulator.account(LEO)
    emulator.file("Secret", owner=LEO, file_id="secret")
    emulator.remove("secret")
    assert since(service, start)[0] == []


def test_only_my_drive_is_told_when_only_that_is_wanted(emulator, service):
    start = token(service)
    emulator.file("Shared", owner=LEO, file_id="shared", permissions=[{"type": "user", "role": "reader", "emailAddress": MARIA}])
    emulator.change("pitch", name="Pitch 2")
    assert since(service, start)[0] == [("shared", False), ("pitch", False)]
    assert since(service, start, restrictToMyDrive=True)[0] == [("pitch", False)]
    assert since(service, start, spaces="appDataFolder")[0] == []


def test_shared_drives_are_told_only_to_those_who_ask_for_them(emulator, service, leos):
    start = token(service)
    emulator.drive("team", "Team drive", members={MARIA: "reader"})
    emulator.file("Report", owner=LEO, parent="team", file_id="report")
    emulator.change("pitch", name="Pitch 2")
    assert since(service, start)[0] == [("pitch", False)]
    assert since(service, start, **EVERYWHERE)[0] == [("team", False), ("report", False), ("pitch", False)]
    assert since(service, start, driveId="team", **EVERYWHERE)[0] == [("team", False), ("report", False)]
    assert since(leos, start, **EVERYWHERE)[0] == []
    assert refusal(service.changes().getStartPageToken(driveId="other", supportsAllDrives=True)) == (404, "notFound")
    assert refusal(service.changes().list(pageToken=start, driveId="team")) == (403, "teamDrivesNotRequested")


@pytest.mark.parametrize("bad", ["soon", "-1"])
def test_a_page_token_is_a_position_in_the_feed(service, bad):
    assert refusal(service.changes().list(pageToken=bad)) == (400, "invalid")


def test_shared_drives_are_listed_and_read(emulator, service):
    for number, role in ((1, "organizer"), (2, "reader")):
        emulator.drive(f"team{number}", f"Team {number}", members={MARIA: role})
    emulator.drive("closed", "Closed", members={LEO: "organizer"})
    drives = service.drives()
    seen, request = [], drives.list(pageSize=1)
    while request is not None:
        answer = request.execute()
        seen += [one["name"] for one in answer["drives"]]
        request = drives.list_next(request, answer)
    assert seen == ["Team 1", "Team 2"]
    assert [one["id"] for one in drives.list(q="name contains 'Team 2'").execute()["drives"]] == ["team2"]
    assert drives.get(driveId="team2", fields="capabilities").execute()["capabilities"]["canAddChildren"] is False
    assert refusal(drives.get(driveId="closed")) == (404, "notFound")


def test_the_account_is_told_when_its_fields_are_named(service):
    assert service.about().get(fields="user(emailAddress,me)").execute() == {"user": {"emailAddress": MARIA, "me": True}}
    assert refusal(service.about().get()) == (400, "required")


def test_a_list_may_lag_behind_what_was_just_created(emulator, files):
    emulator.faults.add(Fault("drive.files.list", Kind.STALE, times=1))
    made = files.create(body={"name": "Fresh"}).execute()
    assert names(files, "name = 'Fresh'") == []
    assert names(files, "name = 'Fresh'") == ["Fresh"]
    assert files.get(fileId=made["id"]).execute()["name"] == "Fresh"


def test_a_quota_is_kept_when_it_is_switched_on(emulator, files, clock):
    emulator.quota.restrict(1)
    files.get(fileId="summit").execute()
    assert refusal(files.get(fileId="summit")) == (403, "userRateLimitExceeded")
    clock.advance(timedelta(minutes=1))
    files.get(fileId="summit").execute()


def test_a_batch_reads_several_files(service, files):
    answers = []
    batch = service.new_batch_http_request(
        callback=lambda _id, answer, error: answers.append(answer["name"] if answer else error.status_code)
    )
    for file_id in ("summit", "nothing", "pitch"):
        batch.add(files.get(fileId=file_id))
    batch.execute()
    assert answers == ["Summit proposal", 404, "Pitch"]
