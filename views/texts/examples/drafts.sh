# Make a draft; the token is in the environment, as SIJIL_TOKEN
draft=$(curl --fail --silent --show-error --output draft.json --write-out '%header{location}' \
  --header "Authorization: Bearer $SIJIL_TOKEN" --header "Content-Type: application/json" --header "Idempotency-Key: agence-exemple-1" \
  --data '{"record":{"language":"fr","slug":"agence-exemple","kind":"agency",
    "names":[{"key":"official","language":"fr","kind":"official","name":"Agence d’exemple"}]}}' \
  "https://sijil.example/api/v1/drafts/institutions")

# Write it anew, if nobody has changed it since
curl --fail --silent --show-error --request PUT \
  --header "Authorization: Bearer $SIJIL_TOKEN" --header "Content-Type: application/json" --header 'If-Match: "1"' \
  --data '{"record":{"language":"fr","slug":"agence-exemple","kind":"agency","website":"https://agence.example",
    "names":[{"key":"official","language":"fr","kind":"official","name":"Agence d’exemple"}]}}' \
  "$draft"
