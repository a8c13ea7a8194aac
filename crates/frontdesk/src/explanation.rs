//! What was wanted and what was seen, when somebody is signed out.

use std::fmt;

use frontdesk_types::Span;

/// What was wanted and what was seen, for logs and for developers. It names keys, cookies and times, never a token;
/// still it belongs in no production response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// What is wrong, as a sentence without its full stop.
    pub summary: String,
    /// The cookie or header that the token was taken from.
    pub carrier: Option<String>,
    /// The key that the token names.
    pub kid_wanted: Option<String>,
    /// The keys that the instance has.
    pub kids_known: Vec<String>,
    /// How far the token's time is off, beyond what is forgiven: positive if it is over, negative if it has not come.
    pub skew: Option<Span>,
}

impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.summary)?;
        if let Some(carrier) = &self.carrier {
            write!(formatter, "; token from {carrier}")?;
        }
        if let Some(kid) = &self.kid_wanted {
            write!(formatter, "; key wanted {kid}, keys known {:?}", self.kids_known)?;
        }
        if let Some(skew) = self.skew {
            write!(formatter, "; off by {} ms", skew.as_millis())?;
        }
        Ok(())
    }
}
