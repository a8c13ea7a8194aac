//! How often one network address may try what strangers can try (contract: 429 with `Retry-After`).
//!
//! What it protects against is volume; guessing is bounded by the tries of each code and by the lockout of each
//! account, which the store counts.

use std::net::{IpAddr, Ipv6Addr};

use frontdesk_api::{Audience, Operation};
use frontdesk_core::settings::{Rate, RateLimits};
use frontdesk_types::InstanceId;
use http::request::Parts;

use crate::errors::{self, ApiError};
use crate::extract::{Target, query_value};
use crate::recent::Recent;
use crate::{Server, keys};

/// The parameter that end-to-end tests carry their token in.
const TESTING_TOKEN: &str = "__clerk_testing_token";

/// Lets a request in, or says when to come again. A valid testing token is let in always, as end-to-end tests need it
/// (wire protocol §8.1).
pub(crate) async fn admit<O: Operation>(
    server: &Server,
    target: &Target,
    parts: &Parts,
) -> Result<(), ApiError> {
    let (Audience::Frontend, Some(limited)) = (O::AUDIENCE, Limited::of(O::ID)) else { return Ok(()) };
    let Some(address) = target.address else { return Ok(()) };
    let (instance, now) = (&target.instance, server.now());
    let Some(rate) = limited.rate(&instance.settings.rates(instance.kind)) else { return Ok(()) };
    let tries = (instance.id.clone(), limited, source(address));
    let Some(wait) = server.recent_tries().count(tries, rate.requests, rate.within, now) else {
        return Ok(());
    };
    if let Some(token) = query_value(parts, TESTING_TOKEN)
        && let Some(expires_at) = server.store().testing_token(&instance.id, &keys::token_hash(token)).await?
        && now < expires_at
    {
        return Ok(());
    }
    Err(errors::too_many_requests(wait))
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Limited {
    CreateSignIn,
    AttemptSignIn,
    CreateSignUp,
    AttemptSignUp,
    AttemptSignedIn,
    Prepare,
    Change,
}

impl Limited {
    /// What an operation of the Frontend API counts as, by its id in the contract.
    pub(crate) fn of(operation: &str) -> Option<Self> {
        Some(match operation {
            "createSignIn" => Self::CreateSignIn,
            "attemptSignInFactorOne" | "attemptSignInFactorTwo" | "resetPassword" => Self::AttemptSignIn,
            "createSignUps" => Self::CreateSignUp,
            "attemptSignUpsVerification" => Self::AttemptSignUp,
            "changePassword" | "removePassword" | "verifyEmailAddress" => Self::AttemptSignedIn,
            "prepareSignInFactorOne" | "prepareSignUpsVerification" | "sendVerificationEmail" => {
                Self::Prepare
            }
            "updateSignUps" | "createEmailAddresses" | "updateProfileImage" => Self::Change,
            _ => return None,
        })
    }

    fn rate(self, rates: &RateLimits) -> Option<Rate> {
        match self {
            Self::CreateSignIn => rates.create_sign_in,
            Self::AttemptSignIn => rates.attempt_sign_in,
            Self::CreateSignUp => rates.create_sign_up,
            Self::AttemptSignUp => rates.attempt_sign_up,
            Self::AttemptSignedIn => rates.attempt_signed_in,
            Self::Prepare => rates.prepare,
            Self::Change => rates.change,
        }
    }
}

/// Who tried what, and when.
pub(crate) type RecentTries = Recent<(InstanceId, Limited, IpAddr)>;

/// Who counts as one: an IPv4 address, or the network of an IPv6 address (64 bits), whose holder has all addresses in
/// it.
fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_counts_as_one_and_a_mapped_address_as_itself() {
        let of = |text: &str| source(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    #[test]
    fn every_limited_operation_is_published() {
        use frontdesk_api::{Audience, contract};
        let names = contract::published()
            .filter(|it| it.audience == Audience::Frontend && Limited::of(it.id).is_some())
            .count();
        assert_eq!(names, 15);
    }
}
