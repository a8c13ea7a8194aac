//! Where somebody who opens a page without being signed in is sent.

use http::HeaderValue;
use url::Url;

use crate::request::{DEV_BROWSER, Facts, SYNCED};
use crate::state::secret_value;

/// The two doors, as far as they are known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Doors {
    pub(crate) sign_in: Option<HeaderValue>,
    pub(crate) sign_up: Option<HeaderValue>,
}

/// Whether a session waits for its user to finish something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    Nobody,
    ForTasks,
}

/// Where to sign in and up, and to come back from there to this page.
pub(crate) fn doors(facts: &Facts<'_>, waiting: Waiting) -> Doors {
    let sign_in = facts.browsers.sign_in_url.as_deref().and_then(|door| facts.url.join(door).ok());
    let sign_up = match &facts.browsers.sign_up_url {
        Some(door) => facts.url.join(door).ok(),
        // The page on which people sign in or up has this below it.
        None => sign_in.as_ref().map(|door| below(door, "create")),
    };
    let way = |door: Option<Url>| secret_value(way(facts, door?, waiting).as_str());
    Doors { sign_in: way(sign_in), sign_up: way(sign_up) }
}

fn way(facts: &Facts<'_>, mut door: Url, waiting: Waiting) -> Url {
    if waiting == Waiting::ForTasks {
        door = below(&door, "tasks");
    }
    let page = &facts.url;
    let elsewhere = (page.host_str(), page.port()) != (door.host_str(), door.port());
    let mut back = page.clone();
    if elsewhere && facts.is_satellite() {
        set_query(&mut back, SYNCED, "false");
    }
    set_query(&mut door, "redirect_url", back.as_str());
    if elsewhere
        && facts.in_development()
        && let Some(dev_browser) = facts.dev_browser()
    {
        set_query(&mut door, DEV_BROWSER, &dev_browser);
    }
    door
}

fn below(door: &Url, page: &str) -> Url {
    let mut url = door.clone();
    url.set_path(&format!("{}/{page}", door.path().trim_end_matches('/')));
    url
}

/// Sets a query parameter where it first stands, or at the end; others of the same name go.
pub(crate) fn set_query(url: &mut Url, name: &str, value: &str) {
    let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let place = pairs.iter().position(|(key, _)| key == name).unwrap_or(pairs.len());
    pairs.retain(|(key, _)| key != name);
    pairs.insert(place, (name.to_owned(), value.to_owned()));
    url.query_pairs_mut().clear().extend_pairs(pairs);
}
