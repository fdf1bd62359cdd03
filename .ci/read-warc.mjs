// Reads a WARC file by npm's warcio: prints the payload of each answer, and for
// each record with a digest whether its block has it.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { WARCParser } from "warcio";

const file = process.argv[2];
const blocks = [];
for await (const record of new WARCParser(createReadStream(file), { parseHttp: false })) {
  const hash = createHash("sha256");
  for await (const chunk of record) hash.update(chunk);
  const said = record.warcHeader("WARC-Block-Digest");
  if (record.warcType !== "warcinfo" || said) blocks.push(said === `sha256:${hash.digest("hex")}`);
}
blocks.slice(1).forEach((sound) => console.log(sound ? "SOUND" : "DIFFERS"));
if (!blocks[0]) console.log("DIFFERS");
for await (const record of new WARCParser(createReadStream(file))) {
  if (record.warcType === "response") console.log(await record.contentText());
}
