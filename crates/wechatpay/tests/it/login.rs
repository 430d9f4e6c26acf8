//! Mini-program login and token: unsigned, always HTTP 200, with the secret in the address.

use std::sync::Arc;

use wechatpay::{AppId, AppSecret, LoginCode, LoginError, MiniProgram, TokenMode, TransportError};

use crate::fixtures::{FixedAmbient, NOW, OPENID, endpoints};
use crate::platform::{Outcome, Script, lost, say};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn app(script: &Arc<Script>, secret: &str) -> MiniProgram {
    MiniProgram::new(
        AppId::new("wxd678efh567hg6787").unwrap(),
        AppSecret::new(secret).unwrap(),
        Arc::clone(script) as Arc<dyn wechatpay::Transport>,
        FixedAmbient::new(),
        &endpoints(),
    )
}

async fn log_in(answer: Outcome) -> Result<wechatpay::LoginSession, LoginError> {
    let code = LoginCode::new("0a3b5c").unwrap();
    app(&Script::new([answer]), SECRET)
        .code_to_session(&code)
        .await
}

async fn refused(errcode: i64) -> LoginError {
    let body = format!(r#"{{"errcode":{errcode},"errmsg":"words, rid: 6543-21"}}"#);
    log_in(say(200, body).unsigned()).await.unwrap_err()
}

#[tokio::test]
async fn a_login_says_who_it_is() {
    let body = format!(
        r#"{{"openid":"{OPENID}","session_key":"tiihtNczf5v6AKRyjwEUhQ==","unionid":"u-secret"}}"#
    );
    let script = Script::new([say(200, body).media_type(Some("text/plain")).unsigned()]);
    let code = LoginCode::new("0a3/b+5c&x=1").unwrap();
    let session = app(&script, SECRET).code_to_session(&code).await.unwrap();
    assert_eq!(session.openid.as_str(), OPENID);
    assert_eq!(session.session_key.expose(), "tiihtNczf5v6AKRyjwEUhQ==");
    assert_eq!(session.unionid.as_ref().unwrap().as_str(), "u-secret");
    let shown = format!("{session:?}");
    assert!(!shown.contains(OPENID) && !shown.contains("tiih") && !shown.contains("u-secret"));

    let request = script.only_request();
    assert_eq!(
        request.uri().to_string(),
        "https://login.test/sns/jscode2session?appid=wxd678efh567hg6787\
         &secret=0123456789abcdef0123456789abcdef&js_code=0a3%2Fb%2B5c%26x%3D1\
         &grant_type=authorization_code",
    );
    assert!(!request.headers().contains_key("authorization"));
    assert!(!request.headers().contains_key("content-type"));
}

#[tokio::test]
async fn a_login_without_unionid_and_with_errcode_0_is_one() {
    for extra in ["", r#","unionid":"""#, r#","errcode":0,"errmsg":"ok""#] {
        let body = format!(r#"{{"openid":"{OPENID}","session_key":"a"{extra}}}"#);
        assert!(
            log_in(say(200, body).unsigned())
                .await
                .unwrap()
                .unionid
                .is_none()
        );
    }
}

#[tokio::test]
async fn every_documented_code_has_its_name() {
    assert!(matches!(refused(-1).await, LoginError::Busy));
    assert!(matches!(refused(40029).await, LoginError::CodeInvalid));
    assert!(matches!(refused(40163).await, LoginError::CodeUsed));
    assert!(matches!(refused(40226).await, LoginError::UserBlocked));
    for code in [45011, 45009, 44990] {
        assert!(matches!(refused(code).await, LoginError::TooMany(_)));
    }
    for code in [40013, 41002] {
        assert!(matches!(refused(code).await, LoginError::AppIdInvalid(_)));
    }
    for code in [40125, 40001, 41004] {
        assert!(matches!(refused(code).await, LoginError::SecretInvalid(_)));
    }
    assert!(matches!(refused(40243).await, LoginError::SecretFrozen));
    let LoginError::AddressNotAllowed(words) = refused(40164).await else {
        panic!("40164")
    };
    assert_eq!(words, "words, rid: 6543-21");
    let LoginError::Other {
        errcode: 47001,
        errmsg,
    } = refused(47001).await
    else {
        panic!("47001")
    };
    assert_eq!(errmsg, "words, rid: 6543-21");
}

#[tokio::test]
async fn another_login_is_worth_it_when_the_code_or_the_platform_was_at_fault() {
    for (code, worth) in [
        (-1, true),
        (40029, true),
        (40163, true),
        (45011, true),
        (40226, false),
        (40125, false),
    ] {
        assert!(!refused(code).await.name().is_empty());
        assert_eq!(
            refused(code).await.is_worth_another_login(),
            worth,
            "{code}"
        );
    }
    assert!(log_in(lost()).await.unwrap_err().is_worth_another_login());
}

#[tokio::test]
async fn answers_that_are_none_are_errors() {
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "<html>",
        r#"{"openid":7}"#,
        r#"{"openid":"o"}"#,
    ] {
        let error = log_in(say(200, body).unsigned()).await.unwrap_err();
        assert!(matches!(error, LoginError::Undecodable), "{body}: {error}");
    }
    let error = log_in(say(502, "").unsigned()).await.unwrap_err();
    assert!(matches!(error, LoginError::Unavailable { status: 502 }));
}

#[tokio::test]
async fn no_error_shows_the_secret() {
    let transport_error = TransportError::maybe_sent("timed out");
    for answer in [
        Err(transport_error),
        say(500, "").unsigned(),
        say(200, "").unsigned(),
    ] {
        let error = log_in(answer).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains(SECRET), "{error:?}");
    }
    let shown = format!("{:?}", app(&Script::new([]), SECRET));
    assert!(
        shown.contains("wxd678efh567hg6787") && !shown.contains(SECRET),
        "{shown}"
    );
}

#[tokio::test]
async fn a_token_is_asked_for_in_the_body_and_knows_when_it_expires() {
    let body = r#"{"access_token":"a-token","expires_in":7200}"#;
    let script = Script::new([say(200, body).unsigned(), say(200, body).unsigned()]);
    let app = app(&script, "a\"b\\c");
    let token = app.stable_access_token(TokenMode::Present).await.unwrap();
    assert_eq!(
        (token.expose(), token.expires_at()),
        ("a-token", NOW + 7_200)
    );
    assert!(!format!("{token:?}").contains("a-token"));
    app.stable_access_token(TokenMode::Renew).await.unwrap();
    for (request, force) in script.requests().iter().zip([false, true]) {
        assert_eq!(request.uri(), "https://login.test/cgi-bin/stable_token");
        assert_eq!(request.headers()["content-type"], "application/json");
        let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
        let expected = serde_json::json!({
            "grant_type": "client_credential",
            "appid": "wxd678efh567hg6787",
            "secret": "a\"b\\c",
            "force_refresh": force,
        });
        assert_eq!(body, expected);
    }
}
