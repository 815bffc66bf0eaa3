output "names" {
  description = "The jobs' names."
  value       = sort([for job in google_cloud_scheduler_job.this : job.name])
}
