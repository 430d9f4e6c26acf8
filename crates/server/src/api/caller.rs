//! Where a request comes from, as far as that can be known.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, header};

use crate::{config::Network, webhooks::address::is_public};

/// The other end of a connection; the listener puts it into each request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// Proxies in front of each other, at most; what lies further back is not looked at.
const HOPS_MAX: usize = 16;

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    At(IpAddr),
    /// Somebody behind a proxy that the configuration does not name: its header may be anybody's,
    /// and its own address is that of all callers.
    BehindStranger(IpAddr),
}

/// The peer, or what the trusted proxies say: from the nearest hop on, the first that is not one of
/// them. What stands further left was written by the caller and says nothing.
pub(super) fn caller(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Caller {
    let peer = peer.to_canonical();
    let is_trusted = |address: IpAddr| trusted.iter().any(|range| range.contains(address));
    if !is_trusted(peer) {
        // On the public internet everybody can write such a header; inside our own network it is
        // a proxy that does.
        return if is_forwarded(headers) && !is_public(peer) {
            Caller::BehindStranger(peer)
        } else {
            Caller::At(peer)
        };
    }
    let mut nearest = peer;
    for hop in hops(headers).take(HOPS_MAX) {
        match hop {
            Some(address) if is_trusted(address) => nearest = address,
            Some(address) => return Caller::At(address),
            // A proxy that hides its caller ends the chain.
            None => break,
        }
    }
    Caller::At(nearest)
}

fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(header::FORWARDED)
}

/// The addresses that proxies wrote down, the nearest first; `None` for what is no address.
/// `Forwarded` (RFC 7239) is taken only where there is no `X-Forwarded-For`, because a caller can
/// send the one that its proxy does not write.
fn hops(headers: &HeaderMap) -> Box<dyn Iterator<Item = Option<IpAddr>> + '_> {
    if headers.contains_key(X_FORWARDED_FOR) {
        return Box::new(members(headers, X_FORWARDED_FOR).map(address));
    }
    let forwarded = members(headers, header::FORWARDED.as_str());
    Box::new(forwarded.map(|member| {
        let pairs = member.split(';').filter_map(|pair| pair.split_once('='));
        let mut who = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
        address(who.next()?.1)
    }))
}

/// The members of all lines of a list header, the last first.
fn members<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).into_iter().rev();
    lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','))
}

/// An address with or without a port, brackets and quotes.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let parsed = bare.parse().ok().or_else(|| {
        let with_port: SocketAddr = text.parse().ok()?;
        Some(with_port.ip())
    });
    parsed.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, trusted: &[&str], lines: &[(&'static str, &str)]) -> Caller {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        caller(peer.parse().unwrap(), &headers, &trusted)
    }

    fn at(text: &str) -> Caller {
        Caller::At(text.parse().unwrap())
    }

    const XFF: &str = "x-forwarded-for";

    #[test]
    fn a_stranger_cannot_say_who_it_is() {
        let spoofed = [(XFF, "9.9.9.9"), ("forwarded", "for=9.9.9.9")];
        assert_eq!(seen("8.8.8.8", &[], &spoofed), at("8.8.8.8"));
        assert_eq!(seen("8.8.8.8", &["10.0.0.0/8"], &spoofed), at("8.8.8.8"));
    }

    #[test]
    fn a_trusted_proxy_says_who_called_it_and_no_more() {
        let trusted = ["10.0.0.0/8", "127.0.0.1"];
        for (header, expected) in [
            ("8.8.8.8", "8.8.8.8"),
            // The caller wrote the first; its proxy appended the second.
            ("1.2.3.4, 8.8.8.8", "8.8.8.8"),
            ("1.2.3.4, 8.8.8.8, 10.9.9.9", "8.8.8.8"),
            ("8.8.8.8:4711", "8.8.8.8"),
            ("2001:da8::1", "2001:da8::1"),
            ("[2001:da8::1]:4711", "2001:da8::1"),
            // All of it ours: the farthest.
            ("10.1.1.1, 10.9.9.9", "10.1.1.1"),
            ("unknown", "127.0.0.1"),
            ("", "127.0.0.1"),
        ] {
            let seen = seen("127.0.0.1", &trusted, &[(XFF, header)]);
            assert_eq!(seen, at(expected), "{header}");
        }
        let lines = [(XFF, "1.2.3.4"), (XFF, "8.8.8.8")];
        assert_eq!(seen("127.0.0.1", &trusted, &lines), at("8.8.8.8"));
    }

    #[test]
    fn the_newer_header_is_read_where_the_older_is_missing() {
        let trusted = ["127.0.0.1"];
        let forwarded = [(
            "forwarded",
            "for=1.2.3.4, by=x;For=\"[2001:da8::1]:47\";proto=https",
        )];
        assert_eq!(seen("127.0.0.1", &trusted, &forwarded), at("2001:da8::1"));
        let both = [(XFF, "8.8.8.8"), ("forwarded", "for=1.2.3.4")];
        assert_eq!(seen("127.0.0.1", &trusted, &both), at("8.8.8.8"));
        let hidden = [("forwarded", "for=_secret")];
        assert_eq!(seen("127.0.0.1", &trusted, &hidden), at("127.0.0.1"));
    }

    #[test]
    fn a_neighbour_that_forwards_and_is_not_trusted_speaks_for_many() {
        let header = [(XFF, "8.8.8.8")];
        let stranger = Caller::BehindStranger("10.0.0.7".parse().unwrap());
        assert_eq!(seen("10.0.0.7", &[], &header), stranger);
        assert_eq!(seen("10.0.0.7", &[], &[]), at("10.0.0.7"));
    }
}
