variable "project_id" {
  description = "Google Cloud project id."
  type        = string
}

variable "project_number" {
  description = "Google Cloud project number; conditions name secrets by it."
  type        = string
}

variable "region" {
  description = "Region of the function."
  type        = string
}

variable "name" {
  description = "The function's folder, which is also its Python function and its entry point."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{2,26}$", var.name))
    error_message = "3 to 27 letters, digits and underscores: the name of its service account has 30 at most."
  }
}

variable "description" {
  description = "One sentence about what it does."
  type        = string
}

variable "labels" {
  description = "Labels of the function."
  type        = map(string)
}

variable "builder" {
  description = "Who builds the container, and where it is kept: full names."
  type = object({
    service_account = string
    repository      = string
  })
}

variable "source_object" {
  description = "The uploaded bundle; its name carries the hash of its content."
  type = object({
    bucket = string
    name   = string
  })
}

variable "size" {
  description = "What the manifest says about one instance, and how many there may be."
  type = object({
    cpu           = number
    memory_mb     = number
    concurrency   = number
    min_instances = number
    max_instances = number
    timeout_s     = number
  })

  validation {
    condition     = var.size.cpu >= 1 || var.size.concurrency == 1
    error_message = "Below one vCPU the platform serves one request at a time: concurrency must be 1."
  }

  validation {
    condition     = var.size.min_instances <= var.size.max_instances
    error_message = "min_instances is at most max_instances."
  }
}

variable "environment" {
  description = "Environment variables, gunicorn's threads apart."
  type        = map(string)
}

variable "secret_environment" {
  description = "Environment variable → secret whose latest version fills it."
  type        = map(string)
}

variable "ingress" {
  description = "Which networks reach the function."
  type        = string

  validation {
    condition     = contains(["ALLOW_ALL", "ALLOW_INTERNAL_ONLY", "ALLOW_INTERNAL_AND_GCLB"], var.ingress)
    error_message = "ALLOW_ALL, ALLOW_INTERNAL_ONLY or ALLOW_INTERNAL_AND_GCLB."
  }
}

variable "public" {
  description = "Whether anybody may call it; otherwise only the invoker."
  type        = bool
}

variable "invoker_email" {
  description = "Service account that calls the functions which are not public."
  type        = string
}

variable "delegate_email" {
  description = "Service account that Workspaces let act for their people; functions that open mailboxes sign in its name."
  type        = string
}

variable "roles" {
  description = "Roles of the manifest, without the leading roles/."
  type        = set(string)
}

variable "topics" {
  description = "Topics it publishes to: name → name, once they exist."
  type        = map(string)
}

variable "queues" {
  description = "Queues it fills: name → name, once they exist."
  type        = map(string)
}

variable "vault" {
  description = "The bucket that heads of the audit log go to."
  type        = string
}

variable "secrets" {
  description = "Secrets it may read; one that ends in * is the beginning of many names."
  type        = set(string)
}

variable "keeps" {
  description = "Secrets it may add versions to and destroy versions of; each ends in * and is the beginning of many names."
  type        = set(string)
}

variable "secret_ids" {
  description = "Name → id of the secrets that exist once per environment."
  type        = map(string)
}

variable "endpoint" {
  description = "The URL it is called at. An input: no audience is read back from a deployment."
  type        = string
}
