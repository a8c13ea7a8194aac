//! Somebody who is signed in.

use std::fmt;
use std::time::Duration;

use frontdesk::client::sessions::NewToken;
use frontdesk::client::sign_in_tokens::NewSignInToken;
use frontdesk_types::{SessionId, UserId};
use http::{HeaderValue, header, request};
use serde_json::Value;

use crate::browser::to_origin;
use crate::{Browser, Forgery, Refused, TestServer, forgery};

/// A session in a browser of its own, with the token it has now. Time does not refresh it: after
/// [`advance`](TestServer::advance) it shows the old token, as a browser does whose page was asleep, until
/// [`refresh`](Self::refresh).
///
/// ```
/// # use frontdesk_testkit::TestServer;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let server = TestServer::start().await;
/// let ada = server.user().create().await;
/// let session = server.session_for(&ada).await;
///
/// let call = session.fetch("/api/me").body(()).unwrap(); // authorization: Bearer …
/// let page = session.page("/me").body(()).unwrap(); // cookie: __session=…; __client_uat=…; …
/// let frontdesk = server.frontdesk();
/// assert!(frontdesk.get_auth(&call).await.is_signed_in());
/// assert!(frontdesk.get_auth(&page).await.is_signed_in());
/// # }
/// ```
#[derive(Clone)]
pub struct Session {
    server: TestServer,
    id: SessionId,
    user_id: UserId,
    token: String,
    browser: Browser,
}

impl Session {
    /// Signs somebody in by a ticket.
    pub(crate) async fn begin(server: &TestServer, user_id: &UserId) -> Result<Self, Refused> {
        let ticket = server.client().sign_in_tokens().create(NewSignInToken::for_user(user_id)).await;
        let ticket = ticket.map_err(|error| Refused::of_client(&error))?;
        let ticket = ticket.token.as_ref().expect("a new ticket is shown");
        let mut browser = server.browser();
        let form = [("strategy", "ticket"), ("ticket", ticket.expose())];
        let answer = browser.post("/v1/client/sign_ins", &form).await?;
        let id = answer["response"]["created_session_id"].as_str().expect("a sign-in begins a session");
        let token = browser.cookie("__session").expect("a session has a token").to_owned();
        Ok(Self {
            server: server.clone(),
            id: id.parse().expect("a session id"),
            user_id: user_id.clone(),
            token,
            browser,
        })
    }

    /// Its id.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let server = TestServer::start().await;
    /// # let ada = server.user().create().await;
    /// let session = server.session_for(&ada).await;
    /// let read = server.client().sessions().get(session.id()).await.unwrap();
    /// assert_eq!(read.status, "active");
    /// # }
    /// ```
    pub fn id(&self) -> &SessionId {
        &self.id
    }

    /// Whose it is.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let server = TestServer::start().await;
    /// # let ada = server.user().create().await;
    /// let session = server.session_for(&ada).await;
    /// assert_eq!(session.user_id(), &ada.id);
    /// # }
    /// ```
    pub fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// The session token, a JWT of version 2 that lives for 60 seconds.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let server = TestServer::start().await;
    /// # let ada = server.user().create().await;
    /// let session = server.session_for(&ada).await;
    /// assert_eq!(session.token().split('.').count(), 3);
    /// # }
    /// ```
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The token as an `authorization` header, for any framework and any client.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let server = TestServer::start().await;
    /// # let ada = server.user().create().await;
    /// let session = server.session_for(&ada).await;
    /// let request = http::Request::post("/orders").header("authorization", session.bearer()).body("{}");
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If a [token was put there](Self::with_token) that no header takes.
    pub fn bearer(&self) -> HeaderValue {
        HeaderValue::try_from(format!("Bearer {}", self.token)).expect("a token of ASCII")
    }

    /// All cookies of the browser as a `cookie` header: `__session`, `__client_uat`, in development
    /// `__clerk_db_jwt`, each with and without the suffix of the key. That is what a page needs to be answered without
    /// a handshake.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let server = TestServer::start().await;
    /// # let ada = server.user().create().await;
    /// let session = server.session_for(&ada).await;
    /// assert_eq!(session.cookies().to_str().unwrap().split("; ").count(), 6);
    /// # }
    /// ```
    pub fn cookies(&self) -> HeaderValue {
        self.browser.cookies()
    }

    /// The browser, for opening pages and for what the application's own cookies do.
    ///
    /// ```
    /// # use axum::{Router, routing::get};
    /// # use frontdesk::{FrontdeskLayer, SignedIn};
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let server = TestServer::start().await;
    /// # let ada = server.user().create().await;
    /// # let me = async |session: SignedIn| session.user_id().to_string();
    /// # let app = Router::new().route("/me", get(me)).layer(FrontdeskLayer::new(server.frontdesk()));
    /// let mut browser = server.session_for(&ada).await.browser();
    /// server.advance(std::time::Duration::from_secs(3600));
    /// let response = browser.open(&app, "/me").await; // by way of the handshake
    /// assert_eq!(response.status(), 200);
    /// # }
    /// ```
    pub fn browser(&self) -> Browser {
        self.browser.clone()
    }

    /// A call with the token in the `authorization` header: a `GET` without a body; give it one, and send it. Method
    /// and headers can still be changed.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let server = TestServer::start().await;
    /// # let ada = server.user().create().await;
    /// let session = server.session_for(&ada).await;
    /// let request = session.fetch("/api/orders").method("POST").body("{}").unwrap();
    /// assert!(request.headers().contains_key("authorization"));
    /// # }
    /// ```
    pub fn fetch(&self, path: &str) -> request::Builder {
        to_origin(self.server.origin(), path)
            .header(header::ACCEPT, "*/*")
            .header(header::AUTHORIZATION, self.bearer())
    }

    /// A navigation of the browser, with its cookies; see [`Browser::page`].
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let server = TestServer::start().await;
    /// # let ada = server.user().create().await;
    /// let session = server.session_for(&ada).await;
    /// let request = session.page("/orders").body(()).unwrap();
    /// assert!(request.headers().contains_key("cookie"));
    /// # }
    /// ```
    pub fn page(&self, path: &str) -> request::Builder {
        self.browser.page(path)
    }

    /// Takes a fresh token, as clerk-js does every fifty seconds.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), frontdesk_testkit::Refused> {
    /// # let server = TestServer::start().await;
    /// # let ada = server.user().create().await;
    /// let mut session = server.session_for(&ada).await;
    /// let first = session.token().to_owned();
    /// server.advance(Duration::from_secs(50));
    /// session.refresh().await?;
    /// assert_ne!(session.token(), first);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The session has ended or was revoked, or its user is banned.
    pub async fn refresh(&mut self) -> Result<(), Refused> {
        let minted = self.browser.post(&format!("/v1/client/sessions/{}/tokens", self.id), &[]).await?;
        minted["jwt"].as_str().expect("a token").clone_into(&mut self.token);
        self.browser.show_token(&self.token);
        Ok(())
    }

    /// Revokes it, as an administrator does. Tokens that are out there are good until they expire, within a minute; no
    /// new one is made.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let server = TestServer::start().await;
    /// # let ada = server.user().create().await;
    /// let mut session = server.session_for(&ada).await;
    /// session.revoke().await;
    /// assert!(session.refresh().await.is_err());
    /// # }
    /// ```
    pub async fn revoke(&self) {
        self.server.client().sessions().revoke(&self.id).await.expect("a session can be revoked");
    }

    /// A token that lives this long instead of 60 seconds, to the second.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let server = TestServer::start().await;
    /// # let ada = server.user().create().await;
    /// let session = server.session_for(&ada).await;
    /// let for_an_hour = session.with_token(session.token_for(Duration::from_secs(3600)).await);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If the session has ended, or the server makes no such tokens: 30 seconds to 10 years are possible.
    pub async fn token_for(&self, lifetime: Duration) -> String {
        let seconds = i64::try_from(lifetime.as_secs()).ok();
        let client = self.server.client();
        let minted = client.sessions().token(&self.id, NewToken { expires_in_seconds: seconds }).await;
        minted.unwrap_or_else(|error| panic!("no token for {lifetime:?}: {error:?}")).jwt
    }

    /// The token of a JWT template, by the template's name.
    ///
    /// ```
    /// use frontdesk::client::jwt_templates::NewJwtTemplate;
    /// use serde_json::{Map, json};
    ///
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let server = TestServer::start().await;
    /// # let ada = server.user().create().await;
    /// let claims = Map::from_iter([("role".to_owned(), json!("authenticated"))]);
    /// server.client().jwt_templates().create(NewJwtTemplate::new("supabase", claims)).await.unwrap();
    ///
    /// let session = server.session_for(&ada).await;
    /// let token = session.template_token("supabase").await;
    /// # assert_eq!(token.split('.').count(), 3);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If there is no such template, or the session has ended.
    pub async fn template_token(&self, template: &str) -> String {
        let client = self.server.client();
        let minted = client.sessions().token_from_template(&self.id, template, NewToken::default()).await;
        minted.unwrap_or_else(|error| panic!("no token of the template {template:?}: {error:?}")).jwt
    }

    /// The same browser with another token in its place, in header and cookies: a template's, one of another
    /// instance, or any text.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let server = TestServer::start().await;
    /// # let ada = server.user().create().await;
    /// let nonsense = server.session_for(&ada).await.with_token("nonsense");
    /// let request = nonsense.fetch("/me").body(()).unwrap();
    /// assert!(!server.frontdesk().get_auth(&request).await.is_signed_in());
    /// # }
    /// ```
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        let mut other = self.clone();
        other.token = token.into();
        other.browser.show_token(&other.token);
        other
    }

    /// The same with other claims in the token, **validly signed**: what the server would mint if it were so. `null`
    /// takes a claim away. For what the server has no operation for yet, such as organizations and their permissions.
    ///
    /// ```
    /// use serde_json::json;
    ///
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let server = TestServer::start().await;
    /// # let ada = server.user().create().await;
    /// let session = server.session_for(&ada).await;
    /// let admin = session.with_claims(json!({ "o": { "id": "org_1", "slg": "acme", "rol": "admin" } }));
    ///
    /// let request = admin.fetch("/").body(()).unwrap();
    /// let auth = server.frontdesk().get_auth(&request).await;
    /// assert!(auth.has(&frontdesk::Requirement::role("org:admin")));
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If the claims are not a JSON object, or the token was replaced by something that is none.
    #[must_use]
    pub fn with_claims(&self, claims: Value) -> Self {
        let Value::Object(claims) = claims else { panic!("claims are a JSON object, not {claims}") };
        self.with_token(forgery::with_claims(&self.server, &self.token, claims))
    }

    /// The same with a token that must not be accepted. Loop over [`Forgery::all`] in one test, and no protected
    /// handler may answer.
    ///
    /// ```
    /// use frontdesk_testkit::Forgery;
    ///
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let server = TestServer::start().await;
    /// # let ada = server.user().create().await;
    /// let (session, frontdesk) = (server.session_for(&ada).await, server.frontdesk());
    /// for forgery in Forgery::all() {
    ///     let request = session.forged(forgery).fetch("/me").body(()).unwrap();
    ///     assert!(!frontdesk.get_auth(&request).await.is_signed_in(), "{forgery:?}");
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn forged(&self, forgery: Forgery) -> Self {
        self.with_token(forgery::forge(&self.server, &self.token, forgery))
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Session");
        shown.field("id", &self.id).field("user_id", &self.user_id).finish_non_exhaustive()
    }
}
