//! Pictures that people give: read with bounds, turned upright, made small, and written anew, so that what is served is
//! a picture of ours and never the bytes that somebody sent.

use std::io::Cursor;
use std::sync::Arc;

use frontdesk_core::image::Image;
use frontdesk_core::user::User;
use frontdesk_store::Work;
use frontdesk_types::{ImageId, Randomness, Span, Timestamp};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::errors::{self, ApiError};

/// The largest file that is read, in bytes. What is larger is not even taken in.
pub(crate) const LARGEST_FILE: usize = 10_000_000;
/// The most pixels on a side of a picture that is read: what cameras make, with room.
const LONGEST_SIDE: u32 = 12_000;
/// The most memory that reading one may take, in bytes: a picture of 50 megapixels.
const MOST_MEMORY: u64 = 256 << 20;
/// How many are read at once: each may take [`MOST_MEMORY`], and all of a core.
const AT_ONCE: usize = 2;
/// How many files may be on their way in or waiting to be read: each is kept in memory, twice for a moment.
const MOST_FILES: usize = 16;
/// When somebody who found every place taken may come again.
const RETRY_AFTER: Span = Span::seconds(5);
/// The most pixels on a side of a picture that is kept. Nobody shows a face larger than that.
const KEPT_SIDE: u32 = 512;
/// How well JPEG keeps what it is given, of 100.
const JPEG_QUALITY: u8 = 88;

/// Makes pictures, a few at a time and off the async threads.
#[derive(Clone, Debug)]
pub(crate) struct Pictures {
    permits: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Default for Pictures {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(AT_ONCE)), places: Arc::new(Semaphore::new(MOST_FILES)) }
    }
}

impl Pictures {
    /// A place for a file, to be held from before it is read until it is answered.
    ///
    /// # Errors
    /// `too_many_requests` where every place is taken.
    pub(crate) fn place(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        place.map_err(|_| errors::too_many_requests(RETRY_AFTER))
    }

    /// A picture of our own, made from the file that somebody sent.
    ///
    /// # Errors
    /// The published codes: `avatar_file_type_invalid` for what is no PNG, JPEG, GIF or WebP,
    /// `avatar_file_size_exceeded` for what is too large, as a file or as a picture.
    pub(crate) async fn make(
        &self,
        file: &[u8],
        now: Timestamp,
        rng: &mut dyn Randomness,
    ) -> Result<Image, ApiError> {
        if file.is_empty() {
            return Err(errors::image_missing());
        }
        if file.len() > LARGEST_FILE {
            return Err(errors::image_size_exceeded("10 MB"));
        }
        let id = ImageId::mint(now, rng);
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(errors::internal)?;
        let file = file.to_vec();
        let made = tokio::task::spawn_blocking(move || {
            let made = remake(&file);
            drop(permit);
            made
        });
        let (content_type, bytes) = made.await.map_err(errors::internal)??;
        Ok(Image { id, content_type: content_type.to_owned(), bytes, created_at: now })
    }
}

/// Gives a user this picture in place of the one they have.
pub(crate) fn give(work: &mut Work, user: &mut User, image: &Image) {
    take(work, user);
    work.insert_image(image);
    user.profile_image_id = Some(image.id.clone());
}

/// Takes a user's picture away. Whether there was one.
pub(crate) fn take(work: &mut Work, user: &mut User) -> bool {
    let Some(id) = user.profile_image_id.take() else { return false };
    work.delete_image(&id);
    true
}

/// Reads a picture of a known kind and writes it anew, upright and small: as PNG where one can see through it, else as
/// JPEG. Of pictures that move the first one is kept. Nothing else of the file is: no place, no name, no time.
fn remake(file: &[u8]) -> Result<(&'static str, Vec<u8>), ApiError> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(errors::internal)?;
    let is_known = matches!(
        reader.format(),
        Some(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Gif | ImageFormat::WebP)
    );
    if !is_known {
        return Err(errors::image_type_invalid());
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| refused(&error))?;
    if decoder.total_bytes() > MOST_MEMORY {
        return Err(too_many_pixels());
    }
    let orientation = decoder.orientation().map_err(|error| refused(&error))?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| refused(&error))?;
    if picture.width() > KEPT_SIDE || picture.height() > KEPT_SIDE {
        picture = picture.resize(KEPT_SIDE, KEPT_SIDE, FilterType::Triangle);
    }
    picture.apply_orientation(orientation);
    let mut bytes = Vec::new();
    if picture.color().has_alpha() {
        picture
            .to_rgba8()
            .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
            .map_err(errors::internal)?;
        Ok(("image/png", bytes))
    } else {
        let encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
        picture.to_rgb8().write_with_encoder(encoder).map_err(errors::internal)?;
        Ok(("image/jpeg", bytes))
    }
}

fn refused(error: &image::ImageError) -> ApiError {
    match error {
        image::ImageError::Limits(_) => too_many_pixels(),
        _ => errors::image_type_invalid(),
    }
}

fn too_many_pixels() -> ApiError {
    errors::image_size_exceeded("12000 pixels on a side and 50 million in all")
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;
    use crate::Chance;

    fn file(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Vec::new();
        picture.into().write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        bytes
    }

    async fn make(file: &[u8]) -> Result<Image, ApiError> {
        Pictures::default().make(file, Timestamp::from_secs(1), &mut Chance::seeded(1)).await
    }

    fn code(refused: Result<Image, ApiError>) -> String {
        refused.unwrap_err().refused().items[0].code.to_string()
    }

    #[tokio::test]
    async fn pictures_are_made_small_and_keep_their_shape() {
        let wide = RgbImage::from_pixel(2000, 500, Rgb([9, 99, 199]));
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let made = make(&file(wide.clone(), format)).await.unwrap();
            assert_eq!(made.content_type, "image/jpeg");
            let again = image::load_from_memory(&made.bytes).unwrap();
            assert_eq!((again.width(), again.height()), (512, 128));
        }
        let clear = RgbaImage::from_pixel(10, 20, Rgba([1, 2, 3, 100]));
        for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
            let made = make(&file(clear.clone(), format)).await.unwrap();
            assert_eq!(made.content_type, "image/png", "{format:?}");
            let again = image::load_from_memory(&made.bytes).unwrap();
            assert_eq!((again.width(), again.height()), (10, 20));
        }
    }

    #[tokio::test]
    async fn nothing_of_the_file_is_kept_but_the_picture() {
        let mut sent = file(RgbImage::from_pixel(8, 8, Rgb([1, 2, 3])), ImageFormat::Png);
        sent.extend_from_slice(b"<script>alert(1)</script>");
        let made = make(&sent).await.unwrap();
        assert!(!made.bytes.windows(8).any(|part| part == b"<script>"));
    }

    #[tokio::test]
    async fn what_is_no_picture_is_refused() {
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".as_slice();
        let cut = &file(RgbImage::new(100, 100), ImageFormat::Png)[..60];
        for bytes in [svg, cut, b"x", b"\x89PNG\r\n\x1a\n", b"BM000000000000"] {
            assert_eq!(code(make(bytes).await), "avatar_file_type_invalid", "{bytes:?}");
        }
        assert_eq!(code(make(b"").await), "form_param_missing");
    }

    #[tokio::test]
    async fn what_is_too_large_is_not_read() {
        let large = vec![0; LARGEST_FILE + 1];
        assert_eq!(code(make(&large).await), "avatar_file_size_exceeded");
        // A small file that says it is a huge picture.
        let mut bomb = file(RgbImage::new(1, 1), ImageFormat::Gif);
        bomb[6..10].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
        assert_eq!(code(make(&bomb).await), "avatar_file_size_exceeded");
    }
}
