//! Pictures of people.

use frontdesk_types::{ImageId, Timestamp};

/// A picture as it is served: decoded and written anew by the server, never the bytes that somebody sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    /// Its id.
    pub id: ImageId,
    /// `image/png`, `image/jpeg` ….
    pub content_type: String,
    /// The picture.
    pub bytes: Vec<u8>,
    /// When it was given.
    pub created_at: Timestamp,
}

impl std::fmt::Debug for Image {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Image")
            .field("id", &self.id)
            .field("content_type", &self.content_type)
            .field("length", &self.bytes.len())
            .finish_non_exhaustive()
    }
}
