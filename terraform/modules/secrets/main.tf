# Containers only: values are added by people (`gcloud secrets versions add`), so that no state file ever holds one.

resource "google_secret_manager_secret" "this" {
  for_each = var.names

  project   = var.project_id
  secret_id = each.value
  labels    = var.labels

  replication {
    auto {}
  }
}
