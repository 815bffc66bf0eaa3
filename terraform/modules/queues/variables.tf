variable "project_id" {
  description = "Google Cloud project id."
  type        = string
}

variable "region" {
  description = "Region of the queues."
  type        = string
}

variable "queues" {
  description = "Queue → how it delivers. max_attempts -1 never gives up; concurrency is what its function serves at once."
  type = map(object({
    concurrency   = number
    min_backoff_s = number
    max_backoff_s = number
    max_attempts  = number
  }))

  validation {
    condition     = alltrue([for queue in var.queues : queue.max_attempts == -1 || queue.max_attempts >= 1])
    error_message = "max_attempts is -1 or at least 1."
  }

  validation {
    condition     = alltrue([for queue in var.queues : queue.min_backoff_s <= queue.max_backoff_s])
    error_message = "min_backoff_s is at most max_backoff_s."
  }
}
