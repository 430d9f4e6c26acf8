//! What the process says about itself: log lines on stdout, figures on the admin listener.
//!
//! Neither ever holds a secret, an openid, a body or a signature; figures carry no order numbers.

pub mod logs;
pub mod metrics;
pub mod names;
