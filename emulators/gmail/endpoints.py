"""Which path of the Gmail API leads to which answer, and what a call costs."""

from emulators.gmail import draft_responses as drafts
from emulators.gmail import history_responses as history
from emulators.gmail import label_responses as labels
from emulators.gmail import responses as messages
from emulators.gmail import setting_responses as settings
from emulators.gmail import thread_responses as threads
from emulators.google_api.front import Endpoint

UPLOADING: list[Endpoint] = [
    ("POST", "/messages", messages.insert_message, "messages.insert"),
    ("POST", "/messages/import", messages.import_message, "messages.import"),
    ("POST", "/messages/send", drafts.send_message, "messages.send"),
    ("POST", "/drafts", drafts.create_draft, "drafts.create"),
    ("PUT", "/drafts/<draft_id>", drafts.update_draft, "drafts.update"),
    ("POST", "/drafts/send", drafts.send_draft, "drafts.send"),
]
"""These take a message of any size at /upload/… as well."""

ENDPOINTS: list[Endpoint] = [
    *UPLOADING,
    ("GET", "/profile", messages.profile, "getProfile"),
    ("POST", "/watch", history.watch, "watch"),
    ("POST", "/stop", history.stop, "stop"),
    ("GET", "/history", history.list_history, "history.list"),
    ("GET", "/messages", messages.list_messages, "messages.list"),
    ("POST", "/messages/batchModify", messages.modify_messages, "messages.batchModify"),
    ("POST", "/messages/batchDelete", messages.delete_messages, "messages.batchDelete"),
    ("GET", "/messages/<message_id>", messages.get_message, "messages.get"),
    ("DELETE", "/messages/<message_id>", messages.delete_message, "messages.delete"),
    ("POST", "/messages/<message_id>/modify", messages.modify_message, "messages.modify"),
    ("POST", "/messages/<message_id>/trash", messages.trash_message, "messages.trash"),
    ("POST", "/messages/<message_id>/untrash", messages.untrash_message, "messages.untrash"),
    ("GET", "/messages/<message_id>/attachments/<attachment_id>", messages.get_attachment, "messages.attachments.get"),
    ("GET", "/threads", threads.list_threads, "threads.list"),
    ("GET", "/threads/<thread_id>", threads.get_thread, "threads.get"),
    ("DELETE", "/threads/<thread_id>", threads.delete_thread, "threads.delete"),
    ("POST", "/threads/<thread_id>/modify", threads.modify_thread, "threads.modify"),
    ("POST", "/threads/<thread_id>/trash", threads.trash_thread, "threads.trash"),
    ("POST", "/threads/<thread_id>/untrash", threads.untrash_thread, "threads.untrash"),
    ("GET", "/drafts", drafts.list_drafts, "drafts.list"),
    ("GET", "/drafts/<draft_id>", drafts.get_draft, "drafts.get"),
    ("DELETE", "/drafts/<draft_id>", drafts.delete_draft, "drafts.delete"),
    ("GET", "/labels", labels.list_labels, "labels.list"),
    ("POST", "/labels", labels.create_label, "labels.create"),
    ("GET", "/labels/<label_id>", labels.get_label, "labels.get"),
    ("PUT", "/labels/<label_id>", labels.update_label, "labels.update"),
    ("PATCH", "/labels/<label_id>", labels.patch_label, "labels.patch"),
    ("DELETE", "/labels/<label_id>", labels.delete_label, "labels.delete"),
    ("GET", "/settings/sendAs", settings.list_send_as, "settings.sendAs.list"),
    ("POST", "/settings/sendAs", settings.create_send_as, "settings.sendAs.create"),
    ("GET", "/settings/sendAs/<address>", settings.get_send_as, "settings.sendAs.get"),
    ("PATCH", "/settings/sendAs/<address>", settings.patch_send_as, "settings.sendAs.patch"),
    ("PUT", "/settings/sendAs/<address>", settings.patch_send_as, "settings.sendAs.update"),
    ("DELETE", "/settings/sendAs/<address>", settings.delete_send_as, "settings.sendAs.delete"),
    ("POST", "/settings/sendAs/<address>/verify", settings.verify_send_as, "settings.sendAs.verify"),
    ("GET", "/settings/vacation", settings.get_vacation, "settings.getVacation"),
    ("PUT", "/settings/vacation", settings.update_vacation, "settings.updateVacation"),
]

UNITS = {
    **dict.fromkeys(("messages.send", "drafts.send", "watch", "settings.sendAs.create", "settings.sendAs.verify"), 100),
    **dict.fromkeys(("settings.sendAs.update", "settings.sendAs.patch"), 100),
    **dict.fromkeys(("messages.batchDelete", "messages.batchModify", "stop"), 50),
    **dict.fromkeys(("messages.import", "messages.insert"), 25),
    **dict.fromkeys(("threads.delete",), 20),
    **dict.fromkeys(("drafts.update",), 15),
    **dict.fromkeys(("drafts.create", "drafts.delete", "messages.delete"), 10),
    **dict.fromkeys(("threads.get", "threads.list", "threads.modify", "threads.trash", "threads.untrash"), 10),
    **dict.fromkeys(("drafts.get", "drafts.list", "labels.create", "labels.delete", "labels.update", "labels.patch"), 5),
    **dict.fromkeys(("messages.attachments.get", "messages.get", "messages.list", "messages.modify"), 5),
    **dict.fromkeys(("messages.trash", "messages.untrash", "settings.sendAs.delete", "settings.updateVacation"), 5),
    "history.list": 2,
}
"""Quota units, where they are not 1: https://developers.google.com/workspace/gmail/api/reference/quota."""
