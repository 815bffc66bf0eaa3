"""What a command says when it cannot do its work: one line, the fix, and an exit code that scripts can tell apart."""

from enum import IntEnum


class ExitCode(IntEnum):
    OK = 0
    FAILED = 1  # it ran, and the answer is no: a check, a demo or a run failed
    USAGE = 2  # typer's own
    NOT_RUNNING = 3
    NOT_FOUND = 4
    REFUSED = 5  # the token does not open this workspace
    PORT_TAKEN = 6


MEANINGS = "Exit codes: 0 fine, 1 failed, 2 wrong usage, 3 no suite answers, 4 not found, 5 token refused, 6 port taken."


class Failure(Exception):
    """Ends the command. `fix` says what to do about it."""

    def __init__(self, message: str, *, fix: str = "", code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.message, self.fix, self.code = message, fix, code
