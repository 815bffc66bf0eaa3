"""Everything that differs between environments, parsed once; a wrong or unknown variable stops start-up by name."""

import os
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator

PREFIX = "SALES_AGENT_"
STANDARD = ("GOOGLE_CLOUD_PROJECT", "FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST", "OPENAI_API_KEY", "OPENAI_BASE_URL")
"""Variables that keep the name the rest of the world gives them; all others carry the prefix."""


class SettingsError(ValueError):
    """The environment is wrong; the message names each variable and what it should be."""


class Settings(BaseModel):
    """One field per variable: `hubspot_url` is SALES_AGENT_HUBSPOT_URL."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: Literal["local", "dev", "prod"] = Field(
        "local", description="Where this runs; outside prod only allow-listed recipients are sent to."
    )
    google_cloud_project: str = Field("sales-agent-local", min_length=1, description="Google Cloud project id.")
    region: str = Field("europe-west1", description="Region of functions and queues.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least severe log entry that is written.")
    public_url: str = Field(
        "http://localhost:8080", description="Base URL under which vendors call us; webhook signatures are made over it."
    )
    functions_url: str = Field("http://localhost:8080", description="Base URL of the internal functions; tasks are addressed below it.")
    invoker_email: str = Field(
        "invoker@sales-agent-local.iam.gserviceaccount.com", description="Service account whose identity tokens internal functions accept."
    )
    oidc_certs_url: str = Field(
        "https://www.googleapis.com/oauth2/v1/certs", description="Certificates (PEM by key id) that identity tokens are verified against."
    )
    api_audiences: str = Field(
        "", description="OAuth client ids whose identity tokens the API takes too, with commas; those for its own address it always takes."
    )
    api_requests_per_minute: int = Field(100, ge=1, description="Requests that one token or account may make to the API within a minute.")
    auth_failures_per_minute: int = Field(
        5, ge=1, description="Wrong tokens that one address may show to the API within a minute before nobody there is let in."
    )
    trusted_hops: int = Field(
        1,
        ge=0,
        le=10,
        description="Proxies of ours that add to X-Forwarded-For: 1 for Google's front end, 2 with a load balancer, 0 to ignore it.",
    )
    console_sign_in: Literal["iap", "local"] = Field(
        "iap", description="Who says who looks at the console: Identity-Aware Proxy, or a page with a button per operator (local only)."
    )
    console_audience: str = Field(
        "", description="Audience of Identity-Aware Proxy's assertions (/projects/…); while it is empty nobody gets into the console."
    )
    iap_keys_url: str = Field(
        "https://www.gstatic.com/iap/verify/public_key",
        description="Public keys (PEM by key id) that those assertions are verified against.",
    )
    verify_token_signature: bool = Field(
        default=True, description="False only behind the platform's own check, which strips the signature."
    )
    firestore_emulator_host: str = Field("", description="host:port of a Firestore emulator; empty for the real service.")
    pubsub_emulator_host: str = Field("", description="host:port of a Pub/Sub emulator; empty for the real service.")
    tasks_emulator_host: str = Field("", description="host:port of a Cloud Tasks emulator; empty for the real service.")
    secrets_emulator_host: str = Field("", description="host:port of a Secret Manager emulator; empty for the real service.")
    clock_file: str = Field("", description="File the suite's virtual clock is read from; empty for the machine's clock.")
    hubspot_url: str = Field("https://api.hubapi.com", description="Base URL of HubSpot's API.")
    hubspot_app_url: str = Field("https://app.hubspot.com", description="Base URL of HubSpot's pages, for links to records.")
    hubspot_client_secret_name: str = Field(
        "hubspot-client-secret", description="Secret that holds the HubSpot app's client secret, which signs webhooks."
    )
    hubspot_objects_path: str = Field("/crm/v3/objects", description="Path prefix of HubSpot's objects API; its versions are dated.")
    gmail_url: str = Field("https://gmail.googleapis.com", description="Base URL of the Gmail API.")
    gmail_app_url: str = Field("https://mail.google.com", description="Base URL of Gmail's pages, for links to drafts.")
    calendar_url: str = Field("https://www.googleapis.com", description="Base URL of the Calendar API.")
    drive_url: str = Field("https://www.googleapis.com", description="Base URL of the Drive API.")
    oauth_token_url: str = Field("https://oauth2.googleapis.com/token", description="Where refresh tokens are exchanged.")
    oauth_consent_url: str = Field("https://accounts.google.com/o/oauth2/v2/auth", description="Google's page where somebody agrees.")
    oauth_revoke_url: str = Field("https://oauth2.googleapis.com/revoke", description="Where Google is told to forget a consent.")
    oauth_userinfo_url: str = Field(
        "https://openidconnect.googleapis.com/v1/userinfo", description="Where Google says whose account has agreed."
    )
    google_client_id: str = Field("", description="Google OAuth client (web application) that mailboxes are connected through.")
    google_delegate_email: str = Field(
        "", description="Service account that Workspaces let act for their people (domain-wide delegation); empty: by consent only."
    )
    google_delegate_client_id: str = Field("", description="Its unique id, which an administrator enters in the Admin console.")
    iamcredentials_url: str = Field(
        "https://iamcredentials.googleapis.com", description="Base URL of the API that signs as this account; plain http is an emulator."
    )
    google_client_secret_name: str = Field("google-client-secret", description="Secret that holds this client's secret.")
    hubspot_authorize_url: str = Field("https://app.hubspot.com/oauth/authorize", description="HubSpot's page where somebody agrees.")
    hubspot_client_id: str = Field("", description="Client id of the HubSpot app that portals are connected through.")
    hubspot_app_id: str = Field("", description="App id of the same app, which its webhooks are registered for.")
    hubspot_developer_key_name: str = Field(
        "hubspot-developer-key", description="Secret that holds the developer API key, which registers the app's webhooks."
    )
    vendor_timeout_s: float = Field(10.0, gt=0, le=60, description="Longest wait for one answer of a vendor, in seconds.")
    sendgrid_url: str = Field("https://api.sendgrid.com", description="Base URL of SendGrid's API.")
    slack_url: str = Field("https://slack.com", description="Base URL of Slack's Web API.")
    smtp_ca_file: str = Field("", description="Authority (PEM file) of operators' mail servers, beside the public ones.")
    openai_api_key: SecretStr = Field(
        SecretStr(""), description="Key of the language model; empty: the built-in writer and embedder serve."
    )
    openai_base_url: str = Field("https://api.openai.com/v1", description="Base URL of the language model's API.")
    openai_model: str = Field("gpt-5-mini", description="Chat model that writes drafts.")
    openai_embedding_model: str = Field("text-embedding-3-small", description="Embedding model (1536 dimensions).")
    storage_url: str = Field(
        "https://storage.googleapis.com", description="Base URL of Cloud Storage's JSON API; plain http is an emulator."
    )
    audit_bucket: str = Field(
        "sales-agent-local-audit", min_length=3, description="Bucket with a locked retention policy that heads of the audit log go to."
    )
    audit_retention_days: int = Field(
        365, ge=30, description="Days an entry of the audit log is kept before it is dropped behind a checkpoint."
    )
    model_timeout_s: float = Field(20.0, gt=0, le=120, description="Longest wait for one model answer, in seconds.")

    @property
    def api_url(self) -> str:
        """Where the API is reached: also the audience of identity tokens for it."""
        return self.public_url.rstrip("/") + "/api"

    @field_validator("console_sign_in")
    @classmethod
    def _nobody_walks_in(cls, way: str, info: ValidationInfo) -> str:
        if way == "local" and info.data.get("environment") != "local":
            raise ValueError("local lets everybody in as anybody: it is for the suite only, with SALES_AGENT_ENVIRONMENT=local")
        return way


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from the environment; SettingsError names every variable that is unknown or invalid."""
    known = {variable_for(field) for field in Settings.model_fields}
    unknown = [name for name in environ if name.startswith(PREFIX) and name not in known]
    if unknown:
        raise SettingsError(f"unknown setting: {', '.join(sorted(unknown))}; docs/settings.md lists the known ones")
    given = {field: environ[variable_for(field)] for field in Settings.model_fields if environ.get(variable_for(field))}
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        wrong = [f"{variable_for(str(one['loc'][0]))}: {one['msg']}" for one in error.errors(include_input=False)]
        raise SettingsError("; ".join(wrong)) from None


def settings_from_environment() -> Settings:
    """The one reading of the process environment."""
    return load_settings(os.environ)


def variable_for(field: str) -> str:
    """The environment variable of a field."""
    plain = field.upper()
    return plain if plain in STANDARD else PREFIX + plain
