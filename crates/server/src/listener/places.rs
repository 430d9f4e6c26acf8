//! Room for connections: so many in all, and so many of them for one address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Bounds;
use crate::{limits::network_of, telemetry::names, webhooks::address::is_public};

/// While fewer than this part of the places are free, they are scarce.
const SCARCE_PART: usize = 4;

pub(super) struct Places {
    bounds: Arc<Bounds>,
    free: Arc<Semaphore>,
    taken: Taken,
}

/// How many connections each address has: as many entries as connections at most.
type Taken = Arc<Mutex<HashMap<IpAddr, usize>>>;

impl Places {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            free: Arc::new(Semaphore::new(bounds.connections)),
            bounds: Arc::new(bounds),
            taken: Taken::default(),
        }
    }

    pub(super) async fn wait_for_one(&self) -> FreePlace {
        let permit = Arc::clone(&self.free).acquire_owned().await;
        FreePlace {
            permit: permit.expect("the semaphore is never closed"),
            bounds: Arc::clone(&self.bounds),
            taken: Arc::clone(&self.taken),
        }
    }

    pub(super) fn are_scarce(&self) -> bool {
        self.free.available_permits() < self.bounds.connections / SCARCE_PART
    }
}

/// A place that nobody has yet.
pub(super) struct FreePlace {
    permit: OwnedSemaphorePermit,
    bounds: Arc<Bounds>,
    taken: Taken,
}

/// The place of one connection; it is free again when this is dropped.
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    counted: Option<(Taken, IpAddr)>,
}

impl FreePlace {
    /// Gives the place to a connection from there, unless that address has all that it may.
    ///
    /// Addresses of private networks are not counted: what comes from there is a proxy, whose
    /// connections are everybody's, whether or not the configuration names it.
    pub(super) fn for_address(self, address: IpAddr) -> Option<Place> {
        let Self {
            permit,
            bounds,
            taken,
        } = self;
        let trusted = bounds.trusted.iter().any(|range| range.contains(address));
        let counted = if bounds.per_address == 0 || trusted || !is_public(address) {
            None
        } else {
            let network = network_of(address);
            if !count_in(&taken, network, bounds.per_address) {
                metrics::counter!(names::REQUESTS_SHED_TOTAL, "lane" => "connections").increment(1);
                return None;
            }
            Some((taken, network))
        };
        Some(Place {
            _permit: permit,
            counted,
        })
    }
}

fn count_in(taken: &Taken, network: IpAddr, most: usize) -> bool {
    let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
    let count = taken.entry(network).or_default();
    if *count >= most {
        return false;
    }
    *count += 1;
    true
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((taken, network)) = &self.counted else {
            return;
        };
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(network) {
            *count -= 1;
            if *count == 0 {
                taken.remove(network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn places(trusted: &[&str]) -> Places {
        Places::new(Bounds {
            connections: 8,
            per_address: 2,
            trusted: trusted.iter().map(|text| text.parse().unwrap()).collect(),
            headers_within: Duration::from_secs(1),
        })
    }

    async fn take(places: &Places, address: &str) -> Option<Place> {
        let place = places.wait_for_one().await;
        place.for_address(address.parse().unwrap())
    }

    /// One address of the internet cannot hold all connections, and gives back what it had.
    #[tokio::test]
    async fn n11_one_address_does_not_get_every_connection() {
        let places = places(&[]);
        let first = take(&places, "8.8.8.8").await;
        let second = take(&places, "8.8.8.8").await;
        assert!(first.is_some() && second.is_some());
        assert!(take(&places, "8.8.8.8").await.is_none());
        assert!(take(&places, "8.8.4.4").await.is_some());
        drop(first);
        assert!(take(&places, "8.8.8.8").await.is_some());
        drop(second);
        assert!(places.taken.lock().unwrap().is_empty());
        assert_eq!(places.free.available_permits(), 8);
    }

    #[tokio::test]
    async fn proxies_and_neighbours_speak_for_many() {
        let places = places(&["8.8.8.0/24"]);
        let mut held = Vec::new();
        for address in ["8.8.8.8", "10.0.0.7"] {
            for _ in 0..3 {
                held.push(take(&places, address).await);
            }
        }
        assert!(held.iter().all(Option::is_some));
    }

    #[tokio::test]
    async fn places_are_scarce_when_three_quarters_are_taken() {
        let places = places(&[]);
        let mut held = Vec::new();
        for _ in 0..6 {
            assert!(!places.are_scarce());
            held.push(places.wait_for_one().await);
        }
        held.push(places.wait_for_one().await);
        assert!(places.are_scarce());
    }
}
