variable "project_id" {
  description = "Google Cloud project id."
  type        = string
}

variable "project_number" {
  description = "Google Cloud project number."
  type        = string
}

variable "region" {
  description = "Region of the container repository; that of the functions."
  type        = string
}

variable "labels" {
  description = "Labels of the repository."
  type        = map(string)
}
