//! A refusal of the server.

use std::fmt;

use serde_json::Value;

/// The server refused what a browser asked for.
///
/// ```
/// # use frontdesk_testkit::TestServer;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let server = TestServer::start().await;
/// let form = [("identifier", "nobody@example.com"), ("password", "a guess")];
/// let refused = server.browser().post("/v1/client/sign_ins", &form).await.unwrap_err();
/// assert_eq!((refused.status(), refused.code()), (422, "form_identifier_not_found"));
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    status: u16,
    code: String,
    message: String,
}

impl Refused {
    /// Reads an error body; one that is none is kept as it is.
    pub(crate) fn read(status: u16, body: &str) -> Self {
        let json: Value = serde_json::from_str(body).unwrap_or_default();
        let first = |name: &str| json["errors"][0][name].as_str().map(str::to_owned);
        Self {
            status,
            code: first("code").unwrap_or_else(|| "unreadable".to_owned()),
            message: first("long_message").or_else(|| first("message")).unwrap_or_else(|| body.to_owned()),
        }
    }

    /// What the Backend API has refused.
    ///
    /// # Panics
    ///
    /// If it has not: a server in the same process always answers.
    pub(crate) fn of_client(error: &frontdesk::Error) -> Self {
        let (Some(status), Some(first)) = (error.status(), error.errors().first()) else {
            panic!("the server broke down: {error:?}");
        };
        Self { status: status.as_u16(), code: first.code.to_string(), message: first.long_message.clone() }
    }

    /// The status of the answer.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The code of the first error, such as `user_banned`.
    pub fn code(&self) -> &str {
        &self.code
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}: {}", self.status, self.code, self.message)
    }
}

impl std::error::Error for Refused {}
