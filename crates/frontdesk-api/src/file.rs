//! Files: what a few operations take in place of fields.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A file that is sent to the server, as the field `file` of a multipart form. Its bytes alone count: what it calls
/// itself, and of what kind it says it is, is looked at by nobody. Cheap to clone.
///
/// ```
/// let picture = frontdesk_api::File::from(vec![0x89, b'P', b'N', b'G']);
/// assert_eq!(picture.bytes().len(), 4);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct File(Arc<[u8]>);

impl File {
    /// What is in it.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for File {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<&[u8]> for File {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl fmt::Debug for File {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "File({} bytes)", self.0.len())
    }
}

impl Serialize for File {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for File {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<u8>::deserialize(deserializer).map(Self::from)
    }
}

/// How a file becomes the body of an operation, and comes out of it again.
#[derive(Clone, Copy, Debug)]
pub struct FileBody<Body> {
    /// The body with this file.
    pub from_file: fn(File) -> Body,
    /// The file in a body.
    pub file: fn(&Body) -> &File,
}
