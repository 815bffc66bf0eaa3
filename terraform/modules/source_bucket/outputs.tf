output "bucket" {
  description = "The bucket's name."
  value       = google_storage_bucket.this.name
}

output "objects" {
  description = "Function → name of the uploaded bundle."
  value       = { for name, object in google_storage_bucket_object.bundle : name => object.name }
}
