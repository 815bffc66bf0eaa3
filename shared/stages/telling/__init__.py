"""What people are told of, where and when: approvals that wait, the kill switch, and what failed."""
