//! The messages of proto/seed_page.proto.

#[derive(Clone, PartialEq, prost::Message)]
pub struct Nothing {}

#[derive(Clone, PartialEq, prost::Message)]
pub struct AuthState {
    #[prost(string, optional, tag = "1")]
    pub user_id: Option<String>,
    #[prost(bool, tag = "2")]
    pub is_signed_in: bool,
}

/// A JSON object, as text.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Json {
    #[prost(string, tag = "1")]
    pub text: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct UserId {
    #[prost(string, tag = "1")]
    pub user_id: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Token {
    /// Absent for nobody.
    #[prost(string, optional, tag = "1")]
    pub token: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct User {
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(string, optional, tag = "2")]
    pub email_address: Option<String>,
    #[prost(message, optional, tag = "3")]
    pub public_metadata: Option<Json>,
}
