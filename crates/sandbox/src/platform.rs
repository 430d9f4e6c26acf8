//! The platform as a whole: what all calls share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::chance::Chance;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::inspector::Inspector;
use crate::keys::{Keys, PlatformCertificate};
use crate::ledger::{Ledger, Merchant};
use crate::notifier::Notifier;
use crate::phone::{Phone, PhoneOptions};
use crate::settings::{Settings, WireClock};
use crate::story::Story;

/// Everything, behind one `Arc`.
#[derive(Debug)]
pub(crate) struct Platform {
    /// Virtual time.
    pub clock: Clock,
    /// Whatever the platform makes up.
    pub chance: Chance,
    /// What a reset keeps.
    pub keys: Arc<Keys>,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// What was asked and answered.
    pub inspector: Inspector,
    /// What is sent to merchants.
    pub notifier: Notifier,
    /// All of it as a person would tell it.
    pub story: Arc<Story>,
    /// The phone in the browser.
    pub phone: Phone,
    /// Ends everything that waits.
    pub stop: CancellationToken,
    ledger: Mutex<Ledger>,
    settings: Mutex<Settings>,
    certificates: Mutex<Vec<PlatformCertificate>>,
}

impl Platform {
    /// A fresh platform. `None` if the keys' APIv3 key has not 32 bytes.
    pub(crate) fn new(
        keys: Arc<Keys>,
        notify_timeout: Duration,
        phone: Option<PhoneOptions>,
    ) -> Option<Self> {
        let ledger = seeded(&keys)?;
        Some(Self {
            clock: Clock::default(),
            chance: Chance::Machine,
            faults: Faults::default(),
            inspector: Inspector::default(),
            notifier: Notifier::new(notify_timeout),
            story: Arc::default(),
            phone: Phone::new(phone),
            stop: CancellationToken::new(),
            ledger: Mutex::new(ledger),
            settings: Mutex::default(),
            certificates: Mutex::new(vec![keys.platform.clone()]),
            keys,
        })
    }

    /// A fresh platform inside somebody's program: time and chance are the caller's, and there is
    /// no story, because its readers are people and it costs more than the books do.
    pub(crate) fn embedded(keys: Arc<Keys>, seed: u64, now: Timestamp) -> Option<Self> {
        Some(Self {
            clock: Clock::standing_at(now),
            chance: Chance::seeded(seed),
            story: Arc::new(Story::untold()),
            ..Self::new(keys, Duration::ZERO, None)?
        })
    }

    /// The books. Held for single steps only, never across an await.
    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.ledger)
    }

    /// The switches, as they stand now.
    pub(crate) fn settings(&self) -> Settings {
        lock(&self.settings).clone()
    }

    /// Turns the switches.
    pub(crate) fn set_settings(&self, settings: Settings) {
        *lock(&self.settings) = settings;
    }

    /// The platform certificates in force, oldest first; never empty.
    pub(crate) fn certificates(&self) -> Vec<PlatformCertificate> {
        lock(&self.certificates).clone()
    }

    /// The certificate that signs: the newest.
    pub(crate) fn signing_certificate(&self) -> PlatformCertificate {
        lock(&self.certificates)
            .last()
            .unwrap_or(&self.keys.platform)
            .clone()
    }

    /// Adds a certificate, which signs from now on; the older ones stay in the list.
    pub(crate) fn add_certificate(&self, certificate: PlatformCertificate) {
        lock(&self.certificates).push(certificate);
    }

    /// The time by which signatures are dated and judged.
    pub(crate) fn wire_now(&self) -> Timestamp {
        match self.settings().wire_clock {
            WireClock::Real => self.clock.wall(),
            WireClock::Virtual => self.clock.now(),
        }
    }

    /// A fresh platform with the same keys, at the machine's time.
    pub(crate) fn reset(&self) {
        if let Some(ledger) = seeded(&self.keys) {
            *self.ledger() = ledger;
        }
        *lock(&self.settings) = Settings::default();
        *lock(&self.certificates) = vec![self.keys.platform.clone()];
        self.faults.replace(Vec::new(), self.clock.wall());
        self.inspector.clear();
        self.notifier.clear();
        self.clock.rewind();
        self.story.clear();
    }
}

fn seeded(keys: &Keys) -> Option<Ledger> {
    let merchant = Merchant::new(&keys.identity, keys.merchant.clone())?;
    Some(Ledger::seeded(merchant, Merchant::apps(&keys.identity)))
}

/// A panic elsewhere does not make the books unreadable; each step leaves them whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
