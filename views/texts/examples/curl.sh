# Data leaks, with some of their fields, in English
curl --fail --silent --show-error \
  "https://sijil.example/api/v1/incidents?kind=information-content-security/data-leak&fields=title,occurred,updated_at&lang=en"

# Ask again only for what has changed
curl --fail --silent --show-error --etag-save sijil.etag --etag-compare sijil.etag \
  "https://sijil.example/api/v1/statements?limit=100" --output sijil-statements.json

# What has changed since a day, and what is gone
curl --fail --silent --show-error "https://sijil.example/api/v1/incidents?updated_since=2025-04-08"
