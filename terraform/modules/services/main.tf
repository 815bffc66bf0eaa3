# The Google APIs this project calls or is made of. Destroying an environment leaves them on: others may use them.

resource "google_project_service" "this" {
  for_each = var.services

  project            = var.project_id
  service            = each.value
  disable_on_destroy = false
}
