//! Which addresses a webhook may lead to. The merchant's systems name the URL, and this server
//! stands inside a network: without this, a URL could make it call its neighbours, or the
//! metadata service of the cloud, which hands out credentials.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

use crate::config::Webhooks;

/// Longer addresses are no lawful use.
const URL_BYTES_MAX: usize = 1024;

/// Reads a URL that may be told; the error says what is wrong with it.
pub fn parse(text: &str, rules: &Webhooks) -> Result<Url, String> {
    if text.len() > URL_BYTES_MAX {
        return Err(format!("url is longer than {URL_BYTES_MAX} bytes"));
    }
    let url = Url::parse(text).map_err(|error| format!("url is not an address: {error}"))?;
    match url.scheme() {
        "https" => {}
        "http" if rules.allow_http => {}
        _ => return Err("url must begin with https://".to_owned()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("url must not hold a user or a password".to_owned());
    }
    if url.fragment().is_some() {
        return Err("url must not have a fragment".to_owned());
    }
    if rules.allow_private_addresses {
        return Ok(url);
    }
    let refused = match literal(&url) {
        Some(address) => !is_public(address),
        None => is_local_name(url.host_str().unwrap_or_default()),
    };
    if refused {
        return Err(
            "url leads into a private network; see webhooks.allow_private_addresses".to_owned(),
        );
    }
    Ok(url)
}

/// The address, when the host is one and not a name. The URL parser has already turned disguises
/// such as `0x7f.1` and `2130706433` into what they mean.
pub fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok()
}

fn is_local_name(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

/// Whether an address belongs to the public internet.
///
/// Source: the IANA registries of special-purpose addresses (RFC 6890). Addresses that carry
/// another one inside count as that one.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        // This network, private, loopback, multicast and reserved.
        (0 | 10 | 127 | 224..=255, _, _)
        // Shared by carriers; the metadata service of Alibaba Cloud is in it.
        | (100, 64..=127, _)
        // Link-local; the metadata service of most clouds is in it.
        | (169, 254, _)
        | (172, 16..=31, _)
        // Protocol assignments, documentation, old relays, private.
        | (192, 0, 0 | 2)
        | (192, 88, 99)
        | (192, 168, _)
        // Benchmarks and documentation.
        | (198, 18 | 19, _)
        | (198, 51, 100)
        | (203, 0, 113)
    );
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let inner = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        // IPv4 in other clothes: mapped, and translated (NAT64).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            inner(high, low)
        }
        // 6to4.
        [0x2002, high, low, ..] => inner(high, low),
        // Teredo and other protocol assignments; documentation.
        [0x2001, 0..=0x1ff | 0xdb8, ..] => false,
        [0x3fff, 0..=0xfff, ..] => false,
        // Of the rest, only this eighth is given out to the public.
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(allow: bool) -> Webhooks {
        Webhooks {
            allow_http: allow,
            allow_private_addresses: allow,
            timeout_ms: 15_000,
            concurrency: 4,
            disable_after_s: 432_000,
            secret_overlap_s: 86_400,
            kept_s: 2_592_000,
        }
    }

    #[test]
    fn private_loopback_link_local_and_metadata_addresses_are_not_public() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "::127.0.0.1",
            "100::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.169.0.1",
            "223.255.255.255",
            "2400:3200::1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn an_address_is_refused_whatever_it_is_dressed_as() {
        for url in [
            "http://shop.example/",
            "ftp://shop.example/",
            "https://user@shop.example/",
            "https://:secret@shop.example/",
            "https://shop.example/#part",
            "https://localhost/",
            "https://a.LOCALHOST./",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest/meta-data",
            "not a url",
            &format!("https://shop.example/{}", "a".repeat(URL_BYTES_MAX)),
        ] {
            assert!(parse(url, &rules(false)).is_err(), "{url}");
        }
        assert!(parse("https://shop.example/hook?shop=7", &rules(false)).is_ok());
        assert!(parse("http://127.0.0.1:9/", &rules(true)).is_ok());
        assert!(parse("https://1.1.1.1:8443/", &rules(false)).is_ok());
    }

    proptest::proptest! {
        #![proptest_config(fuzz::config())]

        /// Whatever is taken leads out: it is no address of ours and no name of ours.
        #[test]
        fn fuzz_webhook_addresses(text in fuzz::spoilt_text(&[
            "https://shop.example/hook?shop=7",
            "https://127.0.0.1:8443/",
            "https://[::ffff:10.0.0.1]/",
            "https://0x7f.1/",
            "https://localhost./",
        ])) {
            if let Ok(url) = parse(&text, &rules(false)) {
                let host = url.host_str().unwrap_or_default();
                proptest::prop_assert!(literal(&url).is_none_or(is_public), "{url}");
                proptest::prop_assert!(!is_local_name(host), "{url}");
                proptest::prop_assert_eq!(url.scheme(), "https");
            }
        }
    }
}
