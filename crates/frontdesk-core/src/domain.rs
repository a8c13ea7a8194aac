//! Domains of an instance: the primary one, and satellites that share its people on domains of their own.
//!
//! A browser keeps the cookies of one domain from every other. So a satellite has a Frontend API of its own, on
//! `clerk.<satellite>` or behind a proxy, and a browser that comes there is linked to the client that it is on the primary
//! domain: it gets a token of the satellite's, which opens that same client and only there.

use frontdesk_types::{ClientId, DomainId, Timestamp};

use crate::client::{Client, TokenMatch};
use crate::instance::Instance;

/// One domain of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Its id.
    pub id: DomainId,
    /// The domain, in lower case. In development it may have a port.
    pub name: String,
    /// Whether it shares the people of the primary domain.
    pub is_satellite: bool,
    /// The host of its Frontend API; none for a satellite in development, which uses that of the primary domain.
    pub key_host: Option<String>,
    /// The proxy before its Frontend API, without a slash at the end.
    pub proxy_url: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts the changes; guards against lost updates.
    pub version: i64,
}

impl Domain {
    /// The primary domain that an instance begins with.
    ///
    /// # Panics
    ///
    /// Never: what follows the prefix of one id may follow that of another.
    pub fn primary_of(instance: &Instance) -> Self {
        let own = instance.id.as_str();
        let id = format!("dmn_{}", own.strip_prefix("ins_").unwrap_or(own));
        Self {
            id: id.parse().expect("the id of an instance with another prefix"),
            name: instance.key_host.strip_prefix("clerk.").unwrap_or(&instance.key_host).to_owned(),
            is_satellite: false,
            key_host: Some(instance.key_host.clone()),
            proxy_url: None,
            created_at: instance.created_at,
            updated_at: instance.created_at,
            version: 1,
        }
    }
}

/// A client as one browser holds it on a satellite: what the satellite's token must say to open it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientLink {
    /// The client.
    pub client_id: ClientId,
    /// The satellite.
    pub domain_id: DomainId,
    /// SHA-256 of the rotating token in the satellite's cookie.
    pub token_hash: Vec<u8>,
    /// SHA-256 of the satellite's token before that.
    pub previous_token_hash: Vec<u8>,
    /// The `token_hash` of the client at that time. When the client gets another token, because somebody has signed in, the
    /// link is over: whoever holds the satellite's cookie must show anew that they hold the client as well.
    pub client_token_hash: Vec<u8>,
    /// When it was made.
    pub linked_at: Timestamp,
}

impl ClientLink {
    /// Which of the client's tokens this link was made with.
    pub fn generation(&self, client: &Client) -> TokenMatch {
        // Hashes that are both ours: nothing is learnt from the time that comparing takes.
        if self.client_token_hash.is_empty() {
            TokenMatch::None
        } else if self.client_token_hash == client.token_hash {
            TokenMatch::Current
        } else if self.client_token_hash == client.previous_token_hash {
            TokenMatch::Previous
        } else {
            TokenMatch::None
        }
    }
}

/// What a browser takes from the primary domain to a satellite, once: "I am this client", or "nobody".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncToken {
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// The satellite that it is for.
    pub domain_id: DomainId,
    /// The client that the browser is on the primary domain; none if it is nobody there.
    pub client_id: Option<ClientId>,
    /// The `token_hash` of that client at that time. If it has another one when the browser arrives, somebody has signed in
    /// on it since, and that need not be whoever has this token.
    pub client_token_hash: Option<Vec<u8>>,
    /// SHA-256 of what the browser got from the satellite before it set out: the token is worth nothing in another one.
    pub nonce_hash: Vec<u8>,
    /// Where the browser wants to go in the end.
    pub redirect_url: String,
    /// Until when it can be redeemed.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_ends_when_its_client_gets_another_token() {
        let now = Timestamp::from_secs(1_767_225_600);
        let mut client = Client::new("client_1".parse().unwrap(), vec![1], now);
        let link = ClientLink {
            client_id: client.id.clone(),
            domain_id: "dmn_1".parse().unwrap(),
            token_hash: vec![9],
            previous_token_hash: Vec::new(),
            client_token_hash: vec![1],
            linked_at: now,
        };
        assert_eq!(link.generation(&client), TokenMatch::Current);
        client.rotate(vec![2], now);
        assert_eq!(link.generation(&client), TokenMatch::Previous);
        client.rotate(vec![3], now);
        assert_eq!(link.generation(&client), TokenMatch::None);
        // A client that only the Backend API made has no token: nothing is linked to it.
        let unheld = Client::new("client_2".parse().unwrap(), Vec::new(), now);
        let link = ClientLink { client_token_hash: Vec::new(), ..link };
        assert_eq!(link.generation(&unheld), TokenMatch::None);
    }
}
