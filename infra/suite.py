"""The whole product on one machine: every emulator, every function with its real trigger, one clock. For up, demo, tests and benchmarks."""

import json
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, Self

from emulators.catalogue import CATALOGUE, build
from emulators.clock import Clock
from emulators.service import Deliverer, HttpEmulator
from emulators.serving import GrpcServer, HttpServer, free_port
from emulators.settling import Settler
from infra.fronts import Front, ProcessFront
from infra.keeping import StateFile
from infra.manifests import ROOT, load_all
from infra.models import ModelChoice, model_settings
from infra.provision import Provisioner
from infra.refusals import FunctionsGone, PortTaken
from shared.domain.outbox import address_of
from shared.runtime.settings import Settings, load_settings

GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET = "local-client.apps.example", "local-client-secret"
DELEGATE, DELEGATE_CLIENT_ID = "delegate@sales-agent-local.iam.gserviceaccount.com", "104213370000000000042"
GOOGLE = ("firestore", "pubsub", "tasks", "secretmanager")
"""These share one gRPC port."""

ALONE: tuple[str, ...] = ()
"""No connector of the product speaks to these yet: they run by themselves."""

OFFICIAL = ("firestore", "pubsub")
"""Google has emulators of its own for these: EMULATORS=official takes them."""

PROJECT = "sales-agent-local"
NEEDS_IDENTITY = ("pubsub", "tasks", "scheduler")
PUBLISHES = ("scheduler", "secretmanager", "gmail")
NEEDS_TOKENS = ("gmail", "calendar", "drive")
INDEXES = ROOT / "infra" / "firestore.indexes.json"
"""What deploys: a query that no index here serves fails in the suite as it would at Google."""

SNAPSHOT_TRIES, QUIET_WITHIN_S = 3, 2.0


UNHURRIED = {"API_REQUESTS_PER_MINUTE": "1000000", "AUTH_FAILURES_PER_MINUTE": "1000000"}
"""A suite's clock may stand still, and then nobody's minute ever ends."""


class Suite:
    """Use as a context manager. `first_port` fixes all ports (functions first); 0 takes free ones."""

    def __init__(
        self,
        *,
        front: Front,
        frozen_at: datetime | None = None,
        state_dir: Path | None = None,
        first_port: int = 0,
        settings: Mapping[str, str] | None = None,
        model: ModelChoice = ModelChoice.BUILT_IN,
    ) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="sales-agent-"))
        self.clock_path = self._folder / "clock"
        self.clock = Clock(frozen_at=frozen_at, path=self.clock_path)
        self._front, self._first_port, self._given, self._model = front, first_port, dict(settings or {}), model
        self._official = OFFICIAL if is_official() else ()
        self._kept = StateFile(state_dir) if state_dir else None
        self.emulators: dict[str, Any] = {}
        self.urls: dict[str, str] = {}
        self._authority = self._folder / "mail-authority.pem"
        self._host_before: str | None = None
        self._servers: list[Any] = []
        self._build()
        self.settler = Settler(self.clock, [one for one in self.emulators.values() if isinstance(one, Deliverer)])

    def __getattr__(self, name: str) -> Any:
        """`suite.gmail` is the Gmail emulator."""
        emulators = self.__dict__.get("emulators", {})
        if name in emulators:
            return emulators[name]
        raise AttributeError(name)

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.save()
        self._stop()

    def _start(self) -> None:
        self._trust_the_mail_server()
        self._serve()
        # The Firestore client has no other way to be pointed at an emulator; seeds and tests use it in this process.
        self._host_before = os.environ.get("FIRESTORE_EMULATOR_HOST")
        os.environ["FIRESTORE_EMULATOR_HOST"] = self.urls["google"]
        self._restore()
        back = f"{self.urls['functions']}{address_of('console')}/connect/back"
        self.emulators["oauth2"].client(GOOGLE_CLIENT_ID, secret=GOOGLE_CLIENT_SECRET, redirect_uris=[back])
        self._delegate()
        self.provisioner = Provisioner(self.settings, scheduler_url=self.urls["scheduler"])
        self._front.start(port=self._functions_port, environment=self.environment())
        self.provisioner.provision(load_all().values())

    def _delegate(self) -> None:
        """The installation's own service account at Google. Which Workspaces let it in is for their Admin consoles to say."""
        iam, known = self.emulators["iamcredentials"], self.emulators["oauth2"].state.service_accounts
        if DELEGATE not in known:
            keys = iam.service_account(DELEGATE, client_id=DELEGATE_CLIENT_ID)
            self.emulators["oauth2"].service_account(DELEGATE, client_id=DELEGATE_CLIENT_ID, keys=keys)

    def require_functions(self) -> None:
        """Raises FunctionsGone when their process has ended: without them the emulators would wait for ever."""
        if self._front.has_ended():
            raise FunctionsGone("the functions have ended, so the suite stops")

    def _stop(self) -> None:
        for service in self.emulators.values():
            service.close()
        self._front.stop()
        for server in self._servers:
            server.stop()
        if self._host_before is None:
            os.environ.pop("FIRESTORE_EMULATOR_HOST", None)
        else:
            os.environ["FIRESTORE_EMULATOR_HOST"] = self._host_before  # a suite around this one goes on
        shutil.rmtree(self._folder, ignore_errors=True)

    def save(self) -> None:
        """Keep everything in the state folder, if there is one. Whoever runs a suite for long calls it now and then."""
        if self._kept is not None:
            self._kept.write(self._snapshot(), functions_url=self.urls["functions"])

    @property
    def settings(self) -> Settings:
        return load_settings(self.environment())

    def environment(self) -> dict[str, str]:
        """What a process needs in its environment to be one of this suite's functions."""
        google = self.urls["google"]
        functions = self.urls["functions"]
        ours = {
            "ENVIRONMENT": "local",
            "PUBLIC_URL": functions,
            "FUNCTIONS_URL": functions,
            "TASKS_EMULATOR_HOST": google,
            "SECRETS_EMULATOR_HOST": google,
            "CONSOLE_SIGN_IN": "local",
            "OIDC_CERTS_URL": self.urls["oidc"] + "/oauth2/v1/certs",
            "CLOCK_FILE": str(self.clock_path),
            **UNHURRIED,
            "HUBSPOT_URL": self.urls["hubspot"],
            "GMAIL_URL": self.urls["gmail"],
            "CALENDAR_URL": self.urls["calendar"],
            "DRIVE_URL": self.urls["drive"],
            "SENDGRID_URL": self.urls["sendgrid"],
            "SLACK_URL": self.urls["slack"],
            "SMTP_CA_FILE": str(self._authority),
            "STORAGE_URL": self.urls["storage"],
            **self._consents(),
        }
        standard = {"GOOGLE_CLOUD_PROJECT": PROJECT, "FIRESTORE_EMULATOR_HOST": google, "PUBSUB_EMULATOR_HOST": google}
        model = model_settings(self._model, environ=os.environ, emulator_url=self.urls["openai"])
        return standard | {f"SALES_AGENT_{name}": value for name, value in ours.items()} | model | self._given

    def _consents(self) -> dict[str, str]:
        """What accounts are connected through: the vendors' pages, and who we are there."""
        google, hubspot = self.urls["oauth2"], self.emulators["hubspot"]
        return {
            "OAUTH_TOKEN_URL": f"{google}/token",
            "OAUTH_CONSENT_URL": f"{google}/o/oauth2/v2/auth",
            "OAUTH_REVOKE_URL": f"{google}/revoke",
            "OAUTH_USERINFO_URL": f"{google}/v1/userinfo",
            "GOOGLE_CLIENT_ID": GOOGLE_CLIENT_ID,
            "GOOGLE_DELEGATE_EMAIL": DELEGATE,
            "GOOGLE_DELEGATE_CLIENT_ID": DELEGATE_CLIENT_ID,
            "IAMCREDENTIALS_URL": self.urls["iamcredentials"],
            "HUBSPOT_AUTHORIZE_URL": f"{self.urls['hubspot']}/oauth/authorize",
            "HUBSPOT_CLIENT_ID": hubspot.oauth.client_id,
            "HUBSPOT_APP_ID": str(hubspot.app_id),
        }

    def _build(self) -> None:
        oidc, oauth2 = build("oidc", self.clock), build("oauth2", self.clock)
        self.emulators |= {"oidc": oidc, "oauth2": oauth2}
        for name in [one for one in CATALOGUE if one not in ALONE]:
            options: dict[str, Any] = {}
            if name in NEEDS_IDENTITY:
                options = {"identity": oidc}
            if name in NEEDS_TOKENS:
                options = {"oauth2": oauth2}
            if name == "firestore":
                options = {"indexes": json.loads(INDEXES.read_text(encoding="utf-8"))}
            if name in PUBLISHES:
                options["publish"] = self.emulators["pubsub"].publish
            if name not in self.emulators:
                self.emulators[name] = build(name, self.clock, **options) if name not in self._official else self._built(name)

    def _trust_the_mail_server(self) -> None:
        self._authority.write_text(self.emulators["smtp"].authority, encoding="ascii")

    def _built(self, name: str) -> Any:
        """Google's own emulator of this service; OfficialMissing where it is not installed."""
        from infra.official import firestore, pubsub

        if name == "firestore":
            return firestore.OfficialFirestore(self.clock, project=PROJECT)
        return pubsub.OfficialPubSub(self.clock, identity=self.emulators["oidc"])

    def _serve(self) -> None:
        over_http = [name for name, service in self.emulators.items() if isinstance(service, HttpEmulator)]
        ports = self._ports(["functions", "google", *over_http])
        google = GrpcServer([self.emulators[name] for name in GOOGLE], port=ports["google"]).start()
        self._servers.append(google)
        self.urls["google"] = google.address
        for name in over_http:
            server = HttpServer(self.emulators[name], port=ports[name]).start()
            self._servers.append(server)
            self.urls[name] = server.url
        self._functions_port = ports["functions"] or free_port()
        self.urls["functions"] = f"http://127.0.0.1:{self._functions_port}"

    def _ports(self, names: Sequence[str]) -> dict[str, int]:
        """Consecutive ones, all of them free before anything starts; 0 lets the system choose."""
        if not self._first_port:
            return dict.fromkeys(names, 0)
        ports = dict(zip(names, count(self._first_port), strict=False))
        for name, port in ports.items():
            _check_free(port, name)
        return ports

    def _restore(self) -> None:
        kept = self._kept.read(functions_url=self.urls["functions"]) if self._kept else {}
        for name, state in kept.items():
            if name in self.emulators:
                self.emulators[name].load(state)

    def _snapshot(self) -> dict[str, Any]:
        """Services are read one after the other: what two readings in a row agree on was true of all of them at one moment.

        While work never pauses, the last reading has to do.
        """
        read = self._dumped()
        for _ in range(SNAPSHOT_TRIES):
            with suppress(TimeoutError):
                self.settler.settle(at_most_s=QUIET_WITHIN_S)
            again = self._dumped()
            if again == read:
                break
            read = again
        return read

    def _dumped(self) -> dict[str, Any]:
        return {name: _dump(service) for name, service in self.emulators.items() if name != "oidc"}


def is_official() -> bool:
    """Whether Google's own emulators take the place of ours, as far as there are any."""
    return os.environ.get("EMULATORS") == "official"


def _dump(service: Any) -> dict[str, Any]:
    """HTTP services change under their own lock; the others take theirs by themselves."""
    with service.lock if isinstance(service, HttpEmulator) else nullcontext():
        state: dict[str, Any] = service.dump()
        return state


@contextmanager
def running(**options: Any) -> Iterator[Suite]:
    """A suite whose functions run in a process of their own."""
    with Suite(front=ProcessFront(log_path=options.pop("log_path", None)), **options) as suite:
        yield suite


def _check_free(port: int, name: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortTaken(port, name) from error
