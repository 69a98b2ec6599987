(function () {
"use strict";
var P = (BigInt(1) << BigInt(255)) - BigInt(19);
var L = (BigInt(1) << BigInt(252)) + BigInt("27742317777372353535851937790883648493");
var N0 = BigInt(0), N1 = BigInt(1), N2 = BigInt(2);
function mod(a, m) { var r = a % m; return r < N0 ? r + m : r; }
function pow(b, e, m) { var r = N1; b = mod(b, m); while (e > N0) { if (e & N1) r = r * b % m; b = b * b % m; e >>= N1; } return r; }
function inv(a) { return pow(a, P - N2, P); }
var D = mod(-BigInt(121665) * inv(BigInt(121666)), P);
var ROOT = pow(N2, (P - N1) / BigInt(4), P);
function xOf(y, sign) {
  var yy = y * y % P, u = mod(yy - N1, P), v = mod(D * yy + N1, P);
  var x2 = u * inv(v) % P, x = pow(x2, (P + BigInt(3)) / BigInt(8), P);
  if (mod(x * x - x2, P) !== N0) x = x * ROOT % P;
  if (mod(x * x - x2, P) !== N0) return null;
  if (x === N0 && sign) return null;
  return Number(x & N1) !== sign ? P - x : x;
}
function point(x, y) { return [x, y, N1, x * y % P]; }
function add(p, q) {
  var a = mod((p[1] - p[0]) * (q[1] - q[0]), P), b = mod((p[1] + p[0]) * (q[1] + q[0]), P);
  var c = mod(p[3] * N2 * D * q[3], P), d = mod(p[2] * N2 * q[2], P);
  var e = b - a, f = d - c, g = d + c, h = b + a;
  return [mod(e * f, P), mod(g * h, P), mod(f * g, P), mod(e * h, P)];
}
function mul(s, p) { var q = [N0, N1, N1, N0]; while (s > N0) { if (s & N1) q = add(q, p); p = add(p, p); s >>= N1; } return q; }
function same(p, q) { return mod(p[0] * q[2] - q[0] * p[2], P) === N0 && mod(p[1] * q[2] - q[1] * p[2], P) === N0; }
function little(b) { var n = N0; for (var i = b.length - 1; i >= 0; i--) n = (n << BigInt(8)) | BigInt(b[i]); return n; }
function decode(b) {
  if (b.length !== 32) return null;
  var n = little(b), sign = Number(n >> BigInt(255)), y = n & ((N1 << BigInt(255)) - N1);
  if (y >= P) return null;
  var x = xOf(y, sign);
  return x === null ? null : point(x, y);
}
var BY = mod(BigInt(4) * inv(BigInt(5)), P), BASE = point(xOf(BY, 0), BY);

/* SHA-512 (FIPS 180-4); its constants are the fractions of cube and square roots of primes. */
var M64 = (N1 << BigInt(64)) - N1, K = [], H0 = [];
(function () {
  function root(n, k) { var lo = N0, hi = N1 << BigInt(72); while (lo < hi) { var m = (lo + hi + N1) >> N1; if (k === 3 ? m * m * m <= n : m * m <= n) lo = m; else hi = m - N1; } return lo; }
  for (var c = 2; K.length < 80; c++) {
    var prime = true;
    for (var d = 2; d * d <= c; d++) if (c % d === 0) prime = false;
    if (!prime) continue;
    if (H0.length < 8) H0.push(root(BigInt(c) << BigInt(128), 2) & M64);
    K.push(root(BigInt(c) << BigInt(192), 3) & M64);
  }
})();
function rot(x, n) { return ((x >> BigInt(n)) | (x << BigInt(64 - n))) & M64; }
function sha512(bytes) {
  var len = bytes.length, blocks = Math.ceil((len + 17) / 128), m = new Uint8Array(blocks * 128), i, t;
  m.set(bytes); m[len] = 128;
  var bits = len * 8;
  for (i = 0; i < 6; i++) { m[m.length - 1 - i] = bits % 256; bits = Math.floor(bits / 256); }
  var h = H0.slice();
  for (var b = 0; b < blocks; b++) {
    var w = [];
    for (t = 0; t < 16; t++) { var v = N0; for (i = 0; i < 8; i++) v = (v << BigInt(8)) | BigInt(m[b * 128 + t * 8 + i]); w.push(v); }
    for (t = 16; t < 80; t++) {
      var s0 = rot(w[t - 15], 1) ^ rot(w[t - 15], 8) ^ (w[t - 15] >> BigInt(7)), s1 = rot(w[t - 2], 19) ^ rot(w[t - 2], 61) ^ (w[t - 2] >> BigInt(6));
      w.push((w[t - 16] + s0 + w[t - 7] + s1) & M64);
    }
    var s = h.slice();
    for (t = 0; t < 80; t++) {
      var e1 = rot(s[4], 14) ^ rot(s[4], 18) ^ rot(s[4], 41), ch = (s[4] & s[5]) ^ ((M64 ^ s[4]) & s[6]);
      var t1 = (s[7] + e1 + ch + K[t] + w[t]) & M64, e0 = rot(s[0], 28) ^ rot(s[0], 34) ^ rot(s[0], 39);
      var t2 = (e0 + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]))) & M64;
      s = [(t1 + t2) & M64, s[0], s[1], s[2], (s[3] + t1) & M64, s[4], s[5], s[6]];
    }
    for (i = 0; i < 8; i++) h[i] = (h[i] + s[i]) & M64;
  }
  var out = new Uint8Array(64);
  for (i = 0; i < 8; i++) for (t = 0; t < 8; t++) out[i * 8 + t] = Number((h[i] >> BigInt(56 - 8 * t)) & BigInt(255));
  return out;
}
function verify(key, message, signature) {
  if (signature.length !== 64) return false;
  var a = decode(key), r = decode(signature.slice(0, 32)), s = little(signature.slice(32));
  if (!a || !r || s >= L) return false;
  var all = new Uint8Array(64 + message.length);
  all.set(signature.slice(0, 32)); all.set(key, 32); all.set(message, 64);
  return same(mul(s, BASE), add(r, mul(mod(little(sha512(all)), L), a)));
}
function base64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new Error("base64");
  var raw = atob(text.replace(/-/g, "+").replace(/_/g, "/")), out = new Uint8Array(raw.length);
  for (var i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
  return out;
}
function ascii(text) { var out = new Uint8Array(text.length); for (var i = 0; i < text.length; i++) out[i] = text.charCodeAt(i); return out; }
function json(part) { return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(base64url(part))); }

/* gunzip (RFC 1951, 1952) with a limit. */
var MOST = 1048576;
function gunzip(b) {
  if (b[0] !== 31 || b[1] !== 139 || b[2] !== 8) throw new Error("gzip");
  var flags = b[3], at = 10, out = [], hold = 0, have = 0;
  if (flags & 4) at += 2 + b[at] + 256 * b[at + 1];
  if (flags & 8) while (b[at++]) {}
  if (flags & 16) while (b[at++]) {}
  if (flags & 2) at += 2;
  function bits(n) {
    while (have < n) { if (at >= b.length) throw new Error("short"); hold += b[at++] * Math.pow(2, have); have += 8; }
    var v = hold % Math.pow(2, n); hold = Math.floor(hold / Math.pow(2, n)); have -= n; return v;
  }
  function tree(lengths) {
    var count = [], next = [], code = 0, map = {}, i;
    for (i = 0; i < 16; i++) count[i] = 0;
    lengths.forEach(function (l) { if (l) count[l]++; });
    for (i = 1; i < 16; i++) { code = (code + (i > 1 ? count[i - 1] : 0)) * 2; next[i] = code; }
    lengths.forEach(function (l, s) { if (l) { map[l + ":" + next[l]] = s; next[l]++; } });
    return map;
  }
  function symbol(map) {
    var code = 0;
    for (var l = 1; l < 16; l++) { code = code * 2 + bits(1); var s = map[l + ":" + code]; if (s !== undefined) return s; }
    throw new Error("code");
  }
  function push(v) { if (out.length >= MOST) throw new Error("large"); out.push(v); }
  var LB = [3,4,5,6,7,8,9,10,11,13,15,17,19,23,27,31,35,43,51,59,67,83,99,115,131,163,195,227,258];
  var LE = [0,0,0,0,0,0,0,0,1,1,1,1,2,2,2,2,3,3,3,3,4,4,4,4,5,5,5,5,0];
  var DB = [1,2,3,4,5,7,9,13,17,25,33,49,65,97,129,193,257,385,513,769,1025,1537,2049,3073,4097,6145,8193,12289,16385,24577];
  var last;
  do {
    last = bits(1);
    var kind = bits(2), i;
    if (kind === 0) {
      hold = 0; have = 0;
      var n = b[at] + 256 * b[at + 1]; at += 4;
      for (i = 0; i < n; i++) { if (at >= b.length) throw new Error("short"); push(b[at++]); }
      continue;
    }
    if (kind === 3) throw new Error("block");
    var lit, dist, lens = [];
    if (kind === 1) {
      for (i = 0; i < 288; i++) lens.push(i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8);
      lit = tree(lens);
      lens = []; for (i = 0; i < 30; i++) lens.push(5);
      dist = tree(lens);
    } else {
      var hl = bits(5) + 257, hd = bits(5) + 1, hc = bits(4) + 4, order = [16,17,18,0,8,7,9,6,10,5,11,4,12,3,13,2,14,1,15], cl = [];
      for (i = 0; i < 19; i++) cl[i] = 0;
      for (i = 0; i < hc; i++) cl[order[i]] = bits(3);
      var ct = tree(cl);
      while (lens.length < hl + hd) {
        var c = symbol(ct), rep, val = 0;
        if (c < 16) { lens.push(c); continue; }
        if (c === 16) { val = lens[lens.length - 1]; rep = 3 + bits(2); } else rep = c === 17 ? 3 + bits(3) : 11 + bits(7);
        while (rep--) lens.push(val);
      }
      lit = tree(lens.slice(0, hl)); dist = tree(lens.slice(hl, hl + hd));
    }
    for (;;) {
      var s = symbol(lit);
      if (s === 256) break;
      if (s < 256) { push(s); continue; }
      if (s > 285) throw new Error("length");
      var len = LB[s - 257] + bits(LE[s - 257]), ds = symbol(dist);
      if (ds > 29) throw new Error("distance");
      var d = DB[ds] + bits(ds < 4 ? 0 : (ds >> 1) - 1);
      if (d > out.length) throw new Error("distance");
      while (len--) push(out[out.length - d]);
    }
  } while (!last);
  return out;
}

function read(text, key) {
  var parts = text.trim().split(".");
  if (parts.length !== 3) throw new Error("shape");
  var header = json(parts[0]);
  if (header.alg !== "EdDSA" || header.crit !== undefined) throw new Error("shape");
  return { payload: json(parts[1]), good: verify(key, ascii(parts[0] + "." + parts[1]), base64url(parts[2])) };
}
/* The credential and the claims beside it must say the same. */
function agree(p, kind) {
  var issuer = p.issuer && (p.issuer.id || p.issuer), secs = function (t) { return t === undefined ? undefined : Date.parse(t) / 1000; };
  return p.vc === undefined && Array.isArray(p.type) && p.type.indexOf(kind) >= 0 && p.iss === issuer && p.jti === p.id &&
    p.sub === (p.credentialSubject || {}).id && p.nbf === Math.floor(secs(p.validFrom)) && p.exp === secs(p.validUntil);
}
function check(text, now) {
  var key = base64url(DATA.jwk.x), got, out = { lines: [], verdict: "shape", revoked: "not-checked" };
  try { got = read(text, key); } catch (e) { return out; }
  var p = got.payload, a = (p.credentialSubject || {}).achievement || {};
  if (!agree(p, "OpenBadgeCredential")) return out;
  var id = (p.credentialSubject.identifier || [])[0];
  out.lines = [["what", a.name], ["criteria", (a.criteria || {}).narrative], ["holder", id ? id.identityHash : p.sub], ["issuer", (p.issuer || {}).name],
    ["from", p.validFrom], ["until", p.validUntil || DATA.say["for-ever"]], ["id", p.jti]];
  var status = p.credentialStatus;
  DATA.lists.forEach(function (text) {
    if (!status) return;
    try {
      var list = read(text, key), s = list.payload.credentialSubject;
      if (!list.good || !agree(list.payload, "BitstringStatusListCredential") || list.payload.iss !== p.iss || list.payload.id !== status.statusListCredential) return;
      if (status.type !== "BitstringStatusListEntry" || status.statusPurpose !== "revocation" || s.statusPurpose !== "revocation" || s.encodedList[0] !== "u") return;
      var bytes = gunzip(base64url(s.encodedList.slice(1))), n = Number(status.statusListIndex);
      if (!/^[0-9]+$/.test(status.statusListIndex) || Math.floor(n / 8) >= bytes.length) return;
      if (bytes[Math.floor(n / 8)] & (128 >> n % 8)) out.revoked = "revoked";
      else if (Date.parse(p.validFrom) <= Date.parse(list.payload.validFrom)) out.revoked = "not-revoked";
    } catch (e) {}
  });
  if (p.iss !== DATA.did) out.verdict = "other-key";
  else if (!got.good) out.verdict = "bad-signature";
  else if (out.revoked === "revoked") out.verdict = "revoked";
  else if (Date.parse(p.validFrom) > now) out.verdict = "early";
  else if (p.validUntil && Date.parse(p.validUntil) <= now) out.verdict = "expired";
  else out.verdict = "good";
  return out;
}
function show(text) {
  var box = document.getElementById("result"), got = check(text, Date.now());
  box.textContent = "";
  function line(name, className, text) { var e = document.createElement(name); e.className = className; e.textContent = text; box.appendChild(e); return e; }
  line("p", "verdict", DATA.say[got.verdict]).setAttribute("data-verdict", got.verdict);
  if (got.verdict === "good" || got.verdict === "expired") line("p", "", DATA.say[got.revoked]).setAttribute("data-revoked", got.revoked);
  if (!got.lines.length) return;
  var dl = line("dl", "", "");
  got.lines.forEach(function (l) {
    var dt = document.createElement("dt"), dd = document.createElement("dd");
    dt.textContent = DATA.say[l[0]]; dd.textContent = l[1] === undefined ? "" : String(l[1]);
    dl.appendChild(dt); dl.appendChild(dd);
  });
}
if (typeof document === "undefined") { module.exports = { check: check, sha512: sha512, verify: verify, gunzip: gunzip }; return; }
document.getElementById("go").onclick = function () { show(document.getElementById("text").value); };
document.getElementById("file").onchange = function () {
  var reader = new FileReader();
  reader.onload = function () { document.getElementById("text").value = String(reader.result).slice(0, 70000); show(String(reader.result).slice(0, 70000)); };
  if (this.files[0]) reader.readAsText(this.files[0]);
};
})();
