terraform {
  required_version = ">= 1.9, < 2.0"

  # The bucket is named at init: terraform init -backend-config=backend.hcl
  backend "gcs" {
    prefix = "sales-agent/dev"
  }

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.7"
    }
    google-beta = {
      source  = "hashicorp/google-beta"
      version = "~> 8.7"
    }
  }
}
