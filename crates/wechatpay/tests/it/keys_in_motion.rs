//! Keys that change while calls and notifications are under way.

use jiff::Timestamp;
use wechatpay::crypto::{ApiV3Key, PrivateKey, SerialNo};
use wechatpay::{KeyMode, KeyRing, MchId, Merchant, NotificationError, Unverified};

use crate::certificates::{listing, listing_sealed, paths, ring_with, unpaid_by};
use crate::fixtures::{
    FixedAmbient, MCH_ID, MERCHANT_SERIAL, NOW, api_v3_key, client_with, issue, merchant_key,
    newer, number, older, public_key_ring,
};
use crate::notify::{headers_at, headers_by, payment_body};
use crate::platform::{PREPAID, Script, UNPAID, say};

const NEW_API_V3_KEY: &str = "another-key-another-key-another-";
const NEW_SERIAL: &str = "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C";
const HOUR: i64 = 3600;

/// The merchant after a change of its APIv3 key: the old one still opens for an hour.
fn changed_api_v3_key() -> Merchant {
    let until = Timestamp::from_second(NOW + HOUR).unwrap();
    Merchant::new(
        MchId::new(MCH_ID).unwrap(),
        SerialNo::new(MERCHANT_SERIAL).unwrap(),
        merchant_key().clone(),
        ApiV3Key::new(NEW_API_V3_KEY).unwrap(),
    )
    .with_previous_api_v3_key(api_v3_key(), until)
}

/// After a change of the APIv3 key, what was sealed with the old one opens until its time, and not
/// a second longer.
#[tokio::test]
async fn k03_the_previous_api_v3_key_opens_notifications_until_its_time() {
    let (script, ambient) = (Script::new([]), FixedAmbient::new());
    let before = client_with(&script, ring_with(&[older()]), ambient.clone());
    let client = before.renewed(changed_api_v3_key(), KeyRing::new());
    let body = payment_body();
    let sent_at = |at| headers_at(at, &older().key, older().serial(), &body);
    client
        .open_notification(&sent_at(NOW), &body)
        .await
        .unwrap();
    ambient.advance(HOUR - 1);
    let at_last = sent_at(NOW + HOUR - 1);
    client.open_notification(&at_last, &body).await.unwrap();
    ambient.advance(1);
    let too_late = client.open_notification(&sent_at(NOW + HOUR), &body).await;
    assert_eq!(too_late.unwrap_err(), NotificationError::WrongKey);
}

/// A list of certificates opens with the previous APIv3 key as well as with the present one.
#[tokio::test]
async fn k03_certificates_open_with_either_api_v3_key_until_the_previous_one_ends() {
    let new_key = ApiV3Key::new(NEW_API_V3_KEY).unwrap();
    let by_old = listing(&[older()], older());
    let by_new = listing_sealed(&[older(), newer()], newer(), &new_key);
    let (script, ambient) = (Script::new([by_old, by_new]), FixedAmbient::new());
    let client = client_with(&script, KeyRing::new(), ambient.clone());
    let client = client.renewed(changed_api_v3_key(), KeyRing::new());
    client.refresh_certificates().await.unwrap();
    assert_eq!(client.keys().serials().len(), 1);
    ambient.advance(wechatpay::REFRESH_INTERVAL_SECONDS);
    client.refresh_certificates().await.unwrap();
    assert_eq!(client.keys().serials().len(), 2);
}

/// A renewed client signs with the new key under the new serial and still verifies with the
/// certificates that the old one had downloaded; the old one goes on as it was.
#[tokio::test]
async fn k04_a_renewed_client_signs_with_the_new_key_and_verifies_with_the_old_certificates() {
    let answers = [say(200, UNPAID), say(200, UNPAID)]
        .map(|say| say.serial(older().serial()).signed_with(&older().key));
    let (script, ambient) = (Script::new(answers), FixedAmbient::new());
    let old = client_with(&script, ring_with(&[older()]), ambient);
    let key = PrivateKey::generate();
    let renewed = Merchant::new(
        MchId::new(MCH_ID).unwrap(),
        SerialNo::new(NEW_SERIAL).unwrap(),
        key.clone(),
        api_v3_key(),
    );
    let new = old.renewed(renewed, public_key_ring());
    assert_eq!(
        new.keys().mode(),
        KeyMode::Both,
        "the certificates came along"
    );
    for client in [&new, &old] {
        client.query_by_out_trade_no(&number()).await.unwrap();
    }
    let serials = script.requests().into_iter().map(|request| {
        let authorization = request.headers()["authorization"].to_str().unwrap();
        let (_, rest) = authorization.split_once("serial_no=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    });
    let serials: Vec<_> = serials.collect();
    assert_eq!(serials, [NEW_SERIAL, MERCHANT_SERIAL]);
    assert_eq!(new.clock_skew_seconds(), old.clock_skew_seconds());
}

/// Whatever is wrong with a list of certificates, none of it is taken and the known keys stay in
/// force.
#[tokio::test]
async fn k06_a_fake_list_of_certificates_is_refused_and_the_known_keys_stay() {
    let theirs = issue(0x66, 2018, 2030);
    let their_key = ApiV3Key::new(NEW_API_V3_KEY).unwrap();
    let listed = |signer: &crate::fixtures::Issued, serial: &str| {
        let body = listing(&[older()], older()).unwrap().into_body();
        say(200, body).serial(serial).signed_with(&signer.key)
    };
    let altered = {
        let body = listing(&[older(), newer()], older()).unwrap();
        let (parts, body) = body.into_parts();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let body = body.replace(newer().serial(), theirs.serial());
        Ok(http::Response::from_parts(parts, body.into()))
    };
    let replayed = {
        let body = listing(&[older()], older()).unwrap().into_body();
        let say = say(200, body).serial(older().serial()).at(NOW - 301);
        say.signed_with(&older().key)
    };
    let unsigned = {
        let body = listing(&[older()], older()).unwrap().into_body();
        say(200, body).unsigned()
    };
    for (what, list) in [
        (
            "sealed with another APIv3 key",
            listing_sealed(&[&theirs], &theirs, &their_key),
        ),
        (
            "signed by a stranger under a known serial",
            listed(&theirs, older().serial()),
        ),
        (
            "signed by a stranger under its own serial",
            listed(&theirs, theirs.serial()),
        ),
        ("altered on the way", altered),
        ("replayed", replayed),
        ("unsigned", unsigned),
    ] {
        let answers = [list, unpaid_by(older())];
        let (script, ambient) = (Script::new(answers), FixedAmbient::new());
        let client = client_with(&script, ring_with(&[older()]), ambient);
        let body = payment_body();
        let forged = headers_by(&theirs.key, theirs.serial(), &body);
        let error = client.open_notification(&forged, &body).await.unwrap_err();
        let unknown = NotificationError::UnknownSerial(theirs.serial().to_owned());
        assert_eq!(error, unknown, "{what}");
        assert_eq!(paths(&script), ["/v3/certificates"], "{what}");
        let known = [older().certificate.serial_no().clone()];
        assert_eq!(client.keys().serials(), known, "{what}");
        client.query_by_out_trade_no(&number()).await.unwrap();
    }
}

/// A genuine answer under a key that cannot be fetched is unknown, never a success.
#[tokio::test]
async fn k06_an_answer_under_a_key_that_cannot_be_fetched_is_not_believed() {
    let by_new = say(200, PREPAID).serial(newer().serial());
    let nobody = say(503, "").unsigned();
    let answers = [by_new.signed_with(&newer().key), nobody];
    let (script, ambient) = (Script::new(answers), FixedAmbient::new());
    let client = client_with(&script, ring_with(&[older()]), ambient);
    let error = client
        .jsapi_prepay(&crate::fixtures::order())
        .await
        .unwrap_err();
    let unknown = Unverified::UnknownSerial(newer().serial().to_owned());
    assert_eq!(error.unverified(), Some(&unknown));
    assert!(error.is_ambiguous());
}
