//! What a verifier demands of a token besides its signature.

use frontdesk_types::Span;

/// How far the clocks of signer and verifier may be apart unless said otherwise (wire contract §3.5).
pub const DEFAULT_CLOCK_SKEW: Span = Span::seconds(5);

/// What a verifier demands of a token besides its signature. The default is a user's token from anyone for anyone, with
/// five seconds of clock skew; each method demands more, or replaces a default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectations {
    pub(crate) audiences: Vec<String>,
    pub(crate) authorized_parties: Vec<String>,
    pub(crate) issuers: Vec<String>,
    pub(crate) types: Vec<String>,
    pub(crate) machine_tokens: bool,
    pub(crate) clock_skew: Span,
}

impl Default for Expectations {
    fn default() -> Self {
        Self {
            audiences: Vec::new(),
            authorized_parties: Vec::new(),
            issuers: Vec::new(),
            types: Vec::new(),
            machine_tokens: false,
            clock_skew: DEFAULT_CLOCK_SKEW,
        }
    }
}

impl Expectations {
    /// The default expectations.
    pub fn new() -> Self {
        Self::default()
    }

    /// Accepts tokens for this audience (and others added before). A token without `aud` is still accepted: session
    /// tokens have none.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        let audience = audience.into();
        if !audience.is_empty() {
            self.audiences.push(audience);
        }
        self
    }

    /// Demands that `azp` is this origin (or another one added before). Protects against a session cookie that leaks to
    /// a sibling domain.
    #[must_use]
    pub fn authorized_party(mut self, origin: impl Into<String>) -> Self {
        self.authorized_parties.push(origin.into());
        self
    }

    /// Forgets the authorized parties: tokens of machines are issued to nobody's origin.
    #[must_use]
    pub fn any_authorized_party(mut self) -> Self {
        self.authorized_parties.clear();
        self
    }

    /// The audiences that were added.
    pub fn audiences(&self) -> &[String] {
        &self.audiences
    }

    /// Demands that `iss` is this text (or another one added before). Nothing added: the issuer is not looked at.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuers.push(issuer.into());
        self
    }

    /// Demands this `typ` (or another one added before) in place of the default rule, which is `JWT` or none at all.
    #[must_use]
    pub fn header_type(mut self, typ: impl Into<String>) -> Self {
        self.types.push(typ.into());
        self
    }

    /// Accepts machine-to-machine tokens, which are refused otherwise.
    #[must_use]
    pub fn accept_machine_tokens(mut self) -> Self {
        self.machine_tokens = true;
        self
    }

    /// How far the signer's clock may be off, in either direction.
    #[must_use]
    pub fn clock_skew(mut self, skew: Span) -> Self {
        self.clock_skew = skew;
        self
    }

    /// How far the signer's clock may be off.
    pub fn skew(&self) -> Span {
        self.clock_skew
    }
}
