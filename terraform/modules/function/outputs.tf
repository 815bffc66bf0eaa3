output "endpoint" {
  description = "The URL it is called at, once it can be called."
  value       = var.endpoint

  depends_on = [google_cloudfunctions2_function.this, google_cloud_run_service_iam_member.invoker]
}

output "service_account" {
  description = "E-mail of the function's own service account."
  value       = google_service_account.this.email
}
