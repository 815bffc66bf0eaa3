output "service_account" {
  description = "Full name of the building service account, once it may build."
  value       = "projects/${var.project_id}/serviceAccounts/${google_service_account.this.email}"

  depends_on = [
    google_artifact_registry_repository_iam_member.writer,
    google_project_iam_member.log_writer,
    google_project_iam_member.source_reader,
  ]
}

output "repository" {
  description = "Full name of the container repository."
  value       = "projects/${var.project_id}/locations/${var.region}/repositories/${google_artifact_registry_repository.this.repository_id}"
}
