//! What goes wrong, and how often. Each seed has a weather of its own: most faults are off in most
//! seeds, so that those which are on are seen alone as well as together.
//!
//! Two patterns besides single faults: *swizzling* clogs whole parts and frees them in random
//! order, and *calm* comes at a fixed hour, after which nothing goes wrong any more and everything
//! has to settle.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::Millis;

use crate::{chance::Chance, time::Time};

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $fault:ident $rate:literal;)*) => {
        /// Something that goes wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault {
            $($(#[doc = $doc])+ $fault,)*
        }

        impl Fault {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$fault,)*];

            /// How often it strikes in ordinary weather, among ten thousand chances.
            const fn rate(self) -> u64 {
                match self { $(Self::$fault => $rate,)* }
            }
        }
    };
}

faults! {
    /// A notification never arrives.
    NotificationLost 1500;
    /// A notification is minutes or hours late.
    NotificationLate 1000;
    /// A notification comes two to sixteen times, all at about the same moment.
    NotificationRepeated 800;
    /// Somebody sends a notification with another body, signature or key.
    NotificationForged 500;
    /// An old genuine notification is sent again.
    NotificationReplayed 500;
    /// No connection to WeChat.
    CallNotSent 200;
    /// A call is lost on its way to WeChat, and nobody can know.
    CallLost 200;
    /// A call arrives twice.
    CallRepeated 200;
    /// A call has its effect, and the answer is lost.
    AnswerLost 300;
    /// WeChat asks for patience.
    TooManyRequests 200;
    /// WeChat has a system error, before or after the effect.
    SystemError 200;
    /// A proxy answers with a page of HTML.
    Html 100;
    /// An answer comes without a signature.
    AnswerUnsigned 100;
    /// Somebody changes an answer on its way.
    AnswerForged 100;
    /// The database refuses a call.
    DatabaseRefuses 60;
    /// The connection breaks during a commit that is not kept.
    CommitLostBefore 40;
    /// The connection breaks during a commit that is kept.
    CommitLostAfter 40;
    /// The database takes seconds.
    DatabaseSlow 50;
    /// A receiver answers with an error.
    ReceiverFails 1000;
    /// A receiver takes an event, and its answer is lost.
    ReceiverForgets 500;
    /// A process dies, as by kill -9.
    Crash 6;
    /// A process stands still for minutes and goes on as if nothing had been.
    Pause 2;
    /// A machine's clock jumps, by minutes.
    ClockJump 3000;
    /// WeChat renews its platform certificate.
    Rotation 3000;
    /// A buyer's phone hangs up before the answer.
    PhoneHangsUp 400;
    /// A buyer taps twice.
    DoubleTap 1500;
    /// Money lands on an order that was closed.
    LateMoney 3000;
    /// Refunds of the next hours find no way to the buyer, or WeChat gives them up.
    RefundsGoWrong 2500;
    /// Somebody makes a refund in WeChat's console.
    ConsoleRefund 3000;
    /// The merchant's account runs empty for hours.
    NoFunds 3000;
    /// The APIv3 key is changed at WeChat, and hours later here.
    KeyChange 6000;
    /// WeChat's bill has mistakes.
    BillMistake 6000;
}

/// A part that can be clogged as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Database,
    WeChat,
    Notifications,
    Receivers,
}

impl Part {
    const ALL: [Self; 4] = [
        Self::Database,
        Self::WeChat,
        Self::Notifications,
        Self::Receivers,
    ];

    /// A receiver may be down for a day; a shop whose database is down for a day has no orders.
    const fn longest_hours(self) -> u64 {
        match self {
            Self::Database => 2,
            Self::WeChat => 6,
            Self::Notifications | Self::Receivers => 26,
        }
    }
}

/// What is taken away from a seed's weather, while a failure is shrunk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Without {
    /// These never strike.
    pub faults: BTreeSet<Fault>,
    /// Nothing is clogged.
    pub swizzle: bool,
    /// Only so many faults strike, the first ones; `None` is all.
    pub after: Option<u64>,
}

struct Clog {
    part: Part,
    from: Millis,
    until: Millis,
}

/// The weather of a seed.
pub(crate) struct Weather {
    rates: BTreeMap<Fault, u64>,
    clogs: Vec<Clog>,
    calm_from: Millis,
    without: Without,
    struck: Mutex<BTreeMap<Fault, u64>>,
    time: Time,
}

/// How many clogs a swizzled seed has.
const CLOGS_MAX: u64 = 12;

impl Weather {
    pub(crate) fn new(chance: &Chance, time: Time, storm: Duration, without: Without) -> Self {
        let chance = chance.named("weather");
        let rates = Fault::ALL
            .iter()
            .map(|fault| (*fault, rate(*fault, &chance.named(&format!("{fault:?}")))))
            .collect();
        let calm_from = time.now().plus(storm);
        let clogs = if without.swizzle {
            Vec::new()
        } else {
            clogs(&chance.named("clogs"), time.now(), calm_from)
        };
        Self {
            rates,
            clogs,
            calm_from,
            without,
            struck: Mutex::default(),
            time,
        }
    }

    pub(crate) fn is_calm(&self) -> bool {
        self.time.now() >= self.calm_from
    }

    /// Whether the fault happens now. The dice are thrown in any case, so that taking one fault
    /// away leaves the others where they were.
    pub(crate) fn strikes(&self, fault: Fault, chance: &Chance) -> bool {
        let thrown = chance.below(10_000);
        let rate = self.rates.get(&fault).copied().unwrap_or_default();
        if thrown >= rate || self.is_calm() || self.without.faults.contains(&fault) {
            return false;
        }
        let mut struck = self.struck.lock().unwrap_or_else(PoisonError::into_inner);
        let so_far: u64 = struck.values().sum();
        if self.without.after.is_some_and(|after| so_far >= after) {
            return false;
        }
        *struck.entry(fault).or_default() += 1;
        true
    }

    /// Until when the part answers nobody, if it does not now.
    pub(crate) fn clogged(&self, part: Part) -> Option<Millis> {
        let now = self.time.now();
        let here = |clog: &&Clog| clog.part == part && clog.from <= now && now < clog.until;
        let clogs = self.clogs.iter().filter(here);
        clogs.map(|clog| clog.until).max()
    }

    /// How often each fault struck.
    pub(crate) fn counts(&self) -> BTreeMap<Fault, u64> {
        let struck = self.struck.lock().unwrap_or_else(PoisonError::into_inner);
        struck.clone()
    }

    pub(crate) fn has_clogs(&self) -> bool {
        !self.clogs.is_empty()
    }
}

/// Off, rare, ordinary, or a storm.
fn rate(fault: Fault, chance: &Chance) -> u64 {
    let ordinary = fault.rate();
    match chance.below(10) {
        0..=4 => 0,
        5..=6 => ordinary / 3,
        7..=8 => ordinary,
        _ => ordinary.saturating_mul(3).min(7000),
    }
}

fn clogs(chance: &Chance, begin: Millis, calm_from: Millis) -> Vec<Clog> {
    let swizzled = chance.percent(35);
    let count = if swizzled {
        chance.between(1, CLOGS_MAX)
    } else {
        0
    };
    let storm = calm_from.since(begin);
    let clog = |_| {
        let part = *chance.pick(&Part::ALL).unwrap_or(&Part::WeChat);
        let from = begin.plus(chance.millis(0, u64::try_from(storm.as_millis()).unwrap_or(0)));
        let length = chance.seconds(10, part.longest_hours() * 3600);
        let until = from.plus(length).min(calm_from);
        Clog { part, from, until }
    };
    (0..count).map(clog).collect()
}

impl fmt::Debug for Weather {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Weather").finish_non_exhaustive()
    }
}
