//! Login codes and access tokens.

use serde_json::{Value, json};

use crate::world::{Answer, World, http};

async fn get(world: &World, target: &str) -> Value {
    let url = format!("{}{target}", world.sandbox.api_url());
    let answer = Answer::read(http().get(url).send().await.unwrap()).await;
    assert_eq!(answer.status, 200, "failures are 200 too");
    answer.json()
}

async fn code(world: &World) -> String {
    let login = json!({ "appid": world.merchant.text("appid"), "user": "demo" });
    let answer = world.control("POST", "/login", login).await;
    answer["code"].as_str().unwrap().to_owned()
}

fn session_path(world: &World, code: &str) -> String {
    let (appid, secret) = (
        world.merchant.text("appid"),
        world.merchant.text("app_secret"),
    );
    format!(
        "/sns/jscode2session?appid={appid}&secret={secret}&js_code={code}\
         &grant_type=authorization_code"
    )
}

#[tokio::test]
async fn a_code_gives_one_session() {
    let world = World::start().await;
    let path = session_path(&world, &code(&world).await);
    let session = get(&world, &path).await;
    assert_eq!(session["openid"].as_str().unwrap().len(), 28);
    assert_eq!(
        session["session_key"].as_str().unwrap().len(),
        24,
        "16 bytes in base64"
    );
    assert_eq!(session.get("errcode"), None);
    let again = get(&world, &path).await;
    assert_eq!(again["errcode"], 40163);
    assert!(
        again["errmsg"]
            .as_str()
            .unwrap()
            .starts_with("code been used, rid: ")
    );
    world
        .settings(json!({ "reused_login_code": "40029" }))
        .await;
    assert_eq!(get(&world, &path).await["errcode"], 40029);
}

#[tokio::test]
async fn a_code_lives_five_minutes() {
    let world = World::start().await;
    let (first, second) = (code(&world).await, code(&world).await);
    world.advance(299).await;
    assert!(get(&world, &session_path(&world, &first)).await["openid"].is_string());
    world.advance(1).await;
    assert_eq!(
        get(&world, &session_path(&world, &second)).await["errcode"],
        40029
    );
}

#[tokio::test]
async fn a_code_of_another_app_is_invalid_and_openids_differ() {
    let world = World::start().await;
    let other = world.control("POST", "/merchants", json!({})).await;
    let login = json!({ "appid": other["appid"], "user": "demo" });
    let foreign = world.control("POST", "/login", login).await["code"].clone();
    let path = session_path(&world, foreign.as_str().unwrap());
    assert_eq!(get(&world, &path).await["errcode"], 40029);
}

#[tokio::test]
async fn each_missing_or_wrong_parameter_has_its_code() {
    let world = World::start().await;
    let path = session_path(&world, &code(&world).await);
    let (appid, secret) = (
        world.merchant.text("appid"),
        world.merchant.text("app_secret"),
    );
    for (from, to, errcode) in [
        (appid, "wx0", 40013),
        (appid, "", 41002),
        (secret, "0", 40125),
        (secret, "", 41004),
        ("js_code=", "js_cod=", 41008),
        ("authorization_code", "code", 40002),
        ("js_code=", "js_code=x", 40029),
    ] {
        let answer = get(&world, &path.replace(from, to)).await;
        assert_eq!(answer["errcode"], errcode, "{answer}");
    }
    assert!(
        get(&world, &path).await["openid"].is_string(),
        "none of these used the code up"
    );
}

#[tokio::test]
async fn tokens_come_in_two_isolated_kinds() {
    let world = World::start().await;
    let (appid, secret) = (
        world.merchant.text("appid"),
        world.merchant.text("app_secret"),
    );
    let path = format!("/cgi-bin/token?grant_type=client_credential&appid={appid}&secret={secret}");
    let first = get(&world, &path).await;
    assert_eq!(first["expires_in"], 7200);
    assert_ne!(
        get(&world, &path).await["access_token"],
        first["access_token"]
    );
    let stable = async |force: bool| {
        let body = json!({ "grant_type": "client_credential", "appid": appid, "secret": secret,
            "force_refresh": force });
        let url = format!("{}/cgi-bin/stable_token", world.sandbox.api_url());
        let request = http().post(url).body(body.to_string());
        Answer::read(request.send().await.unwrap()).await.json()
    };
    let one = stable(false).await;
    world.advance(100).await;
    let same = stable(false).await;
    assert_eq!(same["access_token"], one["access_token"]);
    assert_eq!(same["expires_in"], 7100);
    let forced = stable(true).await;
    assert_ne!(forced["access_token"], one["access_token"]);
    assert_eq!(
        stable(true).await["access_token"],
        forced["access_token"],
        "within 30 s"
    );
    let wrong = get(&world, &path.replace(secret, "0")).await;
    assert_eq!(wrong["errcode"], 40125);
}

#[tokio::test]
async fn a_login_for_nobody_is_a_mistake_of_the_script() {
    let world = World::start().await;
    let appid = world.merchant.text("appid");
    for login in [
        json!({ "appid": "wx0", "user": "demo" }),
        json!({ "appid": appid, "user": "x" }),
    ] {
        assert_eq!(world.try_control("POST", "/login", login).await.status, 404);
    }
}
