//! People for tests.

use frontdesk_types::UserId;
use serde_json::{Value, json};

use super::Backend;

/// Somebody to be made over the Backend API.
#[derive(Clone, Debug)]
pub struct UserBuilder {
    backend: Backend,
    body: Value,
}

impl UserBuilder {
    pub(crate) fn new(backend: Backend) -> Self {
        Self {
            backend,
            body: json!({ "email_address": [], "skip_user_requirement": true, "skip_password_requirement": true, "skip_legal_checks": true }),
        }
    }

    /// With this verified e-mail address; more calls add more.
    #[must_use]
    pub fn email(mut self, address: &str) -> Self {
        if let Some(list) = self.body["email_address"].as_array_mut() {
            list.push(json!(address));
        }
        self
    }

    /// With this password.
    #[must_use]
    pub fn password(self, password: &str) -> Self {
        self.with("password", json!(password))
    }

    /// With this first name.
    #[must_use]
    pub fn first_name(self, name: &str) -> Self {
        self.with("first_name", json!(name))
    }

    /// With this last name.
    #[must_use]
    pub fn last_name(self, name: &str) -> Self {
        self.with("last_name", json!(name))
    }

    /// With any other field of the contract.
    #[must_use]
    pub fn with(mut self, field: &str, value: Value) -> Self {
        self.body[field] = value;
        self
    }

    /// Makes them, and gives their id.
    pub async fn create(self) -> UserId {
        let reply = self.backend.post("/v1/users", self.body).await.ok();
        reply["id"].as_str().expect("an id").parse().expect("a user id")
    }
}
