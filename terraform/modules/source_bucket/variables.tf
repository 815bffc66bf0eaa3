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

variable "folder" {
  description = "The local folder `make bundle` writes to."
  type        = string
}

variable "bundles" {
  description = "Function → file name of its bundle, which becomes the object's name."
  type        = map(string)

  validation {
    condition     = alltrue([for name, file in var.bundles : startswith(file, "${name}-") && endswith(file, ".zip")])
    error_message = "A bundle is named <function>-<hash>.zip."
  }
}

variable "keep_replaced_days" {
  description = "Days a replaced bundle is kept, for a look at what ran."
  type        = number
  default     = 90

  validation {
    condition     = var.keep_replaced_days >= 1
    error_message = "At least one day."
  }
}
