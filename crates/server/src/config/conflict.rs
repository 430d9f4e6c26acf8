//! What two merchants must not share: a request has to lead to exactly one of them.

use std::collections::BTreeMap;

use secrecy::ExposeSecret;

use super::Merchant;
use super::problem::Problem;

/// One problem for each value that two merchants claim. Never shows an API key.
pub(super) fn conflicts(merchants: &BTreeMap<String, Merchant>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut mch_ids = Claims::new("mch_id", "merchant account");
    let mut app_ids = Claims::new("apps", "app, so a login in it could belong to either");
    let mut api_keys = Claims::new("api_key", "API key, so a call could belong to either");
    for (key, merchant) in merchants {
        problems.extend(mch_ids.claim(key, &merchant.mch_id));
        for app in &merchant.apps {
            problems.extend(app_ids.claim(key, &app.app_id));
        }
        if let Some(api_key) = &merchant.api_key {
            problems.extend(api_keys.claim(key, api_key.expose_secret()));
        }
    }
    problems
}

struct Claims<'m> {
    name: &'static str,
    thing: &'static str,
    holders: BTreeMap<&'m str, &'m str>,
}

impl<'m> Claims<'m> {
    fn new(name: &'static str, thing: &'static str) -> Claims<'m> {
        Claims {
            name,
            thing,
            holders: BTreeMap::new(),
        }
    }

    fn claim(&mut self, merchant: &'m str, value: &'m str) -> Option<Problem> {
        let holder = self.holders.insert(value, merchant)?;
        let message = format!("merchants.{holder} has the same {}", self.thing);
        Some(Problem::absent(
            &format!("merchants.{merchant}.{}", self.name),
            message,
        ))
    }
}
