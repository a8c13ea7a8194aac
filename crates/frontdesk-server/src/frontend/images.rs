//! Pictures of people: the one they gave, or their initials on a coloured square, drawn here, so that nothing is loaded
//! from anywhere else.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use frontdesk_types::ImageId;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};

use crate::Server;
use crate::entry::TraceId;
use crate::errors::{self, ApiError};
use crate::extract::aim;

/// A browser may keep a picture for a year: its address says all that is on it.
const CACHE: &str = "public, max-age=31536000, immutable";
/// Pictures may be shown by any page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// `GET /img/{initials}.svg` and `GET /img/{id of an image}`
pub(super) fn router(server: &Server) -> Router {
    Router::new().route("/img/{name}", get(picture)).with_state(server.clone())
}

async fn picture(
    State(server): State<Server>,
    Path(name): Path<String>,
    request: axum::extract::Request,
) -> Response {
    if let Some(letters) = name.strip_suffix(".svg").filter(|letters| is_drawn(letters)) {
        return shown(HeaderValue::from_static("image/svg+xml"), draw(letters));
    }
    let trace_id: Box<str> = TraceId::of(request.extensions()).into();
    let (parts, _) = request.into_parts();
    match given(&server, &parts, &name).await {
        Ok(response) => response,
        Err(error) => error.into_response(&trace_id),
    }
}

/// A picture that somebody gave. Whoever has its address may see it: that is what addresses of pictures are for.
async fn given(server: &Server, parts: &Parts, name: &str) -> Result<Response, ApiError> {
    let id: ImageId = name.parse().map_err(|_| errors::route_not_found())?;
    let instance = aim::aimed_at(server, parts).await?;
    let image = server.store().image(&instance.id, &id).await?.ok_or_else(errors::image_not_found)?;
    let content_type = HeaderValue::try_from(image.content_type).map_err(errors::internal)?;
    Ok(shown(content_type, image.bytes))
}

fn shown(content_type: HeaderValue, picture: impl Into<Body>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, HeaderValue::from_static(CACHE)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (StatusCode::OK, headers, picture.into()).into_response()
}

/// Two letters or digits, or the word for nobody in particular. Nothing else gets into the picture.
fn is_drawn(letters: &str) -> bool {
    letters == "user"
        || ((1..=2).contains(&letters.len()) && letters.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn draw(letters: &str) -> String {
    // The same letters always get the same colour.
    let hue =
        letters.bytes().fold(7_u32, |hue, byte| hue.wrapping_mul(31).wrapping_add(u32::from(byte))) % 360;
    let face = if letters == "user" {
        "<circle cx=\"40\" cy=\"31\" r=\"13\"/><path d=\"M14 70a26 22 0 0 1 52 0z\"/>".to_owned()
    } else {
        format!(
            "<text x=\"40\" y=\"41\" text-anchor=\"middle\" dominant-baseline=\"middle\" \
             font-family=\"system-ui,sans-serif\" font-size=\"32\">{}</text>",
            letters.to_ascii_uppercase()
        )
    };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 80 80\" width=\"80\" height=\"80\">\
         <rect width=\"80\" height=\"80\" fill=\"hsl({hue} 45% 42%)\"/><g fill=\"#fff\">{face}</g></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_initials_get_into_a_picture() {
        for (name, drawn) in
            [("AB", true), ("a", true), ("user", true), ("", false), ("<a", false), ("ABC", false)]
        {
            assert_eq!(is_drawn(name), drawn, "{name:?}");
        }
        assert!(draw("ab").contains(">AB</text>"));
    }
}
