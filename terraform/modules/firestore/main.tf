# The database, with the indexes and field settings of infra/firestore.indexes.json: the file the emulator checks queries against.

locals {
  declared = jsondecode(file(var.indexes_file))

  indexes = {
    for index in local.declared.indexes :
    join("--", concat(
      [index.collectionGroup, lower(try(index.queryScope, "COLLECTION"))],
      [for field in index.fields : "${field.fieldPath}-${lower(try(field.order, field.arrayConfig, "vector${field.vectorConfig.dimension}"))}"],
    )) => index
  }

  overrides = {
    for field in try(local.declared.fieldOverrides, []) : "${field.collectionGroup}--${field.fieldPath}" => field
  }
}

resource "google_firestore_database" "this" {
  project     = var.project_id
  name        = "(default)"
  location_id = var.location
  type        = "FIRESTORE_NATIVE"

  point_in_time_recovery_enablement = var.protected ? "POINT_IN_TIME_RECOVERY_ENABLED" : "POINT_IN_TIME_RECOVERY_DISABLED"
  delete_protection_state           = var.protected ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = var.protected ? "ABANDON" : "DELETE"
}

resource "google_firestore_index" "this" {
  for_each = local.indexes

  project     = var.project_id
  database    = google_firestore_database.this.name
  collection  = each.value.collectionGroup
  query_scope = try(each.value.queryScope, "COLLECTION")

  dynamic "fields" {
    for_each = each.value.fields

    content {
      field_path   = fields.value.fieldPath
      order        = try(fields.value.order, null)
      array_config = try(fields.value.arrayConfig, null)

      dynamic "vector_config" {
        for_each = try([fields.value.vectorConfig], [])

        content {
          dimension = vector_config.value.dimension
          flat {}
        }
      }
    }
  }
}

resource "google_firestore_field" "this" {
  for_each = local.overrides

  project    = var.project_id
  database   = google_firestore_database.this.name
  collection = each.value.collectionGroup
  field      = each.value.fieldPath

  # An empty list switches the automatic indexes of the field off; no list leaves them as they are.
  dynamic "index_config" {
    for_each = try([each.value.indexes], [])

    content {
      dynamic "indexes" {
        for_each = index_config.value

        content {
          order        = try(indexes.value.order, null)
          array_config = try(indexes.value.arrayConfig, null)
          query_scope  = try(indexes.value.queryScope, "COLLECTION")
        }
      }
    }
  }

  dynamic "ttl_config" {
    for_each = try(each.value.ttl, false) ? [true] : []
    content {}
  }
}
