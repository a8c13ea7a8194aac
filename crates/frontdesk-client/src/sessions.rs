//! Sessions and their tokens: [`Client::sessions`].

use frontdesk_api::backend::sessions as api;
pub use frontdesk_api::backend::sessions::{
    NewSession, NewToken, Session, SessionActivity, SessionListQuery, SessionPath, SessionStatus,
    SessionToVerify, Tasks, TemplateTokenPath,
};
use frontdesk_api::{Nothing, Page, Token};
use frontdesk_types::SessionId;

use crate::rows::{Rows, page_size};
use crate::{Client, Error, page};

/// The sessions of the instance.
///
/// ```no_run
/// use frontdesk_client::sessions::SessionListQuery;
/// use frontdesk_client::{Client, UserId};
///
/// # async fn example(client: Client, eve: UserId) -> Result<(), frontdesk_client::Error> {
/// let of_eve = SessionListQuery::default().user_id(eve);
/// for session in client.sessions().list(of_eve).await?.data {
///     client.sessions().revoke(&session.id).await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Sessions<'a> {
    client: &'a Client,
}

impl<'a> Sessions<'a> {
    pub(crate) fn of(client: &'a Client) -> Self {
        Self { client }
    }

    /// Sessions that fit the query, newest first, and how many there are in all. `paginated` need not be set.
    ///
    /// ```no_run
    /// # use frontdesk_client::sessions::{SessionListQuery, SessionStatus};
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let active = SessionListQuery::default().status(SessionStatus::Active);
    /// println!("{} people are here", client.sessions().list(active).await?.total_count);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list(self, mut query: SessionListQuery) -> Result<Page<Session>, Error> {
        query.paginated = Some(true);
        page::whole::<api::GetSessionList, _>(
            self.client.send(api::GetSessionList, Nothing {}, query, Nothing {}).await?,
        )
    }

    /// All sessions that fit the query, one after the other. `limit` is the size of the pages behind it: 1 to 500, 100
    /// unless said otherwise.
    ///
    /// Pages are asked for by offset: what begins or ends meanwhile shifts the rows, so that one may be seen twice or not
    /// at all. Whoever wants to revoke them takes [`all`](Rows::all) first.
    ///
    /// ```no_run
    /// # use frontdesk_client::sessions::{SessionListQuery, SessionStatus};
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let active = SessionListQuery::default().status(SessionStatus::Active);
    /// for session in client.sessions().stream(active).all().await? {
    ///     client.sessions().revoke(&session.id).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self, query: SessionListQuery) -> Rows<Session> {
        let client = self.client.clone();
        let limit = page_size(query.limit);
        page::by_offset(query.offset, move |offset| {
            let (client, query) = (client.clone(), query.clone().limit(limit).offset(offset));
            Box::pin(async move { client.sessions().list(query).await })
        })
    }

    /// One session.
    ///
    /// ```no_run
    /// # use frontdesk_client::SessionId;
    /// # async fn example(client: frontdesk_client::Client, id: SessionId) -> Result<(), frontdesk_client::Error> {
    /// println!("{}", client.sessions().get(&id).await?.status);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if the instance has no such session.
    pub async fn get(self, session_id: &SessionId) -> Result<Session, Error> {
        self.client.send(api::GetSession, path(session_id), Nothing {}, Nothing {}).await
    }

    /// Makes a session without a sign-in, for tests. Development instances only.
    ///
    /// ```no_run
    /// # use frontdesk_client::{UserId, sessions::{NewSession, NewToken}};
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
    /// let session = client.sessions().create(NewSession::of_user(&ada)).await?;
    /// let token = client.sessions().token(&session.id, NewToken::default()).await?;
    /// println!("Authorization: Bearer {}", token.jwt);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create(self, new: NewSession) -> Result<Session, Error> {
        self.client.send(api::CreateSession, Nothing {}, Nothing {}, new).await
    }

    /// Ends a session. Its next token is refused.
    ///
    /// ```no_run
    /// # use frontdesk_client::SessionId;
    /// # async fn example(client: frontdesk_client::Client, id: SessionId) -> Result<(), frontdesk_client::Error> {
    /// client.sessions().revoke(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn revoke(self, session_id: &SessionId) -> Result<Session, Error> {
        self.client.send(api::RevokeSession, path(session_id), Nothing {}, Nothing {}).await
    }

    /// The session of a session token, if the token is good and the session lives. To know who asks, the SDK verifies
    /// tokens by itself and asks nobody.
    ///
    /// ```no_run
    /// # use frontdesk_client::{SessionId, sessions::SessionToVerify};
    /// # async fn example(client: frontdesk_client::Client, id: SessionId) -> Result<(), frontdesk_client::Error> {
    /// client.sessions().verify(&id, SessionToVerify::of_token("eyJ…")).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if the instance has no such session; a refusal with status 401 if the token is not good.
    pub async fn verify(self, session_id: &SessionId, token: SessionToVerify) -> Result<Session, Error> {
        self.client.send(api::VerifySession, path(session_id), Nothing {}, token).await
    }

    /// Mints a session token.
    ///
    /// ```no_run
    /// # use frontdesk_client::{SessionId, sessions::NewToken};
    /// # async fn example(client: frontdesk_client::Client, id: SessionId) -> Result<(), frontdesk_client::Error> {
    /// let for_ten_minutes = NewToken::default().expires_in_seconds(600);
    /// let token = client.sessions().token(&id, for_ten_minutes).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if the instance has no such session; a refusal if it has ended.
    pub async fn token(self, session_id: &SessionId, new: NewToken) -> Result<Token, Error> {
        self.client.send(api::CreateSessionToken, path(session_id), Nothing {}, new).await
    }

    /// Mints the token of a JWT template, by the template's name.
    ///
    /// ```no_run
    /// # use frontdesk_client::{SessionId, sessions::NewToken};
    /// # async fn example(client: frontdesk_client::Client, id: SessionId) -> Result<(), frontdesk_client::Error> {
    /// let token = client.sessions().token_from_template(&id, "supabase", NewToken::default()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if the instance has no such session or template; a refusal if the session has ended.
    pub async fn token_from_template(
        self,
        session_id: &SessionId,
        template: impl Into<String>,
        new: NewToken,
    ) -> Result<Token, Error> {
        let path = TemplateTokenPath { session_id: session_id.clone(), template_name: template.into() };
        self.client.send(api::CreateSessionTokenFromTemplate, path, Nothing {}, new).await
    }
}

fn path(session_id: &SessionId) -> SessionPath {
    SessionPath { session_id: session_id.clone() }
}
