variable "project_id" {
  description = "Google Cloud project id."
  type        = string
}

variable "location" {
  description = "Region or multi-region of the database. It can never be changed."
  type        = string
}

variable "indexes_file" {
  description = "Path of the index definitions, in the format of the Firebase command line."
  type        = string

  validation {
    condition     = can(jsondecode(file(var.indexes_file)).indexes)
    error_message = "The file is JSON with a list called indexes."
  }
}

variable "protected" {
  description = "Whether the database keeps seven days of history and refuses to be deleted."
  type        = bool
}
