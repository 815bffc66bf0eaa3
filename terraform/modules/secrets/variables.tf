variable "project_id" {
  description = "Google Cloud project id."
  type        = string
}

variable "names" {
  description = "Secrets that exist once per environment. Those a workspace or operator brings are created with them."
  type        = set(string)

  validation {
    condition     = alltrue([for name in var.names : can(regex("^[a-z][a-z0-9-]*$", name))])
    error_message = "A secret's name is lower case, with hyphens; patterns are granted, not created."
  }
}

variable "labels" {
  description = "Labels of the secrets."
  type        = map(string)
}
