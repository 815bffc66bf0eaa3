# What the function's own account may do: exactly its manifest, and each on the narrowest thing Google can grant it on.

locals {
  member = "serviceAccount:${google_service_account.this.email}"

  # Granted per topic, queue, account and bucket below, so never for the whole project.
  narrow = ["pubsub.publisher", "cloudtasks.enqueuer", "iam.serviceAccountUser", "storage.objectCreator", "storage.objectViewer"]

  # The audit log's vault: creating is not overwriting, which objects under retention refuse anyway.
  vault_roles = toset([for role in var.roles : role if startswith(role, "storage.")])

  exact_secrets = toset([for secret in var.secrets : secret if !endswith(secret, "*")])
  secret_groups = toset([for secret in var.secrets : trimsuffix(secret, "*") if endswith(secret, "*")])
}

resource "google_project_iam_member" "role" {
  for_each = setsubtract(var.roles, local.narrow)

  project = var.project_id
  role    = "roles/${each.value}"
  member  = local.member
}

resource "google_pubsub_topic_iam_member" "publisher" {
  for_each = contains(var.roles, "pubsub.publisher") ? var.topics : {}

  project = var.project_id
  topic   = each.value
  role    = "roles/pubsub.publisher"
  member  = local.member
}

resource "google_cloud_tasks_queue_iam_member" "enqueuer" {
  for_each = contains(var.roles, "cloudtasks.enqueuer") ? var.queues : {}

  project  = var.project_id
  location = var.region
  name     = each.value
  role     = "roles/cloudtasks.enqueuer"
  member   = local.member
}

# A task carries the invoker's identity token, and naming an account in a task is acting as it.
resource "google_service_account_iam_member" "acts_as_invoker" {
  count = contains(var.roles, "iam.serviceAccountUser") ? 1 : 0

  service_account_id = "projects/${var.project_id}/serviceAccounts/${var.invoker_email}"
  role               = "roles/iam.serviceAccountUser"
  member             = local.member
}

# Whoever reads consents may also sign as the delegate, whom Workspaces let in for their people: Google signs, no key exists.
resource "google_service_account_iam_member" "signs_as_delegate" {
  count = contains(var.secrets, "google-refresh-token-*") ? 1 : 0

  service_account_id = "projects/${var.project_id}/serviceAccounts/${var.delegate_email}"
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.member
}

resource "google_storage_bucket_iam_member" "vault" {
  for_each = local.vault_roles

  bucket = var.vault
  role   = "roles/${each.value}"
  member = local.member
}

resource "google_secret_manager_secret_iam_member" "accessor" {
  for_each = local.exact_secrets

  project   = var.project_id
  secret_id = var.secret_ids[each.value]
  role      = "roles/secretmanager.secretAccessor"
  member    = local.member
}

# Secrets of a kind, one for each workspace or operator, come and go without Terraform: granted by the beginning of their name.
resource "google_project_iam_member" "secrets_of_a_kind" {
  for_each = local.secret_groups

  project = var.project_id
  role    = "roles/secretmanager.secretAccessor"
  member  = local.member

  condition {
    title      = "only-${trimsuffix(each.value, "-")}"
    expression = "resource.name.startsWith(\"projects/${var.project_number}/secrets/${each.value}\")"
  }
}

# Credentials that a person's consent brings: a new version in, the old one destroyed. Creating or deleting secrets is nobody's here.
resource "google_project_iam_member" "keeper_of_a_kind" {
  for_each = toset([for secret in var.keeps : trimsuffix(secret, "*")])

  project = var.project_id
  role    = "roles/secretmanager.secretVersionManager"
  member  = local.member

  condition {
    title      = "only-${trimsuffix(each.value, "-")}-versions"
    expression = "resource.name.startsWith(\"projects/${var.project_number}/secrets/${each.value}\")"
  }
}
