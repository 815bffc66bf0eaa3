variable "project_id" {
  description = "Google Cloud project id."
  type        = string
}

variable "region" {
  description = "Where the bucket lies."
  type        = string
}

variable "name" {
  description = "The bucket's name, unique in all of Google Cloud."
  type        = string
}

variable "labels" {
  description = "Labels of the bucket."
  type        = map(string)
}

variable "retention_days" {
  description = "Days an object can be neither overwritten nor removed, by anybody."
  type        = number

  validation {
    condition     = var.retention_days >= 1
    error_message = "At least one day."
  }
}
