//! Published vectors. The documentation's signatures are checked by verifying them; that our own
//! signatures are right is shown against `openssl`.

use wechatpay::crypto::{ApiV3Key, OpenError, PublicKey, message};

use crate::fixtures::{API_V3_KEY, NONCE};

const T: &str = "1554208460";
const DOCUMENTATION_KEY: &str = include_str!("../fixtures/documentation_public_key.pem");
const PREPAY: &[u8] = include_bytes!("../fixtures/documentation_prepay.json");
const NUMBER: &str = "1217752501201407033233368018";

#[track_caller]
fn assert_signed(message: &[u8], signature: &str) {
    let key = PublicKey::from_pem(DOCUMENTATION_KEY).unwrap();
    assert_eq!(key.verify(message, signature), Ok(()));
    let mut changed = message.to_vec();
    changed[0] ^= 1;
    assert!(key.verify(&changed, signature).is_err());
}

#[test]
fn requests_are_signed_as_the_documentation_signs_them() {
    assert_signed(
        &message::request(
            "GET",
            "/v3/refund/domestic/refunds/123123123123",
            T,
            NONCE,
            b"",
        ),
        include_str!("../fixtures/signature_refund_query.txt"),
    );
    assert_signed(
        &message::request("POST", "/v3/pay/transactions/jsapi", T, NONCE, PREPAY),
        include_str!("../fixtures/signature_prepay.txt"),
    );
    let query = format!("/v3/pay/transactions/out-trade-no/{NUMBER}?mchid=1900007291");
    assert_signed(
        &message::request("GET", &query, T, NONCE, b""),
        include_str!("../fixtures/signature_query.txt"),
    );
    let close = format!("/v3/pay/transactions/out-trade-no/{NUMBER}/close");
    assert_signed(
        &message::request("POST", &close, T, NONCE, br#"{"mchid":"1900007291"}"#),
        include_str!("../fixtures/signature_close.txt"),
    );
}

#[test]
fn payments_are_signed_as_the_documentation_signs_them() {
    let (appid, prepay_id) = ("wx2421b1c4370ec43b", "wx201410272009395522657a690389285100");
    let package = format!("prepay_id={prepay_id}");
    assert_signed(
        &message::mini_program_pay(appid, T, NONCE, &package),
        include_str!("../fixtures/signature_pay_sign.txt"),
    );
    assert_signed(
        &message::app_pay(appid, T, NONCE, prepay_id),
        include_str!("../fixtures/signature_app_sign.txt"),
    );
}

#[test]
fn answers_are_verified_with_and_without_a_body() {
    assert_signed(
        &message::answer(T, NONCE, b""),
        include_str!("../fixtures/signature_answer_204.txt"),
    );
    assert_signed(
        &message::answer(
            T,
            NONCE,
            br#"{"prepay_id":"wx201410272009395522657a690389285100"}"#,
        ),
        include_str!("../fixtures/signature_answer_200.txt"),
    );
}

#[test]
fn the_official_notification_is_verified() {
    let key = include_str!("../fixtures/official_notification_public_key.pem");
    let key = PublicKey::from_pem(key).unwrap();
    let body = include_bytes!("../fixtures/official_notification.json");
    let signature = include_str!("../fixtures/official_notification.sig");
    let message = message::answer("1624523846", "EcZ9Cmy4Xyx1i6RlJQzLcCyEqDa26NBz", body);
    assert_eq!(key.verify(&message, signature), Ok(()));
}

#[test]
fn aes_gcm_opens_and_seals_what_others_did() {
    let payment = include_str!("../fixtures/payment_plaintext.json");
    let payment_sealed = include_str!("../fixtures/payment_ciphertext.txt");
    let refund = r#"{"out_refund_no":"R1","refund_status":"SUCCESS"}"#;
    let refund_sealed = "LYUIiWaTkvxiR5cj2H8ohpbwmiJOP4Jluqug3l772edWCq4WWXn5leM3Mr/fw3UE0IXRdmWa\
                         qrYyR0ZVy/vCYw==";
    let key = ApiV3Key::new(API_V3_KEY).unwrap();
    for (nonce, associated_data, plaintext, sealed) in [
        (
            "uluk4a9R25RW",
            "associatedData",
            "message",
            "ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=",
        ),
        ("0123456789ab", "", "hello", "PsILkH0kY3Kpi5E6qG4mYOrIVlQh"),
        ("0123456789ab", "refund", refund, refund_sealed),
        ("fdasflkja484", "transaction", payment, payment_sealed),
    ] {
        assert_eq!(
            key.seal(nonce, associated_data, plaintext.as_bytes())
                .unwrap(),
            sealed
        );
        assert_eq!(
            key.open(nonce, associated_data, sealed).unwrap(),
            plaintext.as_bytes()
        );
        let other = key.open(nonce, "another", sealed);
        assert_eq!(
            other,
            Err(OpenError::WrongKey),
            "associated data is authenticated"
        );
    }
}

#[test]
fn every_flipped_bit_of_a_sealed_text_is_noticed() {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;

    let key = ApiV3Key::new(API_V3_KEY).unwrap();
    let sealed = BASE64_STANDARD
        .decode("PsILkH0kY3Kpi5E6qG4mYOrIVlQh")
        .unwrap();
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let opened = key.open("0123456789ab", "", &BASE64_STANDARD.encode(changed));
        assert_eq!(opened, Err(OpenError::WrongKey), "bit {bit}");
    }
}
