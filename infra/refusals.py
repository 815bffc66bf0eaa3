"""Why a suite cannot start or go on, each with what to do about it. Raised by infra.suite and its parts, shown by the command line."""


class CannotStart(RuntimeError):
    """The message says what is wrong, `fix` what to do."""

    fix = ""


class PortTaken(CannotStart):
    fix = "stop what uses it, or choose other ports with --port"

    def __init__(self, port: int, name: str) -> None:
        super().__init__(f"port {port} (for {name}) is in use")


class StateUnreadable(CannotStart):
    fix = "name another folder with --state, or remove the file to start anew"


class FunctionsSilent(CannotStart):
    fix = "`sdr doctor` checks the machine"


class FunctionsGone(CannotStart):
    """They ran, and somebody or something has ended them."""

    fix = "start the suite again; with --state it goes on where it was"
