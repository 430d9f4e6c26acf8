//! The crate from outside: published vectors, `openssl`, and a platform in memory.

#[cfg(test)]
mod advice;
#[cfg(test)]
mod answers;
#[cfg(test)]
mod bill_rows;
#[cfg(test)]
mod bills;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod client;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod fuzzed;
#[cfg(test)]
#[cfg(feature = "reqwest")]
mod http;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod keys_in_motion;
#[cfg(test)]
mod login;
#[cfg(test)]
mod notify;
#[cfg(test)]
mod openssl;
#[cfg(test)]
mod pay;
#[cfg(test)]
mod platform;
#[cfg(test)]
mod refunds;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod trouble;
#[cfg(test)]
mod values;
#[cfg(test)]
mod vectors;
#[cfg(test)]
mod wire;
