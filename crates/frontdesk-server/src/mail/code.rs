//! Codes by mail.

use frontdesk_notify::MailTemplate;
use frontdesk_store::Work;
use frontdesk_types::{EmailAddress, InstanceId, Randomness, Secret};
use serde_json::{Map, json};
use subtle::ConstantTimeEq;

use super::draft::{Draft, Mailing, Recipient};
use crate::Server;
use crate::errors::{self, ApiError};
use crate::recent::Recent;

/// Where codes went, and when: a bound on mail that nobody asked for, and on guessing. Each new attempt brings a new code
/// with new tries, so without a bound somebody patient would prove an address that is not theirs.
pub(crate) type RecentCodes = Recent<(InstanceId, EmailAddress)>;

/// The code of every test address (wire protocol §8.2).
const TEST_CODE: &str = "424242";

/// A code on its way to an address. Keep [`Code::hash`], [`Code::queue`] it, and commit.
#[derive(Debug)]
#[must_use = "a code that is not sent helps nobody"]
pub(crate) struct Code {
    hash: String,
    /// None for a test address, whose code everybody knows.
    draft: Option<Draft>,
}

impl Code {
    /// A fresh code for an address, good for the attempt with this id: [`MailTemplate::VerificationCode`] or
    /// [`MailTemplate::ResetPasswordCode`]. In test mode, test addresses get the code that everybody knows, and no mail.
    ///
    /// Refuses where no mail can be sent, before anything is promised.
    pub(crate) async fn new(
        cx: &mut impl Mailing,
        slug: MailTemplate,
        attempt: &str,
        recipient: Recipient,
    ) -> Result<Self, ApiError> {
        let desk = cx.desk();
        let settings = &desk.instance.settings;
        let purpose = purpose(attempt, recipient.to());
        if settings.test_mode && recipient.to().is_test() {
            let hash = desk.server.master_key().hash_code(&purpose, TEST_CODE);
            return Ok(Self { hash, draft: None });
        }
        let lifetime = settings.limits.code_lifetime;
        let rng: &mut dyn Randomness = desk.rng;
        let code = format!("{:06}", rng.below(1_000_000));
        let hash = desk.server.master_key().hash_code(&purpose, &code);
        let mut draft = Draft::begin(cx, slug, recipient, lifetime).await?;
        if !draft.can_leave(cx) {
            return Err(errors::mail_not_configured());
        }
        draft.facts = Map::from_iter([
            ("otp_code".to_owned(), json!(code)),
            ("ttl_minutes".to_owned(), json!(lifetime.as_minutes().max(1))),
        ]);
        draft.code = Some(code);
        Ok(Self { hash, draft: Some(draft) })
    }

    /// What is kept of the code.
    pub(crate) fn hash(&self) -> String {
        self.hash.clone()
    }

    /// Counts it among those that go to its address, or refuses where there are too many; and collects the mail. Call
    /// this last before the commit: what is counted stays so, also if nothing comes of it, or requests at one moment
    /// would pass together.
    pub(crate) fn queue(self, cx: &mut impl Mailing) -> Result<(), ApiError> {
        self.counted(cx)?.map_or(Ok(()), |draft| draft.post(cx))
    }

    /// Does the same work as [`Code::queue`], and sends nothing: for an address that is nobody's, where the asker is not
    /// to learn that.
    pub(crate) fn keep_quiet(self, cx: &mut impl Mailing) -> Result<(), ApiError> {
        let Some(draft) = self.counted(cx)? else { return Ok(()) };
        let desk = cx.desk();
        let work = std::mem::replace(desk.work, Work::new(&desk.instance.id));
        let letters = std::mem::take(desk.letters);
        let posted = draft.post(cx);
        let desk = cx.desk();
        (*desk.work, *desk.letters) = (work, letters);
        posted
    }

    fn counted(self, cx: &mut impl Mailing) -> Result<Option<Draft>, ApiError> {
        let Some(draft) = self.draft else { return Ok(None) };
        let desk = cx.desk();
        let limits = desk.instance.settings.limits;
        let to = (desk.instance.id.clone(), draft.recipient.to().clone());
        let (most, within) = (limits.codes_per_address, limits.code_lifetime);
        match desk.server.recent_codes().count(to, most, within, desk.now) {
            Some(wait) => Err(errors::code_too_soon(wait)),
            None => Ok(Some(draft)),
        }
    }
}

/// Whether this is the code that was sent to the address for the attempt. Spaces that came with pasting do not count.
pub(crate) fn is_code(
    server: &Server,
    attempt: &str,
    address: &EmailAddress,
    given: &Secret,
    hash: &str,
) -> bool {
    let given: String = given.expose().chars().filter(|character| !character.is_whitespace()).collect();
    let given = server.master_key().hash_code(&purpose(attempt, address), &given);
    given.as_bytes().ct_eq(hash.as_bytes()).into()
}

fn purpose(attempt: &str, address: &EmailAddress) -> String {
    format!("{attempt}/{address}")
}
