# Where heads of the audit log lie. Who may write and read is granted with each function; nobody can overwrite or remove.

resource "google_storage_bucket" "this" {
  project  = var.project_id
  name     = var.name
  location = var.region
  labels   = var.labels

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  # Locked for good: https://cloud.google.com/storage/docs/bucket-lock. A bucket like this goes when its last object may.
  retention_policy {
    is_locked        = true
    retention_period = tostring(var.retention_days * 24 * 60 * 60)
  }

  # What soft deletion would keep is kept anyway.
  soft_delete_policy {
    retention_duration_seconds = 0
  }
}
