//! How a request arrived: from whom, over what, and for which host.
//!
//! A proxy tells this in headers that anybody can send. They are believed only from addresses that the operator has
//! listed, and only as far back as the list reaches: what a stranger wrote before the first listed proxy counts for
//! nothing. A proxy of the application that proves itself with the instance's secret key is believed like a listed one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use http::{Extensions, HeaderMap, Request};
use ipnet::IpNet;

/// Who is at the other end of a connection. Whoever serves the router on a socket puts this into the extensions of every
/// request; without it a request counts as made in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The address of the other end.
    pub address: SocketAddr,
    /// Whether the connection is encrypted.
    pub is_tls: bool,
}

/// Who the request comes from, as far as it is known: the address of the connection, or what a trusted proxy says. The
/// front door puts it into the request's extensions, unless whoever serves the router has done so already. A request
/// without one was made in this process, and counts against no rate limit.
///
/// Rate limits, logs and sessions go by it. It is somebody's personal data: do not log it unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The address that the front door found.
    pub fn of(extensions: &Extensions) -> Option<IpAddr> {
        extensions.get::<Self>().map(|address| address.0)
    }
}

/// The addresses whose word about a request is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    /// Which of the two spellings the proxies use.
    headers: ForwardedHeaders,
}

/// How proxies tell what they know. Only one way is read: a proxy that writes the one passes on what a stranger wrote
/// in the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedHeaders {
    /// `X-Forwarded-For`, `X-Forwarded-Proto`, `X-Forwarded-Host`.
    #[default]
    XForwarded,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl TrustedProxies {
    /// Believes these networks, in this spelling.
    pub const fn new(networks: Vec<IpNet>, headers: ForwardedHeaders) -> Self {
        Self { networks, headers }
    }

    /// Believes this machine alone: for development.
    pub fn loopback() -> Self {
        let own = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        let lengths = [8, 128];
        let networks = own
            .into_iter()
            .zip(lengths)
            .filter_map(|(address, length)| IpNet::new(address, length).ok().map(|network| network.trunc()));
        Self::new(networks.collect(), ForwardedHeaders::XForwarded)
    }

    /// Whether this address is believed.
    fn contains(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }
}

/// What is known of the way a request took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// Who it comes from.
    address: Option<IpAddr>,
    /// Who it would come from if the other end of the connection were believed.
    address_by_peer: Option<IpAddr>,
    /// Whether the browser spoke `https`; `None` where nobody knows.
    pub(crate) is_https: Option<bool>,
    /// The host that the browser asked for, where a trusted proxy says so.
    pub(crate) host: Option<String>,
}

impl Arrival {
    /// Reads how a request arrived, and notes it in its extensions beside the [`ClientAddress`].
    pub(super) fn note<B>(proxies: &TrustedProxies, request: &mut Request<B>) {
        let peer = request.extensions().get::<Peer>().copied();
        let arrival = Self::read(proxies, peer, request.headers());
        let is_known = request.extensions().get::<ClientAddress>().is_some();
        if let Some(address) = arrival.address.filter(|_| !is_known) {
            request.extensions_mut().insert(ClientAddress(address));
        }
        request.extensions_mut().insert(arrival);
    }

    fn read(proxies: &TrustedProxies, peer: Option<Peer>, headers: &HeaderMap) -> Self {
        let address = peer.map(|peer| peer.address.ip().to_canonical());
        let is_encrypted = peer.is_some_and(|peer| peer.is_tls).then_some(true);
        let told = Told::read(proxies.headers, headers);
        let address_by_peer = told.address(proxies).or(address);
        // A request without a peer was made in this process, on this machine.
        if !proxies.contains(address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))) {
            return Self { address, address_by_peer, is_https: is_encrypted, host: None };
        }
        let is_https = told.scheme.map(|scheme| scheme.eq_ignore_ascii_case("https"));
        Self {
            address: address_by_peer,
            address_by_peer,
            is_https: is_https.or(is_encrypted),
            host: told.host.map(str::to_ascii_lowercase),
        }
    }

    /// What the front door noted.
    pub(crate) fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get::<Self>()
    }

    /// The address of the browser where the other end has proved, with the instance's secret key, to be the
    /// application's own proxy.
    pub(crate) fn behind_own_proxy(&self) -> Option<IpAddr> {
        self.address_by_peer
    }
}

/// What headers say of the way so far.
#[derive(Debug, Default)]
struct Told<'h> {
    /// Addresses as they are written, the browser's first.
    chain: Vec<&'h str>,
    scheme: Option<&'h str>,
    host: Option<&'h str>,
}

/// More proxies than anybody has in a row. A longer chain is cut at its far end.
const LONGEST_CHAIN: usize = 32;

impl<'h> Told<'h> {
    fn read(spelling: ForwardedHeaders, headers: &'h HeaderMap) -> Self {
        match spelling {
            ForwardedHeaders::XForwarded => Self {
                chain: items(headers, "x-forwarded-for").collect(),
                scheme: items(headers, "x-forwarded-proto").next(),
                host: items(headers, "x-forwarded-host").next(),
            },
            ForwardedHeaders::Forwarded => {
                let mut told = Self::default();
                for element in items(headers, "forwarded") {
                    for (name, value) in element.split(';').filter_map(|pair| pair.split_once('=')) {
                        let value = value.trim().trim_matches('"');
                        match name.trim().to_ascii_lowercase().as_str() {
                            "for" => told.chain.push(value),
                            "proto" => told.scheme = told.scheme.or(Some(value)),
                            "host" => told.host = told.host.or(Some(value)),
                            _ => {}
                        }
                    }
                }
                told
            }
        }
    }

    /// The last address that was not told by a trusted proxy about another one: from the near end of the chain, as far
    /// as trust reaches. What is no address ends the walk.
    fn address(&self, proxies: &TrustedProxies) -> Option<IpAddr> {
        let mut known = None;
        for text in self.chain.iter().rev().take(LONGEST_CHAIN) {
            let Some(address) = node(text) else { break };
            known = Some(address);
            if !proxies.contains(address) {
                break;
            }
        }
        known
    }
}

/// The items of a list that may stand in several lines.
fn items<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|item| !item.is_empty())
}

/// An address as proxies write it, with a port or without: `203.0.113.7`, `203.0.113.7:4711`, `[2001:db8::1]:4711`.
fn node(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(networks: &[&str], headers: ForwardedHeaders) -> TrustedProxies {
        TrustedProxies::new(networks.iter().map(|text| text.parse().unwrap()).collect(), headers)
    }

    fn arrival(proxies: &TrustedProxies, peer: &str, headers: &[(&'static str, &str)]) -> Arrival {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let peer = Peer { address: SocketAddr::new(peer.parse().unwrap(), 4711), is_tls: false };
        Arrival::read(proxies, Some(peer), &map)
    }

    fn ip(text: &str) -> Option<IpAddr> {
        text.parse().ok()
    }

    #[test]
    fn strangers_are_not_believed() {
        let trusted = proxies(&["10.0.0.0/8"], ForwardedHeaders::XForwarded);
        let told = [
            ("x-forwarded-for", "203.0.113.7"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "clerk.evil.example"),
            ("forwarded", "for=203.0.113.7;proto=https"),
        ];
        let arrival = arrival(&trusted, "198.51.100.1", &told);
        assert_eq!((arrival.address, arrival.is_https, arrival.host), (ip("198.51.100.1"), None, None));
    }

    #[test]
    fn the_chain_is_believed_as_far_as_the_list_reaches() {
        let trusted = proxies(&["10.0.0.0/8", "::1/128"], ForwardedHeaders::XForwarded);
        let address =
            |peer: &str, chain: &str| arrival(&trusted, peer, &[("x-forwarded-for", chain)]).address;
        assert_eq!(address("10.0.0.1", "203.0.113.7"), ip("203.0.113.7"));
        // What stands before the first address that is no proxy of ours was written by a stranger.
        assert_eq!(address("10.0.0.1", "1.2.3.4, 203.0.113.7, 10.9.9.9"), ip("203.0.113.7"));
        assert_eq!(address("10.0.0.1", "10.0.0.3, 10.0.0.2"), ip("10.0.0.3"), "all are ours");
        assert_eq!(address("10.0.0.1", "203.0.113.7:4711"), ip("203.0.113.7"));
        assert_eq!(address("10.0.0.1", "[2001:db8::1]:4711"), ip("2001:db8::1"));
        assert_eq!(address("10.0.0.1", "::ffff:203.0.113.7"), ip("203.0.113.7"));
        assert_eq!(address("::ffff:10.0.0.1", "203.0.113.7"), ip("203.0.113.7"), "a mapped peer is the same");
        assert_eq!(address("10.0.0.1", "203.0.113.7, unknown"), ip("10.0.0.1"), "no address ends the walk");
        assert_eq!(address("10.0.0.1", ""), ip("10.0.0.1"));
    }

    #[test]
    fn several_lines_are_one_list() {
        let trusted = proxies(&["10.0.0.0/8"], ForwardedHeaders::XForwarded);
        let lines = [("x-forwarded-for", "1.2.3.4"), ("x-forwarded-for", "203.0.113.7, 10.0.0.2")];
        assert_eq!(arrival(&trusted, "10.0.0.1", &lines).address, ip("203.0.113.7"));
    }

    #[test]
    fn only_the_spelling_of_the_proxies_is_read() {
        let both = [
            ("x-forwarded-for", "1.2.3.4"),
            ("x-forwarded-proto", "http"),
            ("forwarded", "for=\"[2001:db8::1]:4711\";proto=https;host=Clerk.Example.com, for=10.0.0.2"),
        ];
        let trusted = proxies(&["10.0.0.0/8"], ForwardedHeaders::Forwarded);
        let seen = arrival(&trusted, "10.0.0.1", &both);
        assert_eq!((seen.address, seen.is_https), (ip("2001:db8::1"), Some(true)));
        assert_eq!(seen.host.as_deref(), Some("clerk.example.com"));
        let trusted = proxies(&["10.0.0.0/8"], ForwardedHeaders::XForwarded);
        let seen = arrival(&trusted, "10.0.0.1", &both);
        assert_eq!((seen.address, seen.is_https, seen.host), (ip("1.2.3.4"), Some(false), None));
    }

    #[test]
    fn the_applications_own_proxy_is_believed_once_it_has_proved_itself() {
        let trusted = proxies(&[], ForwardedHeaders::XForwarded);
        let seen = arrival(&trusted, "198.51.100.1", &[("x-forwarded-for", "203.0.113.7")]);
        assert_eq!(seen.address, ip("198.51.100.1"));
        assert_eq!(seen.behind_own_proxy(), ip("203.0.113.7"));
    }

    #[test]
    fn development_believes_this_machine() {
        let trusted = TrustedProxies::loopback();
        for peer in ["127.0.0.1", "127.9.9.9", "::1"] {
            assert_eq!(
                arrival(&trusted, peer, &[("x-forwarded-for", "203.0.113.7")]).address,
                ip("203.0.113.7")
            );
        }
        let outside = arrival(&trusted, "192.168.1.5", &[("x-forwarded-for", "203.0.113.7")]);
        assert_eq!(outside.address, ip("192.168.1.5"));
    }
}
