# Where bundles lie. An object's name carries the hash of its content, so a function is rebuilt only when its bundle changed.

resource "google_storage_bucket" "this" {
  project  = var.project_id
  name     = var.name
  location = var.region
  labels   = var.labels

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true # holds nothing that `make bundle` cannot write again

  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = var.keep_replaced_days
      with_state                 = "ARCHIVED"
    }
  }
}

resource "google_storage_bucket_object" "bundle" {
  for_each = var.bundles

  bucket = google_storage_bucket.this.name
  name   = each.value
  source = "${var.folder}/${each.value}"

  lifecycle {
    create_before_destroy = true # a function never points at an object that is already gone
  }
}
