//! What telling a merchant's systems needs besides the database: keys that sign, addresses that
//! may be called, and the courier who calls them.

pub mod address;
mod courier;
mod keys;
mod resolver;

pub(crate) use courier::request;
pub use courier::{Courier, CourierError, HttpCourier, Receipt};
pub use keys::{KeyRing, Scheme, SigningKey};
pub use resolver::{Lookup, SystemLookup};
