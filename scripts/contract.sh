#!/usr/bin/env bash
# Plays a buyer against running programs with nothing of ours but their HTTP contract (docs/API.md),
# and checks every signature with openssl alone. Needs bash, curl, jq and openssl.
#
#   cargo xtask demo            # in one terminal
#   scripts/contract.sh         # in another: [server URL] [control plane URL]
set -euo pipefail

server=${1:-http://127.0.0.1:8080}
control=${2:-http://127.0.0.1:8091}
# A notification arrives within milliseconds; a server that needs longer than this has lost it.
notification_tries=100
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() { echo "FAILED: $*" >&2; exit 1; }
passed() { echo "ok  $*"; }
# call METHOD URL [curl arguments…]: prints the body, leaves the status in the file `status`.
call() {
    local method=$1 url=$2
    shift 2
    curl -sS --max-time 20 -X "$method" -o body -w '%{http_code}' "$url" "$@" >status
    cat body
}
# expect STATUS WHAT: the last call ended with this status.
expect() { [ "$(cat status)" = "$1" ] || fail "$2: HTTP $(cat status) instead of $1: $(cat body)"; }
json() { printf 'Content-Type: application/json'; }
order_with() { # order_with KEY BODY
    call POST "$server/v1/mp/orders" -H "$auth" -H "Idempotency-Key: $1" -H "$(json)" -d "$2"
}

call GET "$control/control/merchant" >merchant.json
appid=$(jq -r .appid merchant.json)
jq -r .certificate_pem merchant.json | openssl x509 -pubkey -noout >merchant_pub.pem
# The platform's key that `Wechatpay-Serial` names: its public key, or one of its certificates.
platform_key() {
    if [ "$1" = "$(jq -r .public_key_id merchant.json)" ]; then
        jq -r .public_key_pem merchant.json
    else
        call GET "$control/control/platform-certificates" |
            jq -r --arg serial "$1" '.data[] | select(.serial_no == $serial) | .certificate_pem' |
            openssl x509 -pubkey -noout
    fi
}

code=$(call POST "$control/control/login" -H "$(json)" \
    -d "{\"appid\":\"$appid\",\"user\":\"demo\"}" | jq -r .code)
token=$(call POST "$server/v1/mp/login" -H "$(json)" -d "{\"code\":\"$code\"}" | jq -r .token)
expect 200 login
auth="Authorization: Bearer $token"
passed "login: a code of wx.login became a session"
call POST "$server/v1/mp/login" -H "$(json)" -d "{\"code\":\"$code\"}" >/dev/null
expect 401 "a code is good for one login"
[ "$(jq -r .code body)" = LOGIN_CODE_INVALID ] || fail "the code of the refusal: $(cat body)"
passed "login: the same code again is refused"

goods=$(call GET "$server/v1/mp/goods" -H "$auth" | jq -r '.data[0].id')
expect 200 goods
body="{\"goods_id\":\"$goods\",\"quantity\":1}"
key="contract-$(openssl rand -hex 8)"
order_with "$key" "$body" >placed.json
expect 201 "placing an order"
order_no=$(jq -r .order.order_no placed.json)
passed "order $order_no: $(jq -r .order.amount_fen placed.json) fen, $(jq -r .order.state placed.json)"
order_with "$key" "$body" >again.json
expect 200 "repeating it"
[ "$(jq -S .payment placed.json)" = "$(jq -S .payment again.json)" ] || fail "a repeat differs"
passed "order: an identical repeat has the identical payment"
order_with "$key" "{\"goods_id\":\"$goods\",\"quantity\":2}" >/dev/null
expect 422 "the key with another body"
order_with "$key-price" "{\"goods_id\":\"$goods\",\"quantity\":1,\"price_fen\":1}" >/dev/null
expect 400 "a price from the phone"
passed "order: another body under the key, and a price from the phone, are refused"

field() { jq -r ".payment.$1" placed.json; }
printf '%s\n%s\n%s\n%s\n' "$appid" "$(field timeStamp)" "$(field nonceStr)" "$(field package)" >pay.txt
field paySign | openssl base64 -d -A >pay.sig
openssl dgst -sha256 -verify merchant_pub.pem -signature pay.sig pay.txt >/dev/null ||
    fail "paySign does not verify with the merchant's certificate"
[ "$(jq -r '.payment | map(type) | unique | join(",")' placed.json)" = string ] ||
    fail "all five fields must be strings"
passed "paySign verifies with openssl; its five fields are strings"

jq --arg appid "$appid" '.payment + {appid: $appid, user: "demo"}' placed.json >cashier.json
cashier=$(call POST "$control/control/cashier" -H "$(json)" -d @cashier.json | jq -r .cashier_id)
call POST "$control/control/cashier/$cashier/pay" -H "$(json)" -d '{"password":"123456"}' >/dev/null
[ "$(jq -r .errMsg body)" = requestPayment:ok ] || fail "paying: $(cat body)"
state=
for _ in $(seq "$notification_tries"); do
    state=$(call GET "$server/v1/mp/orders/$order_no" -H "$auth" | jq -r .order.state)
    [ "$state" = paid ] && break
    sleep 0.1
done
[ "$state" = paid ] || fail "the order is $state although it was paid"
passed "the order is paid"

call GET "$control/control/notifications?out_trade_no=$order_no" |
    jq '.data[0] as $n | $n.attempts[-1] + {body: $n.body}' >notice.json
header() { jq -r ".headers[\"wechatpay-$1\"]" notice.json; }
jq -j .body notice.json >notice.body
{ printf '%s\n%s\n' "$(header timestamp)" "$(header nonce)"; cat notice.body; printf '\n'; } >notice.txt
header signature | openssl base64 -d -A >notice.sig
platform_key "$(header serial)" >platform_pub.pem
openssl dgst -sha256 -verify platform_pub.pem -signature notice.sig notice.txt >/dev/null ||
    fail "the notification does not verify with the platform's key"
[ "$(jq -r .status notice.json)" = 204 ] || fail "the server answered $(jq -r .status notice.json)"
passed "the notification verifies with openssl, and was answered 204"

sed -i 's/TRANSACTION/transaction/' notice.body
call POST "$(call GET "$control/control/notifications?out_trade_no=$order_no" | jq -r '.data[0].url')" \
    -H "$(json)" -H "Wechatpay-Timestamp: $(header timestamp)" -H "Wechatpay-Nonce: $(header nonce)" \
    -H "Wechatpay-Serial: $(header serial)" -H "Wechatpay-Signature: $(header signature)" \
    --data-binary @notice.body >/dev/null
expect 401 "a forged notification"
passed "a forged notification is refused"
echo "the contract holds"
