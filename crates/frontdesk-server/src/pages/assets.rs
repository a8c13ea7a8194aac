//! Style, script and colours of the pages, embedded in the binary. Their addresses change with what is in them, so
//! browsers may keep them for good.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderValue, header};

use super::colour::Colour;
use crate::{errors, keys};

const STYLE: &str = include_str!("../../assets/pages/pages.css");
const SCRIPT: &str = include_str!("../../assets/pages/pages.js");
const CACHE: &str = "public, max-age=31536000, immutable";
/// The colour of instances whose own cannot be read.
const DEFAULT_COLOUR: &str = "#2f5bea";

static STYLE_NAME: LazyLock<String> = LazyLock::new(|| format!("pages-{}.css", mark(STYLE)));
static SCRIPT_NAME: LazyLock<String> = LazyLock::new(|| format!("pages-{}.js", mark(SCRIPT)));

/// Where a page finds them.
#[derive(Debug)]
pub(super) struct Addresses {
    /// The style sheet.
    pub(super) style: String,
    /// The style sheet with the instance's colour.
    pub(super) colours: String,
    /// The script, which pages can do without.
    pub(super) script: String,
    /// The picture in the browser's tab.
    pub(super) icon: String,
}

impl Addresses {
    /// For an instance with this colour, whose paths begin with `base`.
    pub(super) fn of(base: &str, colour: &str) -> Self {
        let colour = Colour::parse(colour).or_else(|| Colour::parse(DEFAULT_COLOUR));
        let digits = colour.map(Colour::digits).unwrap_or_default();
        Self {
            style: format!("{base}/assets/{}", *STYLE_NAME),
            colours: format!("{base}/assets/colour-{digits}.css"),
            script: format!("{base}/assets/{}", *SCRIPT_NAME),
            icon: format!("{base}/assets/icon-{digits}.svg"),
        }
    }
}

/// What this room answers.
pub(super) fn router() -> Router {
    Router::new().route("/assets/{name}", get(asset))
}

async fn asset(Path(name): Path<String>) -> Response {
    if name == *STYLE_NAME {
        return served("text/css; charset=utf-8", STYLE.to_owned());
    }
    if name == *SCRIPT_NAME {
        return served("text/javascript; charset=utf-8", SCRIPT.to_owned());
    }
    let colour = |before, behind| Colour::parse(name.strip_prefix(before)?.strip_suffix(behind)?);
    if let Some(colour) = colour("colour-", ".css") {
        return served("text/css; charset=utf-8", colour.style_sheet());
    }
    match colour("icon-", ".svg") {
        Some(colour) => served("image/svg+xml", icon(colour)),
        None => errors::route_not_found().into_response(""),
    }
}

fn served(kind: &'static str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(CACHE)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, text).into_response()
}

/// A door that stands open, in the instance's colour.
fn icon(colour: Colour) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><rect width=\"32\" height=\"32\" rx=\"8\" \
         fill=\"#{}\"/><path d=\"M11 25V7h10v18\" fill=\"none\" stroke=\"#{}\" stroke-width=\"2.5\" \
         stroke-linejoin=\"round\" stroke-linecap=\"round\"/></svg>",
        colour.digits(),
        colour.what_stands_on_it().digits()
    )
}

/// A few letters that change with the text.
fn mark(text: &str) -> String {
    use base64::Engine;
    let hash = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(keys::token_hash(text));
    hash.chars().filter(char::is_ascii_alphanumeric).take(10).collect()
}
