<?php
// Verifies a webhook of Shouyin. PHP 8 or later; whpk_ keys need the sodium extension.
// php verify.php KEY ID TIMESTAMP SIGNATURES < body

const TOLERANCE_S = 5 * 60;

/** $key is whsec_… or whpk_…; the next three are headers; $body is the raw body, unparsed. */
function verify(string $key, string $id, string $timestamp, string $signatures, string $body, ?int $now = null): bool
{
    if (!ctype_digit($timestamp) || abs(($now ?? time()) - (int) $timestamp) > TOLERANCE_S) {
        return false;
    }
    $content = "$id.$timestamp.$body";
    [$kind, $text] = explode('_', $key, 2);
    $secret = base64_decode($text);
    // During a rotation there is a signature for each key: one that fits is enough.
    foreach (explode(' ', $signatures) as $entry) {
        [$scheme, $text] = explode(',', $entry, 2) + ['', ''];
        $signature = base64_decode($text);
        if ($kind === 'whsec' && $scheme === 'v1'
            && hash_equals(hash_hmac('sha256', $content, $secret, true), $signature)) {
            return true;
        }
        if ($kind === 'whpk' && $scheme === 'v1a'
            && strlen($signature) === SODIUM_CRYPTO_SIGN_BYTES
            && sodium_crypto_sign_verify_detached($signature, $content, $secret)) {
            return true;
        }
    }
    return false;
}

if (realpath($argv[0] ?? '') === __FILE__) {
    exit(verify($argv[1], $argv[2], $argv[3], $argv[4], file_get_contents('php://stdin')) ? 0 : 1);
}
