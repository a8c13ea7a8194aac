//! What is drawn around every page, and the headers that go with it.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::Url;

use super::problem::Problems;
use super::visit::Visit;
use super::{assets, csrf};
use crate::server::Mode;

/// What is drawn around every page.
#[derive(Debug)]
pub(super) struct Frame {
    /// What the page is about.
    pub(super) title: String,
    /// The name of the application.
    pub(super) name: String,
    /// Its logo, if it has one.
    pub(super) logo: Option<String>,
    /// Its home, if it has one.
    pub(super) home: Option<String>,
    /// What every path of the pages begins with.
    pub(super) base: String,
    /// Where to go afterwards, as a query.
    pub(super) way: String,
    /// The addresses of style, colours and script.
    pub(super) assets: assets::Addresses,
    /// The token of the page's forms.
    pub(super) csrf: String,
    /// What was wrong with the form.
    pub(super) problems: Problems,
    /// What was done.
    pub(super) notice: Option<&'static str>,
    /// Whom to ask for help.
    pub(super) support: Option<String>,
    /// Where mails are read in development.
    pub(super) outbox: Option<String>,
    /// Whether people should know that nothing here is real.
    pub(super) is_development: bool,
}

impl Frame {
    /// The frame of a page with this title.
    pub(super) fn of(visit: &Visit, title: &str) -> Self {
        let settings = visit.settings();
        let filled = |text: &str| Some(text).filter(|text| !text.is_empty()).map(str::to_owned);
        let server = &visit.pages().server;
        let has_outbox = *server.mode() != Mode::Production && server.delivery().outbox().is_some();
        Self {
            title: title.to_owned(),
            name: settings.application_name.clone(),
            logo: web(&settings.appearance.logo_url),
            home: web(&settings.urls.home),
            base: visit.base().to_owned(),
            way: visit.way().query(),
            assets: assets::Addresses::of(visit.base(), &settings.appearance.primary_color),
            csrf: csrf::token(visit),
            problems: Problems::default(),
            notice: None,
            support: filled(&settings.support_email),
            outbox: has_outbox.then(|| format!("/dev/outbox?instance={}", visit.instance().slug)),
            is_development: visit.instance().is_development(),
        }
    }

    /// The same frame, telling what was wrong.
    pub(super) fn with_problems(mut self, problems: Problems) -> Self {
        self.problems = problems;
        self
    }

    /// The page's title in the browser's tab, which is the first thing that a screen reader says.
    pub(super) fn tab(&self) -> String {
        let mark = if self.problems.is_empty() { "" } else { "Error: " };
        format!("{mark}{} · {}", self.title, self.name)
    }
}

/// An address that a link may lead to, if it is one.
pub(super) fn web(text: &str) -> Option<String> {
    let is_web = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    is_web.then(|| text.to_owned())
}

/// The headers of every page. Nothing comes from elsewhere but pictures, nothing is inline, no page of another site
/// shows ours in a frame, and no form leads away.
pub(super) fn headers(visit: &Visit) -> HeaderMap {
    let origin_of = |text: &str| Url::parse(text).ok().map(|url| url.origin()).filter(url::Origin::is_tuple);
    let mut pictures = String::from("'self'");
    let settings = visit.settings();
    for source in [visit.instance().base_url.as_str(), settings.appearance.logo_url.as_str()] {
        if let Some(origin) = origin_of(source) {
            pictures.push(' ');
            pictures.push_str(&origin.ascii_serialization());
        }
    }
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src {pictures}; form-action 'self'; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    let mut headers = HeaderMap::new();
    let fixed = HeaderValue::from_static;
    headers.insert(header::CONTENT_TYPE, fixed("text/html; charset=utf-8"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::try_from(policy).unwrap_or(fixed("default-src 'none'")),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, fixed("DENY"));
    // Not `no-referrer`: browsers would then name no origin with our own forms either.
    headers.insert(header::REFERRER_POLICY, fixed("same-origin"));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), fixed("same-origin"));
    headers.insert(HeaderName::from_static("x-robots-tag"), fixed("noindex"));
    headers
}
