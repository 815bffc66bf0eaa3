variable "project_id" {
  description = "Google Cloud project id of this environment."
  type        = string
}

variable "region" {
  description = "Region of functions, queues, jobs, bundles and containers."
  type        = string
}

variable "firestore_location" {
  description = "Region or multi-region of the database. It can never be changed."
  type        = string
}

variable "public_url" {
  description = "Base URL under which vendors call us. Null: the platform's address."
  type        = string
  default     = null
}

variable "log_level" {
  description = "Least severe log entry that is written."
  type        = string
  default     = "DEBUG"
}

variable "settings" {
  description = "Further settings, by variable name; docs/settings.md lists them."
  type        = map(string)
  default     = null
}

variable "secret_environment" {
  description = "Setting → secret that fills it, like OPENAI_API_KEY → openai-api-key. The secret must have a version."
  type        = map(string)
  default     = null
}
