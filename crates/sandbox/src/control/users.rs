//! People, and `wx.login` on their behalf.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use fen::Fen;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Answer, Problem, Shared, given, read};
use crate::ledger::{Ledger, Person, RefundLuck, openid};
use crate::platform::Platform;
use crate::story::{cashier as told, switches};

/// More people than this are a mistake in a loop.
const MAX_PEOPLE: usize = 100_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUser {
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    appid: String,
    user: String,
}

/// Answers with the same user when the name is known.
pub(super) async fn create(State(platform): Shared, body: Bytes) -> Answer {
    let wish: NewUser = read(&body)?;
    let mut ledger = platform.ledger();
    let name = wish
        .name
        .unwrap_or_else(|| format!("user-{}", ledger.people.len() + 1));
    if !(1..=64).contains(&name.len()) || ledger.people.len() >= MAX_PEOPLE {
        return Err(Problem::new(
            400,
            "a name has 1 to 64 bytes, and there are 100000 at most",
        ));
    }
    let person = ledger.add_person(&name).clone();
    Ok(Json(with_openids(&ledger, &person)))
}

pub(super) async fn list(State(platform): Shared) -> Json<Value> {
    let ledger = platform.ledger();
    let people: Vec<Value> = ledger
        .people
        .values()
        .map(|person| with_openids(&ledger, person))
        .collect();
    Json(json!({ "data": people }))
}

/// A user without the openids, as the phone lists them.
pub(crate) fn shown(person: &Person) -> Value {
    json!({ "user": person.name, "balance_fen": person.balance })
}

/// What happens to money that comes back is no business of the phone.
fn with_luck(person: &Person) -> Value {
    let mut shown = shown(person);
    shown["refunds"] = json!(person.refunds);
    shown
}

fn with_openids(ledger: &Ledger, person: &Person) -> Value {
    let openids: Map<String, Value> = ledger
        .apps
        .keys()
        .map(|appid| (appid.clone(), json!(openid(appid, &person.name))))
        .collect();
    let mut shown = with_luck(person);
    shown["openids"] = Value::Object(openids);
    shown
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Purse {
    #[serde(default, deserialize_with = "given")]
    balance_fen: Option<Option<Fen>>,
    refunds: Option<RefundLuck>,
}

/// What is left out stays as it is; a balance of `null` is always enough.
pub(super) async fn change(
    State(platform): Shared,
    Path(name): Path<String>,
    body: Bytes,
) -> Answer {
    Ok(Json(change_one(&platform, &name, read(&body)?)?))
}

/// What is left out stays as it is.
pub(crate) fn change_one(
    platform: &Platform,
    name: &str,
    Purse {
        balance_fen,
        refunds,
    }: Purse,
) -> Result<Value, Problem> {
    let mut ledger = platform.ledger();
    let person = ledger.people.get_mut(name);
    let person = person.ok_or_else(|| Problem::new(404, "no such user"))?;
    person.balance = balance_fen.unwrap_or(person.balance);
    person.refunds = refunds.unwrap_or(person.refunds);
    let shown = with_luck(person);
    drop(ledger);
    if let Some(balance) = balance_fen {
        let yuan = balance.map(|balance| balance.to_string());
        switches::balance(platform, name, yuan);
    }
    if let Some(luck) = refunds {
        switches::luck(platform, name, luck);
    }
    Ok(shown)
}

pub(super) async fn login(State(platform): Shared, body: Bytes) -> Answer {
    let Login { appid, user } = read(&body)?;
    let code = login_code(&platform, &appid, &user)?;
    told::login(&platform, &appid, &user, &code);
    Ok(Json(json!({ "code": code })))
}

pub(crate) fn login_code(platform: &Platform, appid: &str, user: &str) -> Result<String, Problem> {
    let now = platform.clock.now();
    let mut ledger = platform.ledger();
    if !ledger.apps.contains_key(appid) {
        return Err(Problem::new(404, "no such appid"));
    }
    if !ledger.people.contains_key(user) {
        return Err(Problem::new(404, "no such user; POST /control/users first"));
    }
    Ok(ledger.codes.issue(&platform.chance, (appid, user), now))
}
