// Checks a bundle of one record in this browser, with Web Crypto and nothing else: the signature over the record, the leaf about the envelope, the path
// from the leaf to the root, and the log's signature over the checkpoint that names the root. Strict: fields that there are not,
// second spellings and fields that disagree are refused. (A field that stands twice is taken as the last of them: JSON.parse tells no more; `watchfire verify`
// refuses it.) Words stand on the page; here is none.
(function () {
  "use strict";
  var place = document.getElementById("verify");
  if (!place) { return; }
  var subtle = window.isSecureContext && window.crypto && window.crypto.subtle;
  if (!subtle) {
    document.getElementById("verify-insecure").hidden = false;
    return;
  }
  document.getElementById("verify-go").hidden = false;

  var PAYLOAD_TYPE = "application/vnd.in-toto+json";
  var MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";
  var BYTES_MAX = 64 * 1024 * 1024;
  var utf8 = new TextEncoder();

  // What does not hold, said by throwing.
  function must(holds, why) { if (!holds) { throw new Error(why || ""); } }

  function bytesOf(text) {
    must(typeof text === "string", "base64");
    var raw = atob(text);
    // One spelling: no white space, no missing padding, no stray bits.
    must(btoa(raw) === text, "base64");
    var out = new Uint8Array(raw.length);
    for (var i = 0; i < raw.length; i++) { out[i] = raw.charCodeAt(i); }
    return out;
  }
  function base64(bytes) {
    var raw = "";
    for (var i = 0; i < bytes.length; i += 8192) { raw += String.fromCharCode.apply(null, bytes.subarray(i, i + 8192)); }
    return btoa(raw);
  }
  function hex(bytes) { return Array.from(bytes, function (b) { return b.toString(16).padStart(2, "0"); }).join(""); }
  function joined() {
    var parts = Array.from(arguments), length = parts.reduce(function (n, p) { return n + p.length; }, 0), out = new Uint8Array(length), at = 0;
    parts.forEach(function (p) { out.set(p, at); at += p.length; });
    return out;
  }
  function same(a, b) { return a.length === b.length && a.every(function (x, i) { return x === b[i]; }); }
  async function sha256(bytes) { return new Uint8Array(await subtle.digest("SHA-256", bytes)); }
  function fields(value, names) {
    must(value && typeof value === "object" && !Array.isArray(value), names[0]);
    must(Object.keys(value).sort().join() === names.slice().sort().join(), Object.keys(value).join(", "));
    return value;
  }
  function whole(text) {
    must(typeof text === "string" && /^(0|[1-9][0-9]*)$/.test(text) && Number.isSafeInteger(Number(text)), String(text));
    return Number(text);
  }

  // DER of an ECDSA signature to the r and s that Web Crypto takes.
  function raw(der) {
    must(der.length >= 8 && der[0] === 0x30 && der[1] === der.length - 2 && der[1] < 128, "DER");
    var out = new Uint8Array(64), at = 2;
    [0, 32].forEach(function (to) {
      must(der[at] === 2, "DER");
      var length = der[at + 1], number = der.subarray(at + 2, at + 2 + length);
      must(length > 0 && number.length === length && number[0] < 128, "DER");
      must(!(length > 1 && number[0] === 0 && number[1] < 128), "DER");
      if (number[0] === 0) { number = number.subarray(1); }
      must(number.length <= 32, "DER");
      out.set(number, to + 32 - number.length);
      at += 2 + length;
    });
    must(at === der.length, "DER");
    return out;
  }

  // Keys in order, so that two spellings of one value are one text.
  function ordered(value) {
    if (Array.isArray(value)) { return value.map(ordered); }
    if (value && typeof value === "object") {
      var out = Object.create(null);
      Object.keys(value).sort().forEach(function (k) { out[k] = ordered(value[k]); });
      return out;
    }
    return value;
  }

  // The root that an audit path leads to: RFC 9162, 2.1.3.2.
  async function root(index, size, leaf, path) {
    must(index < size, "index");
    var f = index, s = size - 1, r = leaf;
    for (var i = 0; i < path.length; i++) {
      must(s !== 0, "path");
      if (f % 2 === 1 || f === s) {
        r = await sha256(joined(new Uint8Array([1]), path[i], r));
        while (f % 2 === 0 && f !== 0) { f = f / 2; s = Math.floor(s / 2); }
      } else {
        r = await sha256(joined(new Uint8Array([1]), r, path[i]));
      }
      f = Math.floor(f / 2);
      s = Math.floor(s / 2);
    }
    must(s === 0, "path");
    return r;
  }

  // One step after the other. Each gets what the ones before it found, and returns a detail to show; "cannot" is thrown where this browser cannot tell.
  function Cannot(why) { this.message = why; }
  var steps = {
    shape: async function (it) {
      must(it.text.length <= BYTES_MAX, "size");
      var b = fields(JSON.parse(it.text), ["mediaType", "verificationMaterial", "dsseEnvelope"]);
      must(b.mediaType === MEDIA_TYPE, String(b.mediaType));
      var material = fields(b.verificationMaterial, ["publicKey", "tlogEntries"]);
      must(Array.isArray(material.tlogEntries) && material.tlogEntries.length === 1, "tlogEntries");
      it.entry = fields(material.tlogEntries[0], ["logIndex", "logId", "kindVersion", "inclusionProof", "canonicalizedBody"]);
      fields(it.entry.kindVersion, ["kind", "version"]);
      must(it.entry.kindVersion.kind === "hashedrekord" && it.entry.kindVersion.version === "0.0.2", "kindVersion");
      fields(it.entry.logId, ["keyId"]);
      it.proof = fields(it.entry.inclusionProof, ["logIndex", "rootHash", "treeSize", "hashes", "checkpoint"]);
      fields(it.proof.checkpoint, ["envelope"]);
      it.envelope = fields(b.dsseEnvelope, ["payload", "payloadType", "signatures"]);
      must(it.envelope.payloadType === PAYLOAD_TYPE, String(it.envelope.payloadType));
      must(Array.isArray(it.envelope.signatures) && it.envelope.signatures.length >= 1 && it.envelope.signatures.length <= 8, "signatures");
      it.envelope.signatures.forEach(function (s) { fields(s, ["keyid", "sig"]); bytesOf(s.sig); });
      it.signature = it.envelope.signatures[0];
      must(fields(material.publicKey, ["hint"]).hint === it.signature.keyid, "hint");
      it.payload = bytesOf(it.envelope.payload);
      var statement = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(it.payload));
      fields(statement, ["_type", "subject", "predicateType", "predicate"]);
      it.statement = statement;
      return statement.predicateType;
    },
    key: async function (it) {
      var all = Array.from(document.querySelectorAll("[data-evidence-key]"), function (k) { return bytesOf(k.dataset.evidenceKey); });
      for (var i = 0; i < all.length; i++) {
        if (hex(await sha256(all[i])) === it.signature.keyid) { it.key = all[i]; }
      }
      must(it.key, it.signature.keyid);
      return it.signature.keyid;
    },
    signature: async function (it) {
      var type = utf8.encode(PAYLOAD_TYPE);
      it.signed = joined(utf8.encode("DSSEv1 " + type.length + " " + PAYLOAD_TYPE + " " + it.payload.length + " "), it.payload);
      it.sig = bytesOf(it.signature.sig);
      var key = await subtle.importKey("spki", it.key, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
      must(await subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, raw(it.sig), it.signed));
      return "ECDSA P-256, SHA-256, DSSE";
    },
    shown: async function (it) {
      var shown = document.getElementById("record");
      if (!shown) { throw new Cannot(""); }
      must(JSON.stringify(ordered(JSON.parse(shown.textContent))) === JSON.stringify(ordered(it.statement.predicate)));
      return "";
    },
    leaf: async function (it) {
      // The very text of a hashedrekord 0.0.2 about this envelope.
      var body = '{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{"algorithm":"SHA2_256","digest":"' +
        base64(await sha256(it.signed)) + '"},"signature":{"content":"' + base64(it.sig) +
        '","verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256","publicKey":{"rawBytes":"' + base64(it.key) + '"}}}}}}';
      must(same(utf8.encode(body), bytesOf(it.entry.canonicalizedBody)), "canonicalizedBody");
      it.leaf = await sha256(joined(new Uint8Array([0]), utf8.encode(body)));
      must(hex(it.leaf) === place.dataset.leaf, hex(it.leaf));
      return "sha256:" + hex(it.leaf);
    },
    path: async function (it) {
      it.index = whole(it.entry.logIndex);
      must(it.proof.logIndex === it.entry.logIndex, "logIndex");
      it.size = whole(it.proof.treeSize);
      must(Array.isArray(it.proof.hashes) && it.proof.hashes.length <= 64, "hashes");
      var path = it.proof.hashes.map(bytesOf);
      must(path.every(function (h) { return h.length === 32; }), "hashes");
      it.root = await root(it.index, it.size, it.leaf, path);
      must(base64(it.root) === it.proof.rootHash, "sha256:" + hex(it.root));
      return it.index + " / " + it.size + " · sha256:" + hex(it.root);
    },
    agrees: async function (it) {
      var note = it.proof.checkpoint.envelope;
      must(typeof note === "string" && !/[\u0000-\u0009\u000b-\u001f]/.test(note), "checkpoint");
      var cut = note.lastIndexOf("\n\n");
      must(cut > 0 && note.endsWith("\n") && note.length > cut + 2, "checkpoint");
      it.note = note.slice(0, cut + 1);
      it.lines = note.slice(cut + 2, -1).split("\n");
      var said = it.note.slice(0, -1).split("\n");
      must(said.length >= 3 && said.every(function (l) { return l !== ""; }), "checkpoint");
      it.origin = said[0];
      must(whole(said[1]) === it.size, said[1]);
      must(said[2] === base64(it.root), said[2]);
      return it.origin;
    },
    checkpoint: async function (it) {
      var keys = Array.from(document.querySelectorAll("[data-log-key]"), function (k) { return { origin: k.dataset.origin, raw: bytesOf(k.dataset.logKey) }; });
      var held = null;
      for (var i = 0; i < keys.length; i++) {
        keys[i].id = await sha256(joined(utf8.encode(keys[i].origin + "\n"), new Uint8Array([1]), keys[i].raw));
      }
      must(it.lines.length <= 64, "signatures");
      for (var n = 0; n < it.lines.length; n++) {
        var parts = /^\u2014 ([^ +]+) ([^ ]+)$/.exec(it.lines[n]);
        must(parts, it.lines[n]);
        var blob = bytesOf(parts[2]);
        must(blob.length > 4, it.lines[n]);
        var log = keys.find(function (k) { return k.origin === parts[1] && k.origin === it.origin && same(k.id.subarray(0, 4), blob.subarray(0, 4)); });
        if (!log) { continue; }
        var key;
        try {
          key = await subtle.importKey("raw", log.raw, { name: "Ed25519" }, false, ["verify"]);
        } catch (e) {
          // Everything that can be held against the key without the algorithm is.
          must(base64(log.id) === it.entry.logId.keyId && blob.length === 68, "logId");
          throw new Cannot("");
        }
        must(await subtle.verify({ name: "Ed25519" }, key, blob.subarray(4), utf8.encode(it.note)), "Ed25519");
        held = log;
      }
      must(held, it.origin);
      must(base64(held.id) === it.entry.logId.keyId, "logId");
      return "Ed25519 · " + it.origin;
    }
  };

  var SHAPES = { good: "\u2713", bad: "\u2715", warn: "!", calm: "\u00b7" };
  function told(where, tone, text) {
    where.textContent = "";
    var mark = document.createElement("span"), shape = document.createElement("span");
    mark.className = "mark long " + tone;
    shape.setAttribute("aria-hidden", "true");
    shape.textContent = SHAPES[tone];
    mark.appendChild(shape);
    mark.appendChild(document.createTextNode(" " + text));
    where.appendChild(mark);
  }
  function verdict(li, say, detail) {
    var tone = say === "good" ? "good" : say === "bad" ? "bad" : "warn";
    li.dataset.verdict = say;
    told(li.querySelector(".verdict"), tone, li.querySelector('[data-say="' + say + '"]').textContent);
    li.querySelector(".detail").textContent = detail || "";
  }
  var whole_ = document.getElementById("verify-whole"), wholeShown = document.createElement("span");
  whole_.appendChild(wholeShown);
  function ended(say) {
    place.dataset.whole = say;
    var tone = say === "good" ? "good" : say === "cannot" ? "warn" : "bad";
    told(wholeShown, tone, whole_.querySelector('[data-whole="' + say + '"]').textContent);
  }

  async function check(text) {
    var it = { text: text }, all = Array.from(place.querySelectorAll("[data-step]")), failed = false, cannot = false;
    delete place.dataset.whole;
    for (var i = 0; i < all.length; i++) {
      if (failed) { verdict(all[i], "skipped"); continue; }
      try {
        verdict(all[i], "good", await steps[all[i].dataset.step](it));
      } catch (e) {
        if (e instanceof Cannot) { cannot = true; verdict(all[i], "cannot", e.message); }
        else { failed = true; verdict(all[i], "bad", e && e.message); }
      }
    }
    ended(failed ? "bad" : cannot ? "cannot" : "good");
  }

  document.getElementById("verify-page").addEventListener("click", async function () {
    try {
      var answer = await fetch(place.dataset.bundle, { credentials: "same-origin", cache: "no-store" });
      must(answer.ok, String(answer.status));
      await check(await answer.text());
    } catch (e) { ended("unread"); }
  });
  document.getElementById("verify-file").addEventListener("change", async function (e) {
    var file = e.target.files && e.target.files[0];
    if (!file) { return; }
    try { await check(await file.text()); } catch (e2) { ended("unread"); }
  });
})();
