variable "project_id" {
  description = "Google Cloud project id. One project per environment."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "A project id has 6 to 30 lower-case letters, digits and hyphens."
  }
}

variable "region" {
  description = "Region of functions, queues, jobs, bundles and containers."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region looks like europe-west1."
  }
}

variable "firestore_location" {
  description = "Region or multi-region of the database. It can never be changed."
  type        = string
}

variable "environment" {
  description = "Either dev or prod; outside prod only allow-listed recipients are sent to."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "dev or prod."
  }
}

variable "functions_url" {
  description = "Base URL the functions are called below, and so the beginning of every audience. Null: the platform's address for region and project."
  type        = string
  default     = null

  validation {
    condition     = var.functions_url == null ? true : can(regex("^https://[^/]+(/[^/]+)*$", var.functions_url))
    error_message = "An https URL without a slash at its end."
  }
}

variable "public_url" {
  description = "Base URL under which vendors call us; webhook signatures are made over it. Null: as functions_url."
  type        = string
  default     = null

  validation {
    condition     = var.public_url == null ? true : can(regex("^https://[^/]+(/[^/]+)*$", var.public_url))
    error_message = "An https URL without a slash at its end."
  }
}

variable "private_ingress" {
  description = "Which networks reach the functions that are not public; they are closed by IAM either way."
  type        = string
  default     = "ALLOW_ALL"
}

variable "log_level" {
  description = "Least severe log entry that is written."
  type        = string
  default     = "INFO"

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "DEBUG, INFO, WARNING or ERROR."
  }
}

variable "settings" {
  description = "Further settings, by variable name; docs/settings.md lists them. What the environment itself decides cannot be overridden."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name, value in var.settings : startswith(name, "SALES_AGENT_") || name == "OPENAI_BASE_URL"])
    error_message = "Settings begin with SALES_AGENT_ (or are OPENAI_BASE_URL); secrets belong into secret_environment."
  }
}

variable "secret_environment" {
  description = "Setting → secret whose latest version fills it, in the functions whose manifest names that secret. It must have a version by then."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "keep_warm" {
  description = "Whether the minimum instances of the manifests are kept; false costs nothing at rest and a cold start now and then."
  type        = bool
}

variable "max_instances" {
  description = "Most instances of one function: what a flood may cost."
  type        = number
  default     = 20

  validation {
    condition     = var.max_instances >= 1 && var.max_instances <= 1000
    error_message = "1 to 1000."
  }
}

variable "audit_retention_days" {
  description = "Days an entry of the audit log is kept. The vault's lock, 35 days longer, can be lengthened later and never shortened."
  type        = number
  default     = 365

  validation {
    condition     = var.audit_retention_days >= 30
    error_message = "At least 30 days."
  }
}

variable "protected" {
  description = "Whether the database keeps seven days of history and refuses to be deleted."
  type        = bool
}

variable "labels" {
  description = "Further labels for everything that takes labels."
  type        = map(string)
  default     = {}
}
