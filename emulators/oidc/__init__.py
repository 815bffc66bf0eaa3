"""Google's identity token issuer: a key set, and tokens as Pub/Sub push, Cloud Tasks and Cloud Scheduler send them."""
