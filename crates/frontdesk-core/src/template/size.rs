//! How large the claims of a template can get.
//!
//! Browsers drop cookies above 4 KB, and a dropped session cookie signs everybody out, so whoever saves a template is
//! told before it happens. The documentation asks for custom session claims below 1.2 KB.

use super::parse::{Node, Template};
use super::shortcode::{Expression, Fact, Operand, Path, Piece, Text};
use crate::metadata::Metadata;

/// Above this many bytes of worst-case custom claims a session token is in danger (wire protocol §9.4).
pub const SESSION_CLAIMS_BYTES: usize = 1_200;

/// Above this many bytes of worst-case claims the token of a template does not fit into 4096 bytes, the size of a
/// cookie: an RS256 signature takes 342 of them, the header 130, the default claims about 400, and base64 writes
/// four bytes for three.
pub const TEMPLATE_CLAIMS_BYTES: usize = (4_096 - 342 - 130 - 400) * 3 / 4;

/// What one value picked out of metadata is taken to need. Nobody can know, but picking single values is what the
/// warning advises, so it must be able to silence the warning.
const PICKED_VALUE_BYTES: usize = 256;
/// What the names and titles that people choose are taken to need.
const NAME_BYTES: usize = 256;
const ID_BYTES: usize = 40;
const EMAIL_ADDRESS_BYTES: usize = 256;
const PHONE_NUMBER_BYTES: usize = 18;
const URL_BYTES: usize = 512;
const SECONDS_BYTES: usize = 11;
const BOOLEAN_BYTES: usize = 5;
const NULL_BYTES: usize = 4;
/// A hundred memberships: `"org_…":"org:member",`.
const ORGANIZATIONS_BYTES: usize = 100 * 60;
/// Fifty permissions.
const PERMISSIONS_BYTES: usize = 50 * 40;

/// The claims of a template can get larger than is safe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("claims can take up to {worst_case} bytes, more than {limit}; the largest is `{largest_claim}`")]
pub struct SizeWarning {
    /// What the claims can take, in bytes of JSON.
    pub worst_case: usize,
    /// What is safe.
    pub limit: usize,
    /// The claim that can take the most.
    pub largest_claim: String,
}

impl Template {
    /// An estimate of what the claims take in the worst case, in bytes of JSON before base64.
    ///
    /// Metadata counts with all it may hold, other values with generous lengths.
    pub fn worst_case_size(&self) -> usize {
        2 + self.claim_sizes().map(|(_, bytes)| bytes).sum::<usize>()
    }

    /// The warning to give when the claims can get larger than `limit` bytes: [`SESSION_CLAIMS_BYTES`] or
    /// [`TEMPLATE_CLAIMS_BYTES`].
    pub fn size_warning(&self, limit: usize) -> Option<SizeWarning> {
        let worst_case = self.worst_case_size();
        let (largest_claim, _) = self.claim_sizes().max_by_key(|(_, bytes)| *bytes)?;
        (worst_case > limit).then(|| SizeWarning {
            worst_case,
            limit,
            largest_claim: largest_claim.to_owned(),
        })
    }

    fn claim_sizes(&self) -> impl Iterator<Item = (&str, usize)> {
        self.claims.iter().map(|(name, node)| (name.as_str(), member_size(name, node)))
    }
}

/// `"name":value,`
fn member_size(name: &str, node: &Node) -> usize {
    name.len() + 4 + node_size(node)
}

fn node_size(node: &Node) -> usize {
    match node {
        Node::Fixed(value) => value.to_string().len(),
        Node::Text(Text::Plain(text)) => text.len() + 2,
        Node::Text(Text::Whole(expression)) => expression_size(expression),
        Node::Text(Text::Mixed(pieces)) => 2 + pieces.iter().map(piece_size).sum::<usize>(),
        Node::Array(items) => 2 + items.iter().map(|item| node_size(item) + 1).sum::<usize>(),
        Node::Object(members) => {
            2 + members.iter().map(|(name, node)| member_size(name, node)).sum::<usize>()
        }
    }
}

fn piece_size(piece: &Piece) -> usize {
    match piece {
        Piece::Text(text) => text.len(),
        Piece::Shortcode(expression) => expression_size(expression),
    }
}

fn expression_size(expression: &Expression) -> usize {
    expression.operands.iter().map(operand_size).max().unwrap_or(NULL_BYTES)
}

fn operand_size(operand: &Operand) -> usize {
    match operand {
        Operand::Literal(value) => value.to_string().len(),
        Operand::Path(path) => path_size(path),
    }
}

fn path_size(path: &Path) -> usize {
    let whole = fact_size(path.fact);
    if path.inside.is_empty() { whole } else { whole.min(PICKED_VALUE_BYTES) }
}

fn fact_size(fact: Fact) -> usize {
    match fact {
        Fact::UserId | Fact::OrganizationId | Fact::SessionReverificationId => ID_BYTES,
        Fact::UserFirstName
        | Fact::UserLastName
        | Fact::UserUsername
        | Fact::UserExternalId
        | Fact::UserPrimaryWeb3Wallet
        | Fact::OrganizationName
        | Fact::OrganizationSlug
        | Fact::MembershipRole => NAME_BYTES,
        Fact::UserFullName => 2 * NAME_BYTES,
        Fact::UserImageUrl | Fact::OrganizationImageUrl => URL_BYTES,
        Fact::UserPrimaryEmailAddress => EMAIL_ADDRESS_BYTES,
        Fact::UserPrimaryPhoneNumber => PHONE_NUMBER_BYTES,
        Fact::UserHasImage
        | Fact::UserEmailVerified
        | Fact::UserPhoneNumberVerified
        | Fact::UserTwoFactorEnabled
        | Fact::OrganizationHasImage => BOOLEAN_BYTES,
        Fact::UserCreatedAt | Fact::UserUpdatedAt => SECONDS_BYTES,
        Fact::UserOrganizations => ORGANIZATIONS_BYTES,
        Fact::MembershipPermissions => PERMISSIONS_BYTES,
        Fact::UserPublicMetadata
        | Fact::UserUnsafeMetadata
        | Fact::OrganizationPublicMetadata
        | Fact::MembershipPublicMetadata
        | Fact::SessionActor => Metadata::MAX_BYTES,
        Fact::Unknown => NULL_BYTES,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn template(claims: &Value) -> Template {
        Template::parse(claims.as_object().unwrap()).unwrap()
    }

    #[test]
    fn fixed_claims_count_exactly_but_for_commas() {
        let claims = json!({ "aud": "https://api.example", "list": [1, 2, null], "deep": { "on": true } });
        let size = template(&claims).worst_case_size();
        let exact = claims.to_string().len();
        assert!((exact..exact + 8).contains(&size), "{size} for {exact}");
    }

    #[test]
    fn whole_metadata_is_warned_about_and_picked_values_are_not() {
        let whole = template(&json!({ "name": "{{user.first_name}}", "all": "{{user.public_metadata}}" }));
        let warning = whole.size_warning(SESSION_CLAIMS_BYTES).unwrap();
        assert!(warning.worst_case > Metadata::MAX_BYTES);
        assert_eq!(warning.largest_claim, "all");
        assert!(whole.size_warning(TEMPLATE_CLAIMS_BYTES).is_some());

        let picked =
            template(&json!({ "plan": "{{user.public_metadata.plan || 'free'}}", "id": "{{user.id}}" }));
        assert_eq!(picked.size_warning(SESSION_CLAIMS_BYTES), None);
    }

    #[test]
    fn every_claim_that_the_documentation_names_is_warned_about() {
        for name in [
            "user.organizations",
            "user.public_metadata",
            "user.unsafe_metadata",
            "org.public_metadata",
            "org_membership.public_metadata",
        ] {
            let template = template(&json!({ "claim": format!("{{{{{name}}}}}") }));
            assert!(template.size_warning(TEMPLATE_CLAIMS_BYTES).is_some(), "{name}");
        }
    }

    #[test]
    fn alternatives_count_once_and_pieces_add_up() {
        let either = template(&json!({ "a": "{{user.first_name || user.last_name}}" })).worst_case_size();
        let both = template(&json!({ "a": "{{user.first_name}} {{user.last_name}}" })).worst_case_size();
        assert!(both > either + NAME_BYTES);
        assert_eq!(template(&json!({})).size_warning(0), None);
    }
}
