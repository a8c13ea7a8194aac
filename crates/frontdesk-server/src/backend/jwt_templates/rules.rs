//! Why a template may not be saved, in the contract's words.

use frontdesk_core::template::{
    ALLOWED_CLOCK_SKEW, InvalidKey, InvalidName, LIFETIME, MAX_NAME_LENGTH, TemplateRefusal,
};
use frontdesk_jwt::Algorithm;

use crate::errors::{self, ApiError};

/// The published error for a refusal.
pub(super) fn refused(refusal: &TemplateRefusal) -> ApiError {
    match refusal {
        TemplateRefusal::Name(InvalidName::Empty) => errors::param_nil("name"),
        TemplateRefusal::Name(InvalidName::TooLong) => errors::param_too_long("name", MAX_NAME_LENGTH),
        TemplateRefusal::Name(InvalidName::NotForPaths) => {
            errors::param_format_invalid("name", "a text that can stand in a path, without `/ \\ ? # %`")
        }
        TemplateRefusal::ReservedClaims(names) => errors::reserved_claims(names),
        TemplateRefusal::Claims(reason) => errors::claims_invalid(&reason.to_string()),
        TemplateRefusal::Lifetime(_) => errors::param_value_invalid(
            "lifetime",
            &format!("{} to {} seconds", LIFETIME.start(), LIFETIME.end()),
        ),
        TemplateRefusal::ClockSkew(_) => errors::param_value_invalid(
            "allowed_clock_skew",
            &format!("{} to {} seconds", ALLOWED_CLOCK_SKEW.start(), ALLOWED_CLOCK_SKEW.end()),
        ),
        TemplateRefusal::Algorithm(_) => {
            let names = Algorithm::ALL.map(Algorithm::as_str).join(", ");
            errors::param_value_invalid("signing_algorithm", &format!("one of {names}"))
        }
        TemplateRefusal::AlgorithmNeeded => errors::param_missing("signing_algorithm"),
        TemplateRefusal::Key(InvalidKey::Needed(_)) => errors::param_missing("signing_key"),
        TemplateRefusal::Key(InvalidKey::Empty) => errors::param_nil("signing_key"),
        TemplateRefusal::Key(InvalidKey::NotPem(algorithm)) => {
            errors::param_format_invalid("signing_key", &format!("a private key in PEM, for {algorithm}"))
        }
        TemplateRefusal::Key(InvalidKey::OtherKind { kept, .. }) => errors::param_value_invalid(
            "signing_algorithm",
            &format!("an algorithm for the kind of key that the template has, which signed {kept}"),
        ),
    }
}
