//! Where to afterwards? Links to the pages may say so, in the words that SDKs use. Only places that belong to the
//! instance count and its redirect URLs, by the one list that the handshake obeys as well; anything else is passed over.

use url::Url;

use super::visit::{Done, Visit};
use crate::LoadedInstance;
use crate::frontend::origins;

/// The longest address that is carried along.
const LONGEST: usize = 2_000;

/// What is being done on the way there.
#[expect(clippy::enum_variant_names, reason = "in, up and out alone would say nothing")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    SignIn,
    SignUp,
    SignOut,
}

impl Flow {
    /// The parameters that say where to go, the stronger before the weaker (as clerk-js reads them, and the names of
    /// its older versions behind).
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::SignIn => &[
                "sign_in_force_redirect_url",
                "redirect_url",
                "sign_in_fallback_redirect_url",
                "after_sign_in_url",
            ],
            Self::SignUp => &[
                "sign_up_force_redirect_url",
                "redirect_url",
                "sign_up_fallback_redirect_url",
                "after_sign_up_url",
            ],
            Self::SignOut => &["redirect_url", "after_sign_out_url"],
        }
    }
}

/// What a link said about where to go afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Way(Vec<(&'static str, Destination)>);

/// A place to go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// One of the pages themselves: path and query, from the root of the host.
    Page(String),
    /// A page of the application.
    Application(Url),
}

impl Way {
    /// Reads the query of a link.
    pub(super) fn of(instance: &LoadedInstance, origin: &str, base: &str, query: &str) -> Self {
        let mut known = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let flows = [Flow::SignIn, Flow::SignUp, Flow::SignOut];
            let name = flows.into_iter().flat_map(Flow::names).find(|known| **known == name);
            let Some(name) = name.filter(|_| value.len() <= LONGEST) else { continue };
            if known.iter().all(|(other, _)| other != name)
                && let Some(destination) = Destination::of(instance, origin, base, &value)
            {
                known.push((*name, destination));
            }
        }
        Self(known)
    }

    /// The same, as the query of another link; empty where nothing was said.
    pub(super) fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, destination) in &self.0 {
            query.append_pair(name, &destination.text());
        }
        let query = query.finish();
        if query.is_empty() { query } else { format!("?{query}") }
    }

    /// Where to go after this.
    pub(super) fn after(&self, flow: Flow) -> Option<&Destination> {
        flow.names().iter().find_map(|name| {
            self.0.iter().find(|(known, _)| known == name).map(|(_, destination)| destination)
        })
    }
}

impl Destination {
    /// Reads an address, if it leads to a place of the instance.
    fn of(instance: &LoadedInstance, origin: &str, base: &str, text: &str) -> Option<Self> {
        let is_path = text.starts_with('/') && !text.starts_with("//") && !text.contains('\\');
        if is_path && is_account_page(text, base) {
            return Some(Self::Page(text.to_owned()));
        }
        let url = match Url::parse(text) {
            Ok(url) => url,
            // A path alone is one of the application's home.
            Err(_) if is_path => Url::parse(&instance.settings.urls.home).ok()?.join(text).ok()?,
            Err(_) => return None,
        };
        if url.origin().ascii_serialization() == origin && is_account_page(url.path(), base) {
            return Some(Self::Page(url[url::Position::BeforePath..].to_owned()));
        }
        origins::allows_redirect(instance, &url).then_some(Self::Application(url))
    }

    fn text(&self) -> String {
        match self {
            Self::Page(path) => path.clone(),
            Self::Application(url) => url.to_string(),
        }
    }
}

/// Whether this is one of the pages about one's own account. The others are no place to end at: they lead on.
fn is_account_page(path: &str, base: &str) -> bool {
    path.strip_prefix(base).is_some_and(|path| {
        path == "/user" || path.starts_with("/user/") || path.starts_with("/user?") || path == "/accounts"
    })
}

/// The parameters with which a satellite asks for the development browser: a page's script by the one, an application's
/// server by the other (wire protocol §4.10).
const SATELLITES: [&str; 2] = ["__clerk_satellite_url", "__clerk_redirect_url"];

impl Visit {
    /// The way back to a satellite that sent the browser here to learn which development browser it is, whether anybody is
    /// signed in or not. In production this is not done by pages.
    pub(super) fn back_to_satellite(&self) -> Option<String> {
        let page = SATELLITES.into_iter().find_map(|name| self.query(name));
        let page = page.filter(|_| self.instance().is_development())?;
        let query =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("redirect_url", &page).finish();
        Some(self.place(&format!("/v1/client/sync?{query}")))
    }

    /// Where to go after this: where the link said, else the application's home, else one's own account.
    pub(super) fn destination(&self, flow: Flow) -> Destination {
        if let Some(destination) = self.way().after(flow) {
            return destination.clone();
        }
        match Url::parse(&self.settings().urls.home) {
            Ok(home) if matches!(home.scheme(), "http" | "https") => Destination::Application(home),
            _ => Destination::Page(self.place(if flow == Flow::SignOut { "/sign-in" } else { "/user" })),
        }
    }

    /// Leaves for there. The application is reached by way of a page, so that forms lead nowhere but to us.
    pub(super) fn depart(&self, flow: Flow) -> Done {
        match self.destination(flow) {
            Destination::Page(path) => Done::Go(path),
            Destination::Application(url) => {
                let query = url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("redirect_url", url.as_str())
                    .finish();
                Done::Go(format!("{}/continue?{query}", self.base()))
            }
        }
    }
}
