# The development environment; another environment is this folder with other values.

module "sales_agent" {
  source = "../../modules/sales_agent"

  environment        = "dev"
  project_id         = var.project_id
  region             = var.region
  firestore_location = var.firestore_location
  public_url         = var.public_url
  log_level          = var.log_level
  settings           = var.settings
  secret_environment = var.secret_environment
  max_instances      = 5
  keep_warm          = false
  protected          = false
}
