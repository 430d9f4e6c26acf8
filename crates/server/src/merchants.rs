//! All merchants of the process. A reload of the configuration puts others in their place, all at
//! once: a request sees the ones of before or the ones of after, never some of each.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use domain::AppId;

use crate::{digest::sha256, flows::FlowError, merchant::Merchant};

/// Whoever asks gets a merchant to keep: what is under way ends with the keys it began with.
#[derive(Debug)]
pub struct Merchants(RwLock<Arc<Roster>>);

/// The merchants of one configuration, by each name that a request can bring.
#[derive(Debug)]
pub(crate) struct Roster {
    by_key: BTreeMap<String, Arc<Merchant>>,
    by_mch_id: BTreeMap<String, Arc<Merchant>>,
    by_app_id: BTreeMap<AppId, Arc<Merchant>>,
}

impl Roster {
    /// # Errors
    /// When two merchants share a `mch_id` or an `app_id`: a login could not tell whose buyer it
    /// is.
    pub(crate) fn new(all: Vec<Arc<Merchant>>) -> anyhow::Result<Self> {
        let mut roster = Self {
            by_key: BTreeMap::new(),
            by_mch_id: BTreeMap::new(),
            by_app_id: BTreeMap::new(),
        };
        for merchant in all {
            let mch_id = merchant.mch_id.as_str().to_owned();
            if let Some(other) = roster.by_mch_id.insert(mch_id, merchant.clone()) {
                anyhow::bail!(
                    "merchants `{}` and `{}` have one mch_id",
                    other.key,
                    merchant.key
                );
            }
            for app_id in merchant.app_ids() {
                if let Some(other) = roster.by_app_id.insert(app_id.clone(), merchant.clone()) {
                    let (one, two) = (&other.key, &merchant.key);
                    anyhow::bail!("app `{app_id}` belongs to merchants `{one}` and `{two}`");
                }
            }
            roster.by_key.insert(merchant.key.clone(), merchant);
        }
        Ok(roster)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Merchant>> {
        self.by_key.values()
    }

    pub(crate) fn by_mch_id(&self, mch_id: &str) -> Option<&Arc<Merchant>> {
        self.by_mch_id.get(mch_id)
    }
}

impl Merchants {
    pub(crate) fn new(roster: Roster) -> Self {
        Self(RwLock::new(Arc::new(roster)))
    }

    /// Those of now.
    pub(crate) fn roster(&self) -> Arc<Roster> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn replace(&self, roster: Roster) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(roster);
    }

    pub fn iter(&self) -> impl Iterator<Item = Arc<Merchant>> {
        let all: Vec<_> = self.roster().iter().cloned().collect();
        all.into_iter()
    }

    pub fn by_key(&self, key: &str) -> Option<Arc<Merchant>> {
        self.roster().by_key.get(key).cloned()
    }

    pub fn by_mch_id(&self, mch_id: &str) -> Option<Arc<Merchant>> {
        self.roster().by_mch_id(mch_id).cloned()
    }

    /// The merchant whose API key this is. Hashes are compared in constant time, and all of them,
    /// so that the time taken says nothing about a key.
    pub fn by_api_key(&self, api_key: &str) -> Option<Arc<Merchant>> {
        let (roster, hash) = (self.roster(), sha256(api_key.as_bytes()));
        let mut found = None;
        for merchant in roster.iter() {
            if merchant.has_api_key(&hash) {
                found = Some(merchant.clone());
            }
        }
        found
    }

    /// The app that a login is for, and its merchant; it may be left out when there is only one.
    pub(crate) fn app_for_login(
        &self,
        app_id: Option<&str>,
    ) -> Result<(Arc<Merchant>, AppId), FlowError> {
        let roster = self.roster();
        let mut apps = roster.by_app_id.iter();
        let found = match app_id {
            Some(wanted) => apps.find(|(app_id, _)| app_id.as_str() == wanted),
            None if apps.len() == 1 => apps.next(),
            None => {
                let text = "app_id is required: this server serves several apps";
                return Err(FlowError::Invalid(text.to_owned()));
            }
        };
        found
            .map(|(app_id, merchant)| (merchant.clone(), app_id.clone()))
            .ok_or_else(|| FlowError::AppNotFound(app_id.unwrap_or_default().to_owned()))
    }
}
