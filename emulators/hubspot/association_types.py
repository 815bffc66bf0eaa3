"""The association types a fresh portal has, by direction; the official client lists the same ids."""

UNLABELLED = {
    ("contacts", "companies"): 279, ("companies", "contacts"): 280,
    ("contacts", "deals"): 4, ("deals", "contacts"): 3,
    ("companies", "deals"): 342, ("deals", "companies"): 341,
    ("contacts", "contacts"): 449,
    ("notes", "contacts"): 202, ("contacts", "notes"): 201,
    ("notes", "companies"): 190, ("companies", "notes"): 189,
    ("notes", "deals"): 214, ("deals", "notes"): 213,
    ("tasks", "contacts"): 204, ("contacts", "tasks"): 203,
    ("tasks", "companies"): 192, ("companies", "tasks"): 191,
    ("tasks", "deals"): 216, ("deals", "tasks"): 215,
    ("emails", "contacts"): 198, ("contacts", "emails"): 197,
    ("emails", "companies"): 186, ("companies", "emails"): 185,
    ("emails", "deals"): 210, ("deals", "emails"): 209,
    ("meetings", "contacts"): 200, ("contacts", "meetings"): 199,
    ("meetings", "companies"): 188, ("companies", "meetings"): 187,
    ("meetings", "deals"): 212, ("deals", "meetings"): 211,
    ("calls", "contacts"): 194, ("contacts", "calls"): 193,
    ("calls", "companies"): 182, ("companies", "calls"): 181,
    ("calls", "deals"): 206, ("deals", "calls"): 205,
    ("contacts", "tickets"): 15, ("tickets", "contacts"): 16,
    ("companies", "tickets"): 340, ("tickets", "companies"): 339,
    ("deals", "tickets"): 27, ("tickets", "deals"): 28,
    ("notes", "tickets"): 228, ("tickets", "notes"): 227,
    ("tasks", "tickets"): 230, ("tickets", "tasks"): 229,
    ("emails", "tickets"): 224, ("tickets", "emails"): 223,
    ("meetings", "tickets"): 226, ("tickets", "meetings"): 225,
    ("calls", "tickets"): 220, ("tickets", "calls"): 219,
}  # fmt: skip
"""The type id of the plain association, by direction."""

PRIMARY = {
    ("contacts", "companies"): 1, ("companies", "contacts"): 2,
    ("deals", "companies"): 5, ("companies", "deals"): 6,
    ("tickets", "companies"): 26, ("companies", "tickets"): 25,
}  # fmt: skip
LABELS = dict.fromkeys((1, 5, 26), "Primary")
"""Labels of built-in type ids; the far side of a primary company carries no label."""
