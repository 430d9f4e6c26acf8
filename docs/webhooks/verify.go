// Verifies a webhook of Shouyin. Go 1.18 or later, no packages.
// go run verify.go KEY ID TIMESTAMP SIGNATURES < body
package main

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

const toleranceS = 5 * 60

// Verify takes a key (whsec_… or whpk_…), three headers, and the raw body, unparsed.
func Verify(key, id, timestamp, signatures string, body []byte, now time.Time) bool {
	sent, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || now.Unix()-sent > toleranceS || sent-now.Unix() > toleranceS {
		return false
	}
	content := append([]byte(id+"."+timestamp+"."), body...)
	kind, text, _ := strings.Cut(key, "_")
	secret, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return false
	}
	// During a rotation there is a signature for each key: one that fits is enough.
	for _, entry := range strings.Split(signatures, " ") {
		scheme, text, _ := strings.Cut(entry, ",")
		signature, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			continue
		}
		if kind == "whsec" && scheme == "v1" {
			mac := hmac.New(sha256.New, secret)
			mac.Write(content)
			if hmac.Equal(mac.Sum(nil), signature) {
				return true
			}
		}
		if kind == "whpk" && scheme == "v1a" && len(secret) == ed25519.PublicKeySize &&
			ed25519.Verify(secret, content, signature) {
			return true
		}
	}
	return false
}

func main() {
	body, err := io.ReadAll(os.Stdin)
	a := os.Args
	if err != nil || len(a) != 5 || !Verify(a[1], a[2], a[3], a[4], body, time.Now()) {
		os.Exit(1)
	}
}
