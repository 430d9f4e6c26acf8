//! Who acts: servers, WeChat's sender and bookkeeper, buyers, the merchant's people and systems,
//! and misfortune.

mod bookkeeper;
mod integrator;
mod keyholder;
mod merchant;
mod misfortune;
mod sender;
mod servers;
mod shopper;

pub(crate) use bookkeeper::write_bills;
pub(crate) use integrator::{follow_events, register_webhook};
pub(crate) use keyholder::change_the_key;
pub(crate) use merchant::run_the_shop;
pub(crate) use misfortune::strike;
pub(crate) use sender::send_notifications;
pub(crate) use servers::keep_running;
pub(crate) use shopper::go_shopping;
