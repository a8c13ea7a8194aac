//! Identifiers that an instance's owner has listed: who may sign up, and who may not.

use frontdesk_types::{EmailAddress, Timestamp};

/// Which list an identifier stands on. Whoever stands on both may sign up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RestrictionList {
    /// Those who may sign up; nobody else may while `restrictions.allowlist` is on.
    Allowlist,
    /// Those who may not while `restrictions.blocklist` is on.
    Blocklist,
}

impl RestrictionList {
    /// The name kept in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowlist => "allowlist",
            Self::Blocklist => "blocklist",
        }
    }
}

/// An identifier on a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestrictedIdentifier {
    /// Its id: `alid_…` on the allowlist, `blid_…` on the blocklist.
    pub id: String,
    /// The list it stands on.
    pub list: RestrictionList,
    /// Whom it names.
    pub pattern: IdentifierPattern,
    /// When it was listed.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Whom an entry of a list names: one address, or with `*@example.com` all addresses of a domain (not of the domains
/// below it).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentifierPattern(Box<str>);

/// The text is neither an address nor `*@` and a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither an e-mail address nor *@ and a domain")]
pub struct InvalidPattern;

impl IdentifierPattern {
    /// Reads an entry as its owner wrote it.
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        let text = text.trim();
        let address: EmailAddress = match text.strip_prefix("*@") {
            // A domain is one if some address can live there.
            Some(domain) => format!("a@{domain}").parse().map_err(|_| InvalidPattern)?,
            None => text.parse().map_err(|_| InvalidPattern)?,
        };
        let canonical = address.as_str();
        if text.starts_with("*@") {
            return Ok(Self::of_domain(canonical));
        }
        // `*` is a letter like others before the `@`; read as one it would name nobody.
        if canonical.starts_with('*') { Err(InvalidPattern) } else { Ok(Self(canonical.into())) }
    }

    /// An entry as it was stored.
    pub fn from_stored(text: &str) -> Self {
        Self(text.into())
    }

    /// The entries that would name this address: the address itself, and its domain.
    pub fn naming(address: &EmailAddress) -> [Self; 2] {
        [Self(address.as_str().into()), Self::of_domain(address.as_str())]
    }

    /// The entry as it is stored and shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of_domain(address: &str) -> Self {
        let domain = address.rsplit_once('@').map_or(address, |(_, domain)| domain);
        Self(format!("*@{domain}").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_an_address_or_a_domain_in_one_spelling() {
        for (text, stored) in [
            ("Ada@Example.com", "ada@example.com"),
            (" ada+x@example.com ", "ada+x@example.com"),
            ("*@Example.COM", "*@example.com"),
        ] {
            assert_eq!(IdentifierPattern::parse(text).unwrap().as_str(), stored, "{text}");
        }
        for text in [
            "",
            "*",
            "*@",
            "@example.com",
            "example.com",
            "*@ ",
            "*@a@b.com",
            "*a@example.com",
            "+1555",
            "*@*",
        ] {
            assert_eq!(IdentifierPattern::parse(text), Err(InvalidPattern), "{text}");
        }
    }

    #[test]
    fn an_address_is_named_by_itself_and_by_its_domain() {
        let ada: EmailAddress = "ada@example.com".parse().unwrap();
        let names = IdentifierPattern::naming(&ada).map(|pattern| pattern.as_str().to_owned());
        assert_eq!(names, ["ada@example.com", "*@example.com"]);
    }
}
