// Verifies a webhook of Shouyin. Node 18 or later, no packages.
// node verify.js KEY ID TIMESTAMP SIGNATURES < body
const crypto = require("node:crypto");

const TOLERANCE_S = 5 * 60;

/** `key` is whsec_… or whpk_…; the next three are headers; `body` is the raw body, unparsed. */
function verify(key, id, timestamp, signatures, body, now = Date.now() / 1000) {
  if (!(Math.abs(now - Number(timestamp)) <= TOLERANCE_S)) return false;
  const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const [kind, secret] = key.split("_", 2);
  const bytes = Buffer.from(secret, "base64");
  // During a rotation there is a signature for each key: one that fits is enough.
  return signatures.split(" ").some((entry) => {
    const [scheme, text] = entry.split(",", 2);
    const signature = Buffer.from(text ?? "", "base64");
    if (kind === "whsec" && scheme === "v1") {
      const expected = crypto.createHmac("sha256", bytes).update(content).digest();
      return signature.length === expected.length && crypto.timingSafeEqual(signature, expected);
    }
    if (kind === "whpk" && scheme === "v1a") {
      const jwk = { kty: "OKP", crv: "Ed25519", x: bytes.toString("base64url") };
      const publicKey = crypto.createPublicKey({ key: jwk, format: "jwk" });
      return crypto.verify(null, content, publicKey, signature);
    }
    return false;
  });
}

module.exports = { verify };

if (require.main === module) {
  const body = require("node:fs").readFileSync(0);
  process.exit(verify(...process.argv.slice(2, 6), body) ? 0 : 1);
}
