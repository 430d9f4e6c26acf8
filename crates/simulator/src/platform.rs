//! WeChat, as a seed finds it: its keys, its people, and how it behaves where nobody outside knows.

use std::sync::{Arc, OnceLock, PoisonError};

use anyhow::Context as _;
use sandbox::{Embedded, Keys, PlatformCertificate};
use serde_json::{Value, json};

use crate::{chance::Chance, time::Time, world::World};

/// By what the shop verifies WeChat. Certificates are real RSA, which takes most of the time that
/// such a seed takes; the public key signs with something cheaper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// The WeChat Pay public key.
    PublicKey,
    /// Platform certificates, which are fetched and renewed.
    Certificates,
    /// A merchant who is being switched over: one and the other in turn.
    Both,
}

impl Trust {
    /// One seed in twelve has certificates, one in twelve has both.
    pub(crate) fn thrown(chance: &Chance) -> Self {
        match chance.named("trust").below(12) {
            0 => Self::Certificates,
            1 => Self::Both,
            _ => Self::PublicKey,
        }
    }

    fn settings(self) -> Value {
        match self {
            Self::PublicKey => json!({"key_mode": "public_key", "notify_key": "public_key"}),
            Self::Certificates => json!({"key_mode": "certificate", "notify_key": "certificate"}),
            Self::Both => json!({"key_mode": "both", "notify_key": "alternate"}),
        }
    }
}

/// How often a seed may renew the certificate.
const SPARES: usize = 4;

/// Making an RSA key takes a tenth of a second, so that all seeds share a few. Nothing that a trace
/// shows depends on them.
struct Papers {
    keys: Arc<Keys>,
    spares: Vec<PlatformCertificate>,
}

fn papers() -> anyhow::Result<&'static Papers> {
    static PAPERS: OnceLock<Result<Papers, String>> = OnceLock::new();
    let made = PAPERS.get_or_init(|| make().map_err(|error| format!("{error:#}")));
    made.as_ref().map_err(|error| anyhow::anyhow!("{error}"))
}

fn make() -> anyhow::Result<Papers> {
    let keys = Keys::shared();
    let spares: Result<Vec<_>, _> = (0..SPARES).map(|_| keys.spare_certificate()).collect();
    Ok(Papers {
        spares: spares?,
        keys,
    })
}

/// A fresh platform.
///
/// # Errors
/// When no keys can be made.
pub(crate) fn new(chance: &Chance, time: Time, trust: Trust) -> anyhow::Result<Embedded> {
    let chance = chance.named("platform");
    // Of the real keys only those of the platform's certificates are used.
    let keys = Arc::new(papers()?.keys.simulated(chance.next()));
    let platform = Embedded::new(keys, chance.next(), time.timestamp())?;
    platform.change_merchant(&trust.settings())?;
    platform.set_settings(&Habits::default().settings(&chance))?;
    Ok(platform)
}

/// What WeChat does as somebody decides, besides what the seed decided once for all.
#[derive(Clone, Debug)]
pub(crate) struct Habits {
    /// What becomes of the refunds that it takes from now on.
    pub(crate) refund_outcome: &'static str,
    /// And after how long.
    pub(crate) refund_seconds: u64,
    /// What its bills say that is not so.
    pub(crate) bill_mistakes: Vec<Value>,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            refund_outcome: "success",
            refund_seconds: 5,
            bill_mistakes: Vec::new(),
        }
    }
}

impl Habits {
    /// What the documentation leaves open is settled by dice, the same for the whole seed.
    fn settings(&self, chance: &Chance) -> Value {
        let chance = chance.named("habits");
        let either =
            |one: &str, other: &str| if chance.percent(70) { one } else { other }.to_owned();
        json!({
            "wire_clock": "virtual",
            "repeated_prepay": either("same", "new"),
            "changed_prepay": either("invalid_request", "out_trade_no_used"),
            "unknown_close": either("not_found", "no_content"),
            "spelling": either("field", "underscore"),
            "refusals": either("unsigned", "signed"),
            "unpaid_answer": either("field", "bare"),
            "refund_outcome": self.refund_outcome,
            "refund_seconds": self.refund_seconds,
            "bill_mistakes": self.bill_mistakes,
        })
    }
}

/// Changes what WeChat does from now on.
pub(crate) fn change_habits(world: &World, change: impl FnOnce(&mut Habits)) -> anyhow::Result<()> {
    let mut habits = world.habits.lock().unwrap_or_else(PoisonError::into_inner);
    change(&mut habits);
    let settings = habits.settings(&world.chance.named("platform"));
    world.wechat().set_settings(&settings).context("settings")
}

/// Renews the certificate, while there are spares. Whether it did.
pub(crate) fn rotate(world: &World, round: usize) -> bool {
    let spare = papers().ok().and_then(|papers| papers.spares.get(round));
    spare.is_some_and(|spare| {
        world.wechat().rotate_certificate(spare.clone());
        true
    })
}

/// Fills or empties the merchant's account.
pub(crate) fn set_funds(world: &World, enough: bool) -> anyhow::Result<()> {
    let balance = if enough { Value::Null } else { json!(0) };
    let changes = json!({"balance_fen": balance});
    world.wechat().change_merchant(&changes).context("balance")
}

/// A buyer by his number.
pub(crate) fn buyer(world: &World, number: u32) -> String {
    let name = format!("buyer{number}");
    world.wechat().add_user(world.shop.app_id.as_str(), &name);
    name
}
