# Topics, and for every listening function a push subscription that calls it with the invoker's identity token.
# What a function does not take in the end goes to the dead-letter topic; its own subscription never gives up.

locals {
  service_agent = "serviceAccount:service-${var.project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"
  forwarded     = { for name, one in var.subscriptions : name => one if one.max_attempts != null }
}

# Pub/Sub's own account moves dead letters and signs tokens; Google creates it no earlier than somebody asks for it.
resource "google_project_service_identity" "pubsub" {
  provider = google-beta

  project = var.project_id
  service = "pubsub.googleapis.com"
}

resource "google_pubsub_topic" "this" {
  for_each = setunion(var.topics, [var.dead_letter_topic])

  project = var.project_id
  name    = each.value
  labels  = var.labels
}

resource "google_pubsub_subscription" "this" {
  for_each = var.subscriptions

  project = var.project_id
  name    = each.key
  topic   = "projects/${var.project_id}/topics/${google_pubsub_topic.this[each.value.topic].name}"
  labels  = merge(var.labels, { function = each.value.function })

  ack_deadline_seconds       = min(600, max(10, each.value.timeout_s))
  message_retention_duration = "604800s"

  push_config {
    push_endpoint = each.value.endpoint

    oidc_token {
      service_account_email = var.invoker_email
      audience              = each.value.endpoint
    }
  }

  retry_policy {
    minimum_backoff = "${each.value.min_backoff_s}s"
    maximum_backoff = "${each.value.max_backoff_s}s"
  }

  dynamic "dead_letter_policy" {
    for_each = each.value.max_attempts == null ? [] : [each.value.max_attempts]

    content {
      dead_letter_topic     = "projects/${var.project_id}/topics/${google_pubsub_topic.this[var.dead_letter_topic].name}"
      max_delivery_attempts = dead_letter_policy.value
    }
  }

  expiration_policy {
    ttl = "" # never: a quiet month must not unsubscribe anybody
  }

  depends_on = [google_service_account_iam_member.token_creator]
}

# https://cloud.google.com/pubsub/docs/handling-failures#grant_forwarding_permissions
resource "google_pubsub_topic_iam_member" "forwards_dead_letters" {
  project = var.project_id
  topic   = google_pubsub_topic.this[var.dead_letter_topic].name
  role    = "roles/pubsub.publisher"
  member  = local.service_agent

  depends_on = [google_project_service_identity.pubsub]
}

resource "google_pubsub_subscription_iam_member" "acknowledges_dead_letters" {
  for_each = local.forwarded

  project      = var.project_id
  subscription = google_pubsub_subscription.this[each.key].name
  role         = "roles/pubsub.subscriber"
  member       = local.service_agent

  depends_on = [google_project_service_identity.pubsub]
}

# https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions#configure_for_push_authentication
resource "google_service_account_iam_member" "token_creator" {
  service_account_id = "projects/${var.project_id}/serviceAccounts/${var.invoker_email}"
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.service_agent

  depends_on = [google_project_service_identity.pubsub]
}
