//! Pictures of people.

use frontdesk_core::image::Image;
use frontdesk_types::{ImageId, InstanceId};

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

statements! {
    IMAGE_BY_ID = "SELECT id, content_type, bytes, created_at FROM images WHERE instance_id = ?1 AND id = ?2";
    INSERT_IMAGE = "INSERT INTO images (instance_id, id, content_type, bytes, created_at)
                    VALUES (?1, ?2, ?3, ?4, ?5)";
    DELETE_IMAGE = "DELETE FROM images WHERE instance_id = ?1 AND id = ?2";
}

impl FromRow for Image {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            content_type: row.get("content_type")?,
            bytes: row.get("bytes")?,
            created_at: row.get("created_at")?,
        })
    }
}

impl Store {
    /// The picture with this id.
    pub async fn image(&self, instance: &InstanceId, id: &ImageId) -> Result<Option<Image>> {
        self.fetch_optional(&IMAGE_BY_ID, params![instance, id]).await
    }
}

impl Work {
    /// Keeps a picture. Somebody must refer to it, or nobody will ever take it away.
    pub fn insert_image(&mut self, image: &Image) {
        self.one_here(&INSERT_IMAGE, params![&image.id, &image.content_type, &image.bytes, image.created_at]);
    }

    /// Takes a picture away, if it is there.
    pub fn delete_image(&mut self, id: &ImageId) {
        self.any_here(&DELETE_IMAGE, params![id]);
    }
}
