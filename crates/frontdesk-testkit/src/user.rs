//! People for tests.

use frontdesk::client::users::{NewUser, UserListQuery};
use frontdesk_core::identification::{Identification, IdentificationKind};
use frontdesk_store::Work;
use frontdesk_types::{IdentificationId, Secret, UserId};
use serde_json::{Map, Value};

use crate::TestServer;

/// Somebody who exists on the server.
///
/// ```
/// # use frontdesk_testkit::TestServer;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let server = TestServer::start().await;
/// let ada = server.user().email("ada@example.com").create().await;
/// assert_eq!(ada.email.as_deref(), Some("ada@example.com"));
/// assert!(server.client().users().get_user(&ada.id).await.is_ok());
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their first e-mail address, if they have one.
    pub email: Option<String>,
}

impl User {
    pub(crate) async fn by_email(server: &TestServer, address: &str) -> Option<Self> {
        let query = UserListQuery { email_address: vec![address.to_owned()], ..UserListQuery::default() };
        let found = server.client().users().list(query).await.expect("the server lists its users");
        found.into_iter().next().map(|user| Self { id: user.profile.id, email: Some(address.to_owned()) })
    }
}

/// Somebody to be made; [`TestServer::user`] begins. Nothing is required: without an e-mail address it is somebody
/// with an id alone, which is enough for most tests.
///
/// ```
/// use serde_json::json;
///
/// # use frontdesk_testkit::TestServer;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let server = TestServer::start().await;
/// let builder = server.user().email("ada@example.com").username("ada").first_name("Ada").last_name("Byron");
/// let ada = builder.public_metadata(json!({ "plan": "gold" })).create().await;
///
/// let read = server.client().users().get_user(&ada.id).await.unwrap();
/// assert_eq!(read.profile.username.as_deref(), Some("ada"));
/// assert_eq!(read.profile.public_metadata.to_map()["plan"], "gold");
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nobody is made until `create`"]
pub struct UserBuilder {
    server: TestServer,
    new: NewUser,
    username: Option<String>,
}

impl UserBuilder {
    pub(crate) fn new(server: TestServer) -> Self {
        let new = NewUser {
            skip_user_requirement: Some(true),
            skip_password_requirement: Some(true),
            ..NewUser::default()
        };
        Self { server, new, username: None }
    }

    /// With this verified e-mail address; more calls add more, the first is the primary one.
    pub fn email(self, address: &str) -> Self {
        self.address(address, "verified")
    }

    /// With this e-mail address, which nobody has proven to be theirs.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// let bob = server.user().unverified_email("bob@example.com").create().await;
    /// let read = server.client().users().get_user(&bob.id).await.unwrap();
    /// assert!(read.profile.email_addresses[0].verification.is_none());
    /// # }
    /// ```
    pub fn unverified_email(self, address: &str) -> Self {
        self.address(address, "reserved")
    }

    fn address(mut self, address: &str, status: &str) -> Self {
        self.new.email_address.push(address.to_owned());
        self.new.email_address_identification_status.push(status.to_owned());
        self
    }

    /// With this username. The server keeps and shows it, but does not sign anybody in by it yet.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let server = TestServer::start().await;
    /// let ada = server.user().username("Ada").create().await;
    /// let read = server.client().users().get_user(&ada.id).await.unwrap();
    /// assert_eq!(read.profile.username.as_deref(), Some("ada"));
    /// # }
    /// ```
    pub fn username(mut self, name: &str) -> Self {
        self.username = Some(name.to_lowercase());
        self
    }

    /// With this password. Hashing it is most of what a test then waits for, so leave it out where nobody types it:
    /// [`TestServer::session_for`] needs none.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), frontdesk_testkit::Refused> {
    /// let server = TestServer::start().await;
    /// server.user().email("ada@example.com").password("correct horse battery").create().await;
    ///
    /// let form = [("identifier", "ada@example.com"), ("password", "correct horse battery")];
    /// let answer = server.browser().post("/v1/client/sign_ins", &form).await?;
    /// assert_eq!(answer["response"]["status"], "complete");
    /// # Ok(()) }
    /// ```
    pub fn password(mut self, password: &str) -> Self {
        self.new.password = Some(Secret::new(password));
        self
    }

    /// With this first name.
    pub fn first_name(mut self, name: &str) -> Self {
        self.new.first_name = Some(name.to_owned());
        self
    }

    /// With this last name.
    pub fn last_name(mut self, name: &str) -> Self {
        self.new.last_name = Some(name.to_owned());
        self
    }

    /// With this id in the application's own database.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let server = TestServer::start().await;
    /// let ada = server.user().external_id("customer-7").create().await;
    /// let read = server.client().users().get_user(&ada.id).await.unwrap();
    /// assert_eq!(read.profile.external_id.as_deref(), Some("customer-7"));
    /// # }
    /// ```
    pub fn external_id(mut self, id: &str) -> Self {
        self.new.external_id = Some(id.to_owned());
        self
    }

    /// With this metadata, which everybody can read who can read the user.
    ///
    /// # Panics
    ///
    /// If it is not a JSON object; likewise for the other two kinds.
    pub fn public_metadata(mut self, metadata: Value) -> Self {
        self.new.public_metadata = Some(object(metadata));
        self
    }

    /// With this metadata, which is for the backend alone.
    pub fn private_metadata(mut self, metadata: Value) -> Self {
        self.new.private_metadata = Some(object(metadata));
        self
    }

    /// With this metadata, which they may change themselves.
    pub fn unsafe_metadata(mut self, metadata: Value) -> Self {
        self.new.unsafe_metadata = Some(object(metadata));
        self
    }

    /// Kept out from the start. To see what becomes of somebody who is signed in already, ban them later:
    /// `server.client().users().ban(&eve.id)`.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let server = TestServer::start().await;
    /// let eve = server.user().banned().create().await;
    /// assert!(server.try_session_for(&eve.id).await.is_err());
    /// # }
    /// ```
    pub fn banned(mut self) -> Self {
        self.new.banned = Some(true);
        self
    }

    /// Changes any other field of the contract.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// let ada = server.user().with(|new| new.locale = Some("en-GB".to_owned())).create().await;
    /// # }
    /// ```
    pub fn with(mut self, change: impl FnOnce(&mut NewUser)) -> Self {
        change(&mut self.new);
        self
    }

    /// Makes them.
    ///
    /// # Panics
    ///
    /// If the server refuses: an address that is taken or none, a password that is too short ….
    pub async fn create(self) -> User {
        let email = self.new.email_address.first().map(|address| address.to_lowercase());
        let made = self.server.client().users().create(self.new).await;
        let id = made.unwrap_or_else(|error| panic!("the user cannot be made: {error:?}")).profile.id;
        if let Some(name) = self.username {
            claim(&self.server, &id, name).await;
        }
        User { id, email }
    }
}

/// Gives somebody a username, past the Backend API, which takes none yet.
async fn claim(server: &TestServer, user_id: &UserId, name: String) {
    let (now, mut chance) = (server.now(), server.server().chance());
    let mut work = Work::new(&server.instance_keys().instance.id);
    work.insert_identification(&Identification {
        id: IdentificationId::mint(now, &mut chance),
        user_id: user_id.clone(),
        kind: IdentificationKind::Username,
        value: name.clone(),
        verification: None,
        challenge: None,
        created_at: now,
        updated_at: now,
    });
    let committed = server.server().store().commit(work).await;
    committed.unwrap_or_else(|error| panic!("the username {name:?} cannot be given: {error:?}"));
}

fn object(metadata: Value) -> Map<String, Value> {
    match metadata {
        Value::Object(map) => map,
        other => panic!("metadata is a JSON object, not {other}"),
    }
}
