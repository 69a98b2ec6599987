// The script of the page that checks certificates, against the cryptography and zlib of Node.js. Usage: page.js SCRIPT CERTIFICATE...
// Prints one line a certificate, `verdict revocation`, and WRONG for everything in which the two differ.
"use strict";
const fs = require("fs"), crypto = require("crypto"), zlib = require("zlib");
const m = { exports: {} };
new Function("module", fs.readFileSync(process.argv[2], "utf8"))(m);
const { check, sha512, verify, gunzip } = m.exports;
const bytes = (b) => new Uint8Array(b);
for (const n of [0, 1, 111, 112, 127, 128, 239, 240, 1000]) {
  const b = crypto.randomBytes(n);
  if (Buffer.from(sha512(bytes(b))).compare(crypto.createHash("sha512").update(b).digest()) !== 0) console.log("WRONG sha512", n);
}
for (let i = 0; i < 8; i++) {
  const { publicKey, privateKey } = crypto.generateKeyPairSync("ed25519");
  const key = bytes(publicKey.export({ type: "spki", format: "der" }).slice(-32));
  const message = crypto.randomBytes(i * 37), good = bytes(crypto.sign(null, message, privateKey)), bad = bytes(good);
  bad[i * 8] ^= 1;
  if (!verify(key, bytes(message), good)) console.log("WRONG refused", i);
  if (verify(key, bytes(message), bad)) console.log("WRONG accepted", i);
  if (verify(key, bytes(Buffer.concat([message, Buffer.from("x")])), good)) console.log("WRONG accepted a longer message", i);
}
for (const level of [0, 1, 6, 9]) {
  for (const plain of [Buffer.alloc(16384), crypto.randomBytes(70000), Buffer.from("abcabcabd".repeat(5000))]) {
    if (Buffer.from(gunzip(bytes(zlib.gzipSync(plain, { level })))).compare(plain) !== 0) console.log("WRONG gunzip", level);
  }
}
try {
  gunzip(bytes(zlib.gzipSync(Buffer.alloc(3 << 20))));
  console.log("WRONG unpacked more than the limit");
} catch (e) { /* as it should be */ }
for (const file of process.argv.slice(3)) {
  const got = check(fs.readFileSync(file, "utf8"), Date.now());
  console.log(got.verdict, got.revoked);
}
