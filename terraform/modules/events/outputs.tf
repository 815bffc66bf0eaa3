output "topics" {
  description = "Topic → its name, once it exists."
  value       = { for name, topic in google_pubsub_topic.this : name => topic.name }
}

output "subscriptions" {
  description = "The subscriptions' names."
  value       = sort([for one in google_pubsub_subscription.this : one.name])
}
