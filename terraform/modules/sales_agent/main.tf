# One environment, whole: everything that exists for the manifests of functions/.

data "google_project" "this" {
  project_id = var.project_id
}

locals {
  labels = merge({ app = "sales-agent", environment = var.environment, managed-by = "terraform" }, var.labels)

  # Known before anything is deployed: https://cloud.google.com/functions/docs/calling/http#url
  functions_url = coalesce(var.functions_url, "https://${var.region}-${var.project_id}.cloudfunctions.net")
  public_url    = coalesce(var.public_url, local.functions_url)

  settings = merge(var.settings, {
    GOOGLE_CLOUD_PROJECT      = var.project_id
    SALES_AGENT_ENVIRONMENT   = var.environment
    SALES_AGENT_REGION        = var.region
    SALES_AGENT_LOG_LEVEL     = var.log_level
    SALES_AGENT_PUBLIC_URL    = local.public_url
    SALES_AGENT_FUNCTIONS_URL = local.functions_url
    SALES_AGENT_INVOKER_EMAIL = google_service_account.invoker.email

    SALES_AGENT_GOOGLE_DELEGATE_EMAIL     = google_service_account.delegate.email
    SALES_AGENT_GOOGLE_DELEGATE_CLIENT_ID = google_service_account.delegate.unique_id

    SALES_AGENT_AUDIT_BUCKET         = module.audit_vault.bucket
    SALES_AGENT_AUDIT_RETENTION_DAYS = tostring(var.audit_retention_days)
  })

  # The platform checks the signature of a private function's caller and then strips it.
  signature_checked = { SALES_AGENT_VERIFY_TOKEN_SIGNATURE = "false" }
}

module "services" {
  source = "../services"

  project_id = var.project_id
  services = [
    "artifactregistry.googleapis.com",
    "calendar-json.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudfunctions.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "cloudscheduler.googleapis.com",
    "cloudtasks.googleapis.com",
    "drive.googleapis.com",
    "firestore.googleapis.com",
    "gmail.googleapis.com",
    "iam.googleapis.com",
    "iamcredentials.googleapis.com",
    "logging.googleapis.com",
    "pubsub.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "serviceusage.googleapis.com",
    "storage.googleapis.com",
  ]
}

# Pub/Sub, Cloud Tasks and Cloud Scheduler call functions in this account's name.
resource "google_service_account" "invoker" {
  project      = var.project_id
  account_id   = "invoker"
  display_name = "Calls the functions that are not public"

  depends_on = [module.services]
}

# Acts for the people of Workspaces whose administrator has let its client id in. It may do nothing in this project, and has no key.
resource "google_service_account" "delegate" {
  project      = var.project_id
  account_id   = "delegate"
  display_name = "Opens mailboxes by domain-wide delegation"

  depends_on = [module.services]
}

module "builder" {
  source = "../builder"

  project_id     = var.project_id
  project_number = data.google_project.this.number
  region         = var.region
  labels         = local.labels

  depends_on = [module.services]
}

module "source_bucket" {
  source = "../source_bucket"

  project_id = var.project_id
  region     = var.region
  name       = "${var.project_id}-bundles"
  labels     = local.labels
  folder     = local.build
  bundles    = local.bundles

  depends_on = [module.services]
}

# Nobody, the owner of the project included, takes back what was sealed: a locked retention policy only grows.
module "audit_vault" {
  source = "../audit_vault"

  project_id = var.project_id
  region     = var.region
  name       = "${var.project_id}-audit"
  labels     = local.labels
  # A margin, so that the vault never forgets a head before the log drops what it names.
  retention_days = var.audit_retention_days + 35

  depends_on = [module.services]
}

module "secrets" {
  source = "../secrets"

  project_id = var.project_id
  names      = toset([for secret in local.secrets : secret if !endswith(secret, "*")])
  labels     = local.labels

  depends_on = [module.services]
}

module "firestore" {
  source = "../firestore"

  project_id   = var.project_id
  location     = var.firestore_location
  indexes_file = "${local.root}/infra/firestore.indexes.json"
  protected    = var.protected

  depends_on = [module.services]
}

module "queues" {
  source = "../queues"

  project_id = var.project_id
  region     = var.region
  queues = {
    for name, manifest in local.manifests : manifest.trigger.queue => {
      concurrency   = manifest.concurrency
      min_backoff_s = manifest.retry.min_backoff_s
      max_backoff_s = manifest.retry.max_backoff_s
      max_attempts  = try(manifest.retry.max_attempts, -1)
    } if can(manifest.trigger.queue)
  }

  depends_on = [module.services]
}

module "events" {
  source = "../events"

  project_id        = var.project_id
  project_number    = data.google_project.this.number
  topics            = local.topics
  dead_letter_topic = local.dead_letter_topic
  invoker_email     = google_service_account.invoker.email
  labels            = local.labels
  subscriptions = {
    for key, one in local.subscriptions : key => merge(one, {
      endpoint      = module.function[one.function].endpoint
      timeout_s     = local.manifests[one.function].timeout_s
      min_backoff_s = local.manifests[one.function].retry.min_backoff_s
      max_backoff_s = local.manifests[one.function].retry.max_backoff_s
    })
  }

  depends_on = [module.services]
}

module "schedules" {
  source = "../schedules"

  project_id    = var.project_id
  region        = var.region
  invoker_email = google_service_account.invoker.email
  jobs = {
    for name, manifest in local.manifests : replace(name, "_", "-") => {
      description = manifest.description
      schedule    = manifest.trigger.schedule
      timeout_s   = manifest.timeout_s
      endpoint    = module.function[name].endpoint
    } if can(manifest.trigger.schedule)
  }

  depends_on = [module.services]
}

module "function" {
  source   = "../function"
  for_each = local.manifests

  project_id     = var.project_id
  project_number = data.google_project.this.number
  region         = var.region
  name           = each.key
  description    = each.value.description
  labels         = local.labels
  builder        = { service_account = module.builder.service_account, repository = module.builder.repository }
  source_object  = { bucket = module.source_bucket.bucket, name = module.source_bucket.objects[each.key] }
  size = {
    cpu           = each.value.cpu
    memory_mb     = each.value.memory_mb
    concurrency   = each.value.concurrency
    min_instances = var.keep_warm ? each.value.min_instances : 0
    max_instances = var.max_instances
    timeout_s     = each.value.timeout_s
  }

  public        = local.public[each.key]
  ingress       = local.public[each.key] ? "ALLOW_ALL" : var.private_ingress
  invoker_email = google_service_account.invoker.email
  endpoint      = local.endpoints[each.key]
  environment   = merge(local.settings, local.public[each.key] ? {} : local.signature_checked)

  delegate_email = google_service_account.delegate.email

  secret_environment = { for variable, secret in var.secret_environment : variable => secret if contains(each.value.secrets, secret) }
  secret_ids         = module.secrets.ids

  roles   = each.value.roles
  vault   = module.audit_vault.bucket
  secrets = each.value.secrets
  keeps   = try(each.value.keeps, [])
  topics  = { for topic in local.publishes[each.key] : topic => module.events.topics[topic] }
  queues  = { for queue in local.enqueues[each.key] : queue => module.queues.names[queue] }

  depends_on = [module.services]
}
