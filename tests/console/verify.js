// The page of a record checks its bundle in the browser: true ones hold, and a bundle with one thing changed does not, at the step that is about it.
// Usage: verify.js DEMO.json. Prints "OK …" or "WRONG …" a line.
"use strict";
const fs = require("fs");
const os = require("os");
const path = require("path");
const { chromium } = require("playwright-core");
const demo = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
let wrong = 0, checked = 0;
function bad(text) { wrong += 1; console.log("WRONG verify: " + text); }

// One bit of base64 text, another one; the text stays base64 of its length.
function flipped(text, at = 0) {
  const bytes = Buffer.from(text, "base64");
  bytes[at < 0 ? bytes.length + at : at] ^= 1;
  return bytes.toString("base64");
}
const entry = (b) => b.verificationMaterial.tlogEntries[0];
const proof = (b) => entry(b).inclusionProof;
const sig = (b) => b.dsseEnvelope.signatures[0];
const note = (b, change) => { proof(b).checkpoint.envelope = change(proof(b).checkpoint.envelope); };
const line = (n, change) => (text) => text.split("\n").map((l, i) => (i === n ? change(l) : l)).join("\n");
// What is changed, and the step that has to say so.
const TAMPERED = {
  "the media type": ["shape", (b) => { b.mediaType += "x"; }],
  "a strange field": ["shape", (b) => { b.more = 1; }],
  "a field that is gone": ["shape", (b) => { delete entry(b).logId; }],
  "the type of what is signed": ["shape", (b) => { b.dsseEnvelope.payloadType = "text/plain"; }],
  "the hint of the key": ["shape", (b) => { b.verificationMaterial.publicKey.hint = "0".repeat(64); }],
  "no signature": ["shape", (b) => { b.dsseEnvelope.signatures = []; }],
  "white space in base64": ["shape", (b) => { b.dsseEnvelope.payload += "\n"; }],
  "the kind of the entry": ["shape", (b) => { entry(b).kindVersion.kind = "intoto"; }],
  "another key's id": ["key", (b) => { sig(b).keyid = "0".repeat(64); b.verificationMaterial.publicKey.hint = sig(b).keyid; }],
  "what was signed": ["signature", (b) => { b.dsseEnvelope.payload = Buffer.from(Buffer.from(b.dsseEnvelope.payload, "base64").toString().replace(/"node":"0?./, (m) => m.slice(0, -1) + (m.endsWith("f") ? "e" : "f"))).toString("base64"); }],
  "the end of the signature": ["signature", (b) => { sig(b).sig = flipped(sig(b).sig, -1); }],
  "the form of the signature": ["signature", (b) => { sig(b).sig = flipped(sig(b).sig, 0); }],
  "the digest in the leaf": ["leaf", (b) => { const body = JSON.parse(Buffer.from(entry(b).canonicalizedBody, "base64")); body.spec.hashedRekordV002.data.digest = flipped(body.spec.hashedRekordV002.data.digest); entry(b).canonicalizedBody = Buffer.from(JSON.stringify(body)).toString("base64"); }],
  "a byte of the leaf": ["leaf", (b) => { entry(b).canonicalizedBody = flipped(entry(b).canonicalizedBody, 30); }],
  "the path": ["path", (b) => { proof(b).hashes[0] = flipped(proof(b).hashes[0]); }],
  "a path that is too short": ["path", (b) => { proof(b).hashes.pop(); }],
  "a path that is too long": ["path", (b) => { proof(b).hashes.push(proof(b).hashes[0]); }],
  "one index": ["path", (b) => { entry(b).logIndex = String(Number(entry(b).logIndex) + 1); }],
  "both indexes": ["path", (b) => { const n = String(Number(entry(b).logIndex) ^ 1); entry(b).logIndex = n; proof(b).logIndex = n; }],
  "an index with a zero before it": ["path", (b) => { entry(b).logIndex = "0" + entry(b).logIndex; proof(b).logIndex = entry(b).logIndex; }],
  "the root": ["path", (b) => { proof(b).rootHash = flipped(proof(b).rootHash); }],
  "the size in the checkpoint": ["agrees", (b) => note(b, line(1, (l) => String(Number(l) + 1)))],
  "the root in the checkpoint": ["agrees", (b) => note(b, line(2, flipped))],
  "a checkpoint without its end": ["agrees", (b) => note(b, (t) => t.trimEnd())],
  "the log's name": ["checkpoint", (b) => note(b, line(0, (l) => l + "x"))],
  "the log's signature": ["checkpoint", (b) => note(b, (t) => t.replace(/(\u2014 \S+ )(\S+)\n$/, (_, a, s) => a + flipped(s, 20) + "\n"))],
  "the log's id": ["checkpoint", (b) => { entry(b).logId.keyId = flipped(entry(b).logId.keyId); }],
};

async function page(browser, node, init) {
  const context = await browser.newContext({ locale: "en-US" });
  if (init) { await context.addInitScript(init); }
  const page = await context.newPage();
  page.on("pageerror", (e) => bad(`the page broke: ${e}`));
  await page.goto(`${node.url}/lang/en?back=/enter`);
  await page.fill("#login", "officer");
  await page.fill("#password", demo.password);
  await page.click("main button[type=submit]");
  return page;
}
// The verdict of the whole, and the first step that does not hold.
async function verdict(page) {
  await page.waitForFunction(() => document.getElementById("verify").dataset.whole);
  checked += 1;
  return page.evaluate(() => {
    const steps = Array.from(document.querySelectorAll("[data-step]"));
    const first = steps.find((s) => s.dataset.verdict !== "good");
    return { whole: document.getElementById("verify").dataset.whole, step: first ? first.dataset.step : "", say: first ? first.dataset.verdict : "", said: document.querySelector("#verify-whole > span:last-child").textContent };
  });
}
async function given(page, bytes) {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "watchfire-verify-")), "bundle.json");
  fs.writeFileSync(file, bytes);
  await page.evaluate(() => { delete document.getElementById("verify").dataset.whole; document.getElementById("verify-file").value = ""; });
  await page.setInputFiles("#verify-file", file);
  const said = await verdict(page);
  fs.rmSync(path.dirname(file), { recursive: true });
  return said;
}

(async () => {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: FLAGS });
  const node = demo.served[demo.served.length - 1];
  const at = await page(browser, node);
  // Every kind of record that this log has, and the ends of the log.
  const log = await at.evaluate(async () => (await fetch("/api/v1/evidence")).json());
  const kinds = new Map(log.records.map((r) => [r.kind, r]));
  const records = [...kinds.values(), log.records[0]];
  for (const r of records) {
    await at.goto(`${node.url}/evidence/${r.leaf.slice(7)}`);
    await at.click("#verify-page");
    const said = await verdict(at);
    // A record that is too large for the page cannot be compared with it; everything else of it holds.
    const fits = said.whole === "good" || (said.whole === "cannot" && said.step === "shown");
    if (!fits || !said.said.length) { bad(`record ${r.index} (${r.kind}): ${JSON.stringify(said)}`); }
  }
  // A small record, so that every step is gone through.
  const small = kinds.get("attestation") || kinds.get("scope") || log.records[0];
  await at.goto(`${node.url}/evidence/${small.leaf.slice(7)}`);
  const text = await at.evaluate(async () => (await fetch(document.getElementById("verify").dataset.bundle)).text());
  const same = await given(at, text);
  if (same.whole !== "good") { bad(`the very bundle from a file: ${JSON.stringify(same)}`); }
  for (const [what, [step, change]] of Object.entries(TAMPERED)) {
    const bundle = JSON.parse(text);
    change(bundle);
    const said = await given(at, JSON.stringify(bundle));
    if (said.whole !== "bad" || said.step !== step || said.say !== "bad") { bad(`${what}: wanted ${step}, got ${JSON.stringify(said)}`); }
  }
  for (const [what, bytes] of [["no JSON", "{"], ["an empty file", ""], ["a list", "[]"]]) {
    const said = await given(at, bytes);
    if (said.whole !== "bad" || said.step !== "shape") { bad(`${what}: ${JSON.stringify(said)}`); }
  }
  // A true bundle of another record is not about this one.
  const other = log.records.find((r) => r.leaf !== small.leaf);
  const another = await at.evaluate(async (leaf) => (await fetch(`/evidence/${leaf}/download/bundle`)).text(), other.leaf.slice(7));
  const said = await given(at, another);
  if (said.whole !== "bad" || !["shown", "leaf"].includes(said.step)) { bad(`another record's bundle: ${JSON.stringify(said)}`); }
  // What the page shows was changed on its way.
  await at.evaluate(() => { const r = document.getElementById("record"); r.textContent = r.textContent.replace(/"stated_at": "2/, '"stated_at": "1'); });
  const shown = await given(at, text);
  if (shown.whole !== "bad" || shown.step !== "shown") { bad(`a page that shows something else: ${JSON.stringify(shown)}`); }

  // A browser without Ed25519 says which part it did not check - and sees everything else.
  const old = await page(browser, node, () => {
    const real = SubtleCrypto.prototype.importKey;
    SubtleCrypto.prototype.importKey = function (form, key, how, ...rest) {
      return how && how.name === "Ed25519" ? Promise.reject(new DOMException("Unrecognized name.", "NotSupportedError")) : real.call(this, form, key, how, ...rest);
    };
  });
  await old.goto(`${node.url}/evidence/${small.leaf.slice(7)}`);
  await old.click("#verify-page");
  const without = await verdict(old);
  if (without.whole !== "cannot" || without.step !== "checkpoint") { bad(`without Ed25519: ${JSON.stringify(without)}`); }
  if (!(await old.textContent("#verify")).includes("watchfire verify")) { bad("without Ed25519: it does not say how to check"); }
  const tampered = JSON.parse(text);
  TAMPERED["the path"][1](tampered);
  if ((await given(old, JSON.stringify(tampered))).whole !== "bad") { bad("without Ed25519: a wrong path holds"); }
  // Without a secure context there is nothing to check with: the page says so and offers no button.
  const plain = await page(browser, node, () => { Object.defineProperty(window, "isSecureContext", { value: false }); });
  await plain.goto(`${node.url}/evidence/${small.leaf.slice(7)}`);
  if (!(await plain.isVisible("#verify-insecure")) || (await plain.isVisible("#verify-page"))) { bad("over plain HTTP the page does not say that it cannot"); }

  await browser.close();
  console.log(`${wrong === 0 ? "OK" : "WRONG"} verify: ${checked} bundles checked in the browser, ${Object.keys(TAMPERED).length} ways to change one, ${wrong} faults`);
  process.exit(wrong === 0 ? 0 : 1);
})().catch((e) => { console.log("WRONG verify: " + e.stack); process.exit(1); });
