# Cloud Tasks queues, one per function with a queue trigger. A deleted queue's name stays taken for a week.

resource "google_cloud_tasks_queue" "this" {
  for_each = var.queues

  project  = var.project_id
  location = var.region
  name     = each.key

  rate_limits {
    max_concurrent_dispatches = each.value.concurrency
  }

  retry_config {
    max_attempts = each.value.max_attempts
    min_backoff  = "${each.value.min_backoff_s}s"
    max_backoff  = "${each.value.max_backoff_s}s"
  }
}
