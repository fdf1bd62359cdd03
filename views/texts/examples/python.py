import json
import urllib.request


def everything(address):
    while address:
        with urllib.request.urlopen(address) as answer:
            page = json.load(answer)
        yield from page["data"]
        address = page.get("next")


# Who claims what about the extent of the leak, in the order of the statements
claims = everything("https://sijil.example/api/v1/claims?incident=SJ-2025-0001&topic=scope&lang=fr&limit=100")
for claim in claims:
    said = claim["statement"].get("said", {}).get("edtf", "not stated")
    for text in claim["paraphrase"].values():
        print(said, claim["id"], claim["modality"], text["text"], sep="\t")
