"""Why a person is forgotten; for whoever asks for it and for the audit log."""

from enum import StrEnum


class EraseReason(StrEnum):
    """One of these words, because the log outlives the erasure of whom free ones would name."""

    ASKED = "asked"  # they have asked for it themselves
    ORDERED = "ordered"  # an authority or a court has
    NO_GROUND = "no_ground"  # nothing entitles us to keep it
    EXPIRED = "expired"  # it was kept for as long as it may be
    OTHER = "other"
