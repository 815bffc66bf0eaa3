# One Cloud Function with a service account of its own. An HTTP service like all of ours: Pub/Sub, Tasks and Scheduler call it.

resource "google_service_account" "this" {
  project      = var.project_id
  account_id   = "fn-${local.kebab}"
  display_name = "Function ${var.name}"
  description  = var.description
}

locals {
  kebab = replace(var.name, "_", "-")
}

resource "google_cloudfunctions2_function" "this" {
  project     = var.project_id
  location    = var.region
  name        = local.kebab
  description = var.description
  labels      = merge(var.labels, { function = local.kebab })

  build_config {
    runtime           = "python311"
    entry_point       = var.name
    service_account   = var.builder.service_account
    docker_repository = var.builder.repository

    source {
      storage_source {
        bucket = var.source_object.bucket
        object = var.source_object.name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.this.email
    available_cpu                    = tostring(var.size.cpu)
    available_memory                 = "${var.size.memory_mb}Mi"
    max_instance_request_concurrency = var.size.concurrency
    min_instance_count               = var.size.min_instances
    max_instance_count               = var.size.max_instances
    timeout_seconds                  = var.size.timeout_s
    ingress_settings                 = var.ingress
    all_traffic_on_latest_revision   = true

    # Gunicorn's threads: handlers are synchronous, so as many as requests come at once.
    environment_variables = merge(var.environment, { THREADS = tostring(var.size.concurrency) })

    dynamic "secret_environment_variables" {
      for_each = var.secret_environment

      content {
        key        = secret_environment_variables.key
        project_id = var.project_id
        secret     = secret_environment_variables.value
        version    = "latest"
      }
    }
  }

  # A revision does not start before it can read what it needs.
  depends_on = [google_secret_manager_secret_iam_member.accessor, google_project_iam_member.role]
}

# The platform lets only these through; who is public verifies in code.
resource "google_cloud_run_service_iam_member" "invoker" {
  project  = var.project_id
  location = var.region
  service  = google_cloudfunctions2_function.this.name
  role     = "roles/run.invoker"
  member   = var.public ? "allUsers" : "serviceAccount:${var.invoker_email}"
}
