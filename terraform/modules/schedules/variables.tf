variable "project_id" {
  description = "Google Cloud project id."
  type        = string
}

variable "region" {
  description = "Region of the jobs."
  type        = string
}

variable "invoker_email" {
  description = "Service account whose identity token the jobs carry."
  type        = string
}

variable "jobs" {
  description = "Job → five cron fields in UTC, and the function it calls."
  type = map(object({
    description = string
    schedule    = string
    endpoint    = string
    timeout_s   = number
  }))

  validation {
    condition     = alltrue([for job in var.jobs : length(split(" ", job.schedule)) == 5])
    error_message = "A schedule has five fields."
  }
}
