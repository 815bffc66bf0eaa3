variable "project_id" {
  description = "Google Cloud project id."
  type        = string
}

variable "project_number" {
  description = "Google Cloud project number; Pub/Sub's service agent is named after it."
  type        = string

  validation {
    condition     = can(regex("^[0-9]+$", var.project_number))
    error_message = "A project number has digits only."
  }
}

variable "topics" {
  description = "Topics, the dead-letter topic apart."
  type        = set(string)
}

variable "dead_letter_topic" {
  description = "Where messages go that no delivery could place."
  type        = string
}

variable "subscriptions" {
  description = "Subscription → what it listens to and calls. max_attempts null: nothing stands behind it, it keeps trying."
  type = map(object({
    topic         = string
    function      = string
    endpoint      = string
    timeout_s     = number
    min_backoff_s = number
    max_backoff_s = number
    max_attempts  = number
  }))

  validation {
    condition = alltrue([
      for one in var.subscriptions : one.max_attempts == null ? true : one.max_attempts >= 5 && one.max_attempts <= 100
    ])
    error_message = "Pub/Sub gives a message up after 5 to 100 attempts."
  }
}

variable "invoker_email" {
  description = "Service account whose identity token deliveries carry."
  type        = string
}

variable "labels" {
  description = "Labels of topics and subscriptions."
  type        = map(string)
}
