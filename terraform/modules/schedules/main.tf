# Cloud Scheduler jobs, one per function with a schedule trigger.

resource "google_cloud_scheduler_job" "this" {
  for_each = var.jobs

  project          = var.project_id
  region           = var.region
  name             = each.key
  description      = each.value.description
  schedule         = each.value.schedule
  time_zone        = "Etc/UTC"
  attempt_deadline = "${min(1800, max(15, each.value.timeout_s))}s"

  retry_config {
    retry_count = 0 # the next tick repeats what failed
  }

  http_target {
    uri         = each.value.endpoint
    http_method = "POST"

    oidc_token {
      service_account_email = var.invoker_email
      audience              = each.value.endpoint
    }
  }
}
