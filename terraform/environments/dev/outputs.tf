output "endpoints" {
  description = "Function → the URL it is called at."
  value       = module.sales_agent.endpoints
}

output "public_endpoints" {
  description = "Function → the URL to give to vendors and clients."
  value       = module.sales_agent.public_endpoints
}

output "secrets_to_fill" {
  description = "Secrets that need a version."
  value       = module.sales_agent.secrets_to_fill
}
