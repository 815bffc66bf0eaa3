# The manifests, read where they lie. A new functions/<name>/function.yaml is deployed without a change here.

locals {
  root    = "${path.module}/../../.."
  build   = "${local.root}/build"
  written = "${local.build}/bundles.json"

  manifests = {
    for file in fileset("${local.root}/functions", "*/function.yaml") :
    dirname(file) => yamldecode(file("${local.root}/functions/${file}"))
  }

  # A missing bundle still has a name, so that a plan shows everything; uploading it fails before any function is touched.
  bundled = fileexists(local.written) ? jsondecode(file(local.written)) : {}
  bundles = { for name, manifest in local.manifests : name => lookup(local.bundled, name, "${name}-not-bundled.zip") }

  endpoints = { for name, manifest in local.manifests : name => "${local.functions_url}/${replace(name, "_", "-")}" }
  public    = { for name, manifest in local.manifests : name => try(manifest.trigger.http, "") == "public" }

  dead_letter_topic = "dead-letters"

  topics = toset(flatten([
    for manifest in local.manifests : [try(tolist(manifest.publishes), []), try([manifest.trigger.topic], [])]
  ]))

  # The words that may stand for a list, as infra/manifests.py understands them.
  meanings = {
    publishes = { all = local.topics }
    enqueues = {
      all    = toset([for manifest in local.manifests : manifest.trigger.queue if can(manifest.trigger.queue)])
      chores = toset([for manifest in local.manifests : manifest.trigger.queue if can(manifest.chore)])
    }
  }
  publishes = {
    for name, manifest in local.manifests : name => can(tolist(manifest.publishes)) ? toset(manifest.publishes) : local.meanings.publishes[manifest.publishes]
  }
  enqueues = {
    for name, manifest in local.manifests : name => can(tolist(manifest.enqueues)) ? toset(manifest.enqueues) : local.meanings.enqueues[manifest.enqueues]
  }

  secrets = toset(flatten([for manifest in local.manifests : manifest.secrets]))

  subscriptions = merge(
    {
      for name, manifest in local.manifests : "${manifest.trigger.topic}--${name}" => {
        topic        = manifest.trigger.topic
        function     = name
        max_attempts = manifest.retry.max_attempts
      } if can(manifest.trigger.topic)
    },
    {
      for name, manifest in local.manifests : "${local.dead_letter_topic}--${name}" => {
        topic        = local.dead_letter_topic
        function     = name
        max_attempts = null
      } if can(manifest.trigger.dead_letters)
    },
  )
}

check "bundles" {
  assert {
    condition     = length(setsubtract(keys(local.manifests), keys(local.bundled))) == 0
    error_message = "Run `make bundle` before applying. Without a bundle: ${join(", ", setsubtract(keys(local.manifests), keys(local.bundled)))}."
  }
}
