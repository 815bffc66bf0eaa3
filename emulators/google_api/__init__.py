"""What Google's REST APIs (Gmail, Calendar, Drive) share: the front door, errors, pages, masks, batches, uploads and quotas."""
