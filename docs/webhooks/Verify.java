// Verifies a webhook of Shouyin. Java 17 or later, no packages.
// java Verify.java KEY ID TIMESTAMP SIGNATURES < body
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Verify {
    static final long TOLERANCE_S = 5 * 60;
    /** What stands before the 32 bytes of an Ed25519 key in the form that Java reads. */
    static final byte[] ED25519 = HexFormat.of().parseHex("302a300506032b6570032100");

    /** key is whsec_… or whpk_…; the next three are headers; body is the raw body, unparsed. */
    static boolean verify(
            String key, String id, String timestamp, String signatures, byte[] body, long now)
            throws GeneralSecurityException {
        if (!timestamp.matches("[0-9]{1,12}")
                || Math.abs(now - Long.parseLong(timestamp)) > TOLERANCE_S) {
            return false;
        }
        byte[] head = (id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8);
        byte[] content = concat(head, body);
        String[] parts = key.split("_", 2);
        byte[] secret = Base64.getDecoder().decode(parts[1]);
        // During a rotation there is a signature for each key: one that fits is enough.
        for (String entry : signatures.split(" ")) {
            String[] pair = entry.split(",", 2);
            byte[] signature = Base64.getDecoder().decode(pair[1]);
            if (parts[0].equals("whsec") && pair[0].equals("v1")) {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(secret, "HmacSHA256"));
                if (MessageDigest.isEqual(mac.doFinal(content), signature)) return true;
            }
            if (parts[0].equals("whpk") && pair[0].equals("v1a")) {
                X509EncodedKeySpec spec = new X509EncodedKeySpec(concat(ED25519, secret));
                PublicKey publicKey = KeyFactory.getInstance("Ed25519").generatePublic(spec);
                Signature verifier = Signature.getInstance("Ed25519");
                verifier.initVerify(publicKey);
                verifier.update(content);
                if (verifier.verify(signature)) return true;
            }
        }
        return false;
    }

    static byte[] concat(byte[] one, byte[] two) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(one);
        all.writeBytes(two);
        return all.toByteArray();
    }

    public static void main(String[] args) throws Exception {
        byte[] body = System.in.readAllBytes();
        long now = System.currentTimeMillis() / 1000;
        System.exit(verify(args[0], args[1], args[2], args[3], body, now) ? 0 : 1);
    }
}
