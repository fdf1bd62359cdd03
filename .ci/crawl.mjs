// Fetches every page of a running site that its links lead to, and writes the
// HTML into a folder. Fails on a link that leads to an error.
//
//   node crawl.mjs http://localhost:8080/ folder
//
// Filters combine without end: of each path only a few query strings are taken.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

const [start, folder] = process.argv.slice(2);
const mostPages = 900;
const mostQueries = 6;
// Exports are files that robots are asked to leave alone (robots.txt), and a network
// gets only so many in a minute; that each is answered, the tests see to.
const mostExports = 20;
let exported = 0;
const origin = new URL(start).origin;

// Pages that no link leads to: error pages are pages, too.
const errorPages = ["fr", "ar", "en"].flatMap((language) => [`/${language}/none-such`, `/${language}/incidents/none-such`]);
const queue = ["/fr/", "/ar/", "/en/", "/"].map((at) => ({ at, from: "the start" }));
const seen = new Set(queue.map(({ at }) => at));
const queries = new Map();
const broken = [];
let pages = 0;

function enqueue(href, base, from) {
  const url = new URL(href.replaceAll("&amp;", "&"), base);
  if (url.origin !== origin || !url.protocol.startsWith("http")) return;
  const at = url.pathname + url.search;
  if (seen.has(at)) return;
  if (url.search) {
    const count = queries.get(url.pathname) ?? 0;
    if (count >= mostQueries) return;
    queries.set(url.pathname, count + 1);
  }
  if (/^\/[a-z]{2}\/exports\//.test(url.pathname) && exported++ >= mostExports) return;
  seen.add(at);
  queue.push({ at, from });
}

async function save(at, html) {
  const name = (at.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "root").slice(0, 120);
  await writeFile(path.join(folder, `${String(pages).padStart(4, "0")}-${name}.html`), html);
  pages++;
}

async function visit({ at, from }, wanted = 200) {
  const response = await fetch(origin + at, { headers: { accept: "text/html,*/*", "accept-language": "fr" } });
  const type = response.headers.get("content-type") ?? "";
  const body = await response.text();
  if (response.status !== wanted) broken.push(`${at} (from ${from}): ${response.status}`);
  if (!type.startsWith("text/html")) return;
  await save(at, body);
  for (const [, attributes] of body.matchAll(/<(?:a|link|script|img|source|area)\b([^>]*)>/g)) {
    if (/\brel="(?:[^"]* )?(?:preconnect|dns-prefetch)\b/.test(attributes)) continue;
    const href = /\b(?:href|src)="([^"]*)"/.exec(attributes);
    if (href) enqueue(href[1], response.url, at);
  }
}

await mkdir(folder, { recursive: true });
while (queue.length > 0 && pages < mostPages) await visit(queue.shift());
for (const at of errorPages) await visit({ at, from: "the error pages" }, 404);

console.log(`crawl: ${pages} pages, ${seen.size} addresses`);
if (pages >= mostPages) broken.push(`there are more than ${mostPages} pages: raise the limit`);
if (broken.length > 0) {
  console.error(`crawl: broken:\n  ${broken.join("\n  ")}`);
  process.exit(1);
}
