output "enabled" {
  description = "The enabled APIs; whoever reads them waits for them."
  value       = toset([for service in google_project_service.this : service.service])
}
