output "ids" {
  description = "Name → id of every secret that exists."
  value       = { for name, secret in google_secret_manager_secret.this : name => secret.secret_id }
}
