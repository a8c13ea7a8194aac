//! Pictures of people who gave none: their initials on a coloured disc, drawn here, so that nothing is loaded from
//! anywhere else.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderValue, StatusCode, header};

/// A browser may keep a picture for a year: its address says all that is on it.
const CACHE: &str = "public, max-age=31536000, immutable";
/// Pictures may be shown by any page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// `GET /img/{initials}.svg`
pub(super) fn router() -> Router {
    Router::new().route("/img/{name}", get(initials))
}

async fn initials(Path(name): Path<String>) -> Response {
    let Some(letters) = name.strip_suffix(".svg").filter(|letters| is_drawn(letters)) else {
        return crate::errors::route_not_found().into_response("");
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (header::CACHE_CONTROL, HeaderValue::from_static(CACHE)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (StatusCode::OK, headers, draw(letters)).into_response()
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
