//! What can go wrong with a key, a signature, or a token.

use crate::Algorithm;

/// A key that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text is not one PEM block with base64 inside.
    #[error("not a PEM document: {0}")]
    Pem(&'static str),
    /// A PEM block of another kind than asked for, such as a certificate or an encrypted key.
    #[error("a PEM block labelled {0:?} is not a key of the expected kind")]
    PemLabel(String),
    /// The key's encoding or its numbers were refused (RSA must have 2048 to 8192 bits).
    #[error("the key was refused for {algorithm}: {detail}")]
    Rejected {
        /// The algorithm that the key was to serve.
        algorithm: Algorithm,
        /// What was wrong.
        detail: String,
    },
    /// The kind of key does not fit the algorithm, such as an HMAC secret for RS256.
    #[error("a key of this kind cannot serve {0}")]
    WrongAlgorithm(Algorithm),
    /// The JWK lacks a member, or has one that forbids verifying with it.
    #[error("unusable JWK: {0}")]
    Jwk(&'static str),
    /// The crypto library could not make or write the key.
    #[error("the key could not be generated or exported")]
    Crypto,
}

/// A token that could not be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The header says one algorithm, the key is bound to another.
    #[error("the header says {header:?}, the key signs with {key}")]
    AlgorithmMismatch {
        /// `alg` of the header.
        header: String,
        /// The algorithm of the key.
        key: Algorithm,
    },
    /// The claims could not be written as JSON.
    #[error("the claims cannot be written as JSON")]
    Claims(#[from] serde_json::Error),
    /// The claims are JSON, but not an object.
    #[error("the claims are not a JSON object")]
    NotAnObject,
    /// The crypto library refused to sign.
    #[error("the signature could not be made")]
    Crypto,
}

/// Why a token was refused. [`reason`](Self::reason) is the contract's code for it (wire contract §3.5).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Longer than [`MAX_TOKEN_BYTES`](crate::MAX_TOKEN_BYTES).
    #[error("the token has {0} bytes, more than any token of ours")]
    Oversize(usize),
    /// Not three parts of canonical base64url that hold a header object, a claims object and a signature.
    #[error("the token is malformed: {0}")]
    Malformed(&'static str),
    /// Header or claims are not a JSON object in which each name occurs once.
    #[error("the token's {part} is not a JSON object with unique names: {detail}")]
    Json {
        /// `header` or `claims`.
        part: &'static str,
        /// What the parser said.
        detail: String,
    },
    /// The header names extensions that must be understood (`crit`); we understand none.
    #[error("the token demands extensions (crit) that are not supported")]
    Critical,
    /// A machine token where a user's token is expected.
    #[error("the token is a machine token (cat)")]
    Category,
    /// `typ` is not one of the expected types.
    #[error("the token's type {0:?} is not accepted")]
    Type(Option<String>),
    /// `alg` is not the algorithm of the key. This covers `none`.
    #[error("the token's algorithm {header:?} is not the key's, {key}")]
    Algorithm {
        /// `alg` of the header; empty if absent.
        header: String,
        /// The algorithm of the key.
        key: Algorithm,
    },
    /// No key with this `kid`.
    #[error("no key has the id {0:?}")]
    UnknownKey(Option<String>),
    /// The signature was not made by this key over this text.
    #[error("the signature does not match")]
    Signature,
    /// `sub` is missing or not a string.
    #[error("the subject (sub) is missing or not a string")]
    Subject,
    /// `aud` names somebody else.
    #[error("the token is meant for another audience (aud)")]
    Audience,
    /// `azp` is missing or not among the authorized parties.
    #[error("the token was issued to {0:?}, which is not an authorized party (azp)")]
    AuthorizedParty(Option<String>),
    /// `iss` is missing or not the expected issuer.
    #[error("the issuer (iss) is {0:?}")]
    Issuer(Option<String>),
    /// `exp` is missing, or `exp`, `nbf` or `iat` is not a number.
    #[error("the claim {0} is missing or not a number")]
    TimeClaim(&'static str),
    /// The token's time is over.
    #[error("the token expired at {expires_at} s, and now it is {now} s after the epoch")]
    Expired {
        /// `exp`, whole seconds.
        expires_at: i64,
        /// The time of verification, whole seconds.
        now: i64,
    },
    /// The token's time has not come.
    #[error("the token may not be used before {not_before} s, and now it is {now} s after the epoch")]
    NotActiveYet {
        /// `nbf`, whole seconds.
        not_before: i64,
        /// The time of verification, whole seconds.
        now: i64,
    },
    /// The token says it was issued later than now.
    #[error("the token was issued at {issued_at} s, and now it is {now} s after the epoch")]
    IssuedInTheFuture {
        /// `iat`, whole seconds.
        issued_at: i64,
        /// The time of verification, whole seconds.
        now: i64,
    },
    /// A claim that decides about the session's rights has the wrong type.
    #[error("the claim {0} has the wrong type")]
    ClaimType(&'static str),
    /// Everything is in order, but the claims are not of the asked-for type.
    #[error("the claims are not of the expected shape")]
    Claims(#[source] serde_json::Error),
}

impl VerifyError {
    /// The code that SDKs know this refusal by.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Oversize(_)
            | Self::Malformed(_)
            | Self::Json { .. }
            | Self::Critical
            | Self::Category
            | Self::Type(_) => "token-invalid",
            Self::Algorithm { .. } => "token-invalid-algorithm",
            Self::UnknownKey(_) => "jwk-kid-mismatch",
            Self::Signature => "token-invalid-signature",
            Self::AuthorizedParty(_) => "token-invalid-authorized-parties",
            Self::Issuer(_) => "token-invalid-issuer",
            Self::Subject | Self::Audience | Self::TimeClaim(_) | Self::ClaimType(_) | Self::Claims(_) => {
                "token-verification-failed"
            }
            Self::Expired { .. } => "token-expired",
            Self::NotActiveYet { .. } => "token-not-active-yet",
            Self::IssuedInTheFuture { .. } => "token-iat-in-the-future",
        }
    }
}
