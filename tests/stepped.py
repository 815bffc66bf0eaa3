"""Work that stops before every call of its store and goes on when it is told to: for tests that interleave two workers as they please."""

import threading
from collections.abc import Callable
from typing import Any


class Killed(BaseException):
    """Not an Exception on purpose: nothing in the product may catch it."""


class Stepped:
    """`step` lets it make one call; `result` is what the work returned once `step` has answered False."""

    def __init__(self, work: Callable[[Any], Any], store: Any) -> None:
        self.result: Any = None
        self._store, self._work = store, work
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._dead = self._ended = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._stopped.acquire()

    def step(self) -> bool:
        """Whether it goes on after this."""
        if not self._ended:
            self._go.release()
            self._stopped.acquire()
        if self._failure is not None:
            raise self._failure
        return not self._ended

    def kill(self) -> None:
        """It dies where it stands."""
        self._dead = True
        if not self._ended:
            self._go.release()
        self._thread.join()

    def _run(self) -> None:
        try:
            self.result = self._work(self)
        except Killed:
            pass
        except BaseException as error:  # noqa: BLE001 - told by the next step, on the thread of the test
            self._failure = error
        self._ended = True
        self._stopped.release()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)

        def called(*args: Any, **kwargs: Any) -> Any:
            self._stopped.release()
            self._go.acquire()
            if self._dead:
                raise Killed
            return found(*args, **kwargs)

        return called
