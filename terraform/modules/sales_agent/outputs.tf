output "endpoints" {
  description = "Function → the URL it is called at."
  value       = { for name, function in module.function : name => function.endpoint }
}

output "public_endpoints" {
  description = "Function → the URL to give to vendors and clients, for those that are open to all."
  value       = { for name, public in local.public : name => "${local.public_url}/${replace(name, "_", "-")}" if public }
}

output "service_accounts" {
  description = "Function → e-mail of its service account."
  value       = { for name, function in module.function : name => function.service_account }
}

output "delegate_client_id" {
  description = "What an administrator of a Google Workspace enters under Domain-wide delegation; the Connect page tells the scopes."
  value       = google_service_account.delegate.unique_id
}

output "secrets_to_fill" {
  description = "Secrets that need a version: gcloud secrets versions add <name> --data-file=-"
  value       = sort(keys(module.secrets.ids))
}

output "subscriptions" {
  description = "Names of the push subscriptions."
  value       = module.events.subscriptions
}

output "jobs" {
  description = "Names of the scheduler jobs."
  value       = module.schedules.names
}

output "database" {
  description = "Name of the Firestore database."
  value       = module.firestore.database
}
