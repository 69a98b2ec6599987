// npm @sigstore/verify over our bundles. Usage: node sigstore.js DIR. One line a verdict.
const fs = require('fs');
const path = require('path');
const crypto = require('crypto');
const { bundleFromJSON } = require('@sigstore/bundle');
const { Verifier, toTrustMaterial, toSignedEntity } = require('@sigstore/verify');
const { TrustedRoot } = require('@sigstore/protobuf-specs');

const dir = process.argv[2];
const read = (name) => fs.readFileSync(path.join(dir, name));
const keyid = read('keyid').toString();

function verifier(pem) {
  const root = TrustedRoot.fromJSON(JSON.parse(read('trusted_root.json')));
  const der = crypto.createPublicKey(read(pem)).export({ type: 'spki', format: 'der' });
  // 5 is PKIX_ECDSA_P256_SHA_256 in Sigstore's PublicKeyDetails.
  const material = toTrustMaterial(root, { [keyid]: { rawBytes: der, keyDetails: 5 } });
  return new Verifier(material, { tlogThreshold: 1, timestampThreshold: 0, ctlogThreshold: 0 });
}

function say(name, want, pem = 'evidence.pem') {
  let verdict = 'accepted';
  try {
    verifier(pem).verify(toSignedEntity(bundleFromJSON(JSON.parse(read(name)))));
  } catch (e) {
    verdict = `refused (${e.code || e.name}: ${String(e.message).split('\n')[0]})`;
  }
  const right = (verdict === 'accepted') === want ? 'ok' : 'WRONG';
  console.log(`${right} @sigstore/verify ${name} under ${pem}: ${verdict}`);
}

say('bundle.json', true);
say('bundle.json', false, 'tampered/evidence.pem');
for (const name of fs.readdirSync(path.join(dir, 'tampered')).sort()) {
  if (name.startsWith('bundle-')) say(`tampered/${name}`, false);
}
