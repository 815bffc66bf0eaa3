variable "project_id" {
  description = "Google Cloud project id."
  type        = string
}

variable "services" {
  description = "APIs to enable, like run.googleapis.com."
  type        = set(string)

  validation {
    condition     = alltrue([for service in var.services : endswith(service, ".googleapis.com")])
    error_message = "Every service ends in .googleapis.com."
  }
}
