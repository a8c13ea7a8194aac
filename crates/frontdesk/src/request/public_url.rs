//! The URL that the browser has in its address bar.

use url::Url;

use crate::request::snapshot::Snapshot;

/// The URL of a request as the outside world wrote it: the forwarded host and scheme win over what this process
/// sees behind its proxy (wire contract §4.1). `None` if there is no way to read one.
pub(crate) fn public_url(request: &Snapshot<'_>) -> Option<Url> {
    let seen = seen_url(request)?;
    let scheme = request.forwarded_proto.unwrap_or(seen.scheme());
    let host = request.forwarded_host.or(request.host).unwrap_or_default();
    let is_web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    if host.is_empty() || !is_web {
        return Some(seen);
    }
    let Ok(mut public) = Url::parse(&format!("{scheme}://{host}")) else { return Some(seen) };
    // Set rather than joined: a path such as `//elsewhere` must not change the host.
    public.set_path(seen.path());
    public.set_query(seen.query());
    public.set_fragment(None);
    Some(public)
}

/// What the connection says, before any proxy has its word.
fn seen_url(request: &Snapshot<'_>) -> Option<Url> {
    let url = &*request.url;
    if !url.starts_with('/')
        && let Ok(url) = Url::parse(url)
    {
        return Some(url);
    }
    let host = request.host.unwrap_or("localhost");
    let mut seen = Url::parse(&format!("http://{host}")).or_else(|_| Url::parse("http://localhost")).ok()?;
    let (path, query) = match url.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (url, None),
    };
    seen.set_path(path);
    seen.set_query(query);
    Some(seen)
}

/// The first value of a query parameter; empty counts as absent.
pub(crate) fn query_value(url: &Url, name: &str) -> Option<String> {
    let (_, value) = url.query_pairs().find(|(key, _)| key == name)?;
    (!value.is_empty()).then(|| value.into_owned())
}

/// Whether the query has this parameter at all.
pub(crate) fn has_query(url: &Url, name: &str) -> bool {
    url.query_pairs().any(|(key, _)| key == name)
}

/// The URL without some query parameters. What remains is written in the one canonical way.
pub(crate) fn without_query(url: &Url, names: &[&str]) -> Url {
    let kept: Vec<_> = url.query_pairs().filter(|(key, _)| !names.contains(&&**key)).collect();
    let mut url_without = url.clone();
    if kept.is_empty() {
        url_without.set_query(None);
    } else {
        url_without.query_pairs_mut().clear().extend_pairs(&kept);
    }
    url_without
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(target: &str, headers: &[(&str, &str)]) -> String {
        let mut request = http::Request::builder().uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        public_url(&Snapshot::of(&request.body(()).unwrap())).unwrap().to_string()
    }

    #[test]
    fn the_host_header_completes_a_bare_path() {
        assert_eq!(public("/a?b=c", &[("host", "localhost:3000")]), "http://localhost:3000/a?b=c");
        assert_eq!(public("/", &[]), "http://localhost/");
    }

    #[test]
    fn the_first_forwarded_host_and_scheme_win() {
        let headers = [
            ("host", "10.0.0.7:8080"),
            ("x-forwarded-host", "app.example.com, inner.example.com"),
            ("x-forwarded-proto", "https,http"),
        ];
        assert_eq!(public("/a?b=c%20d", &headers), "https://app.example.com/a?b=c%20d");
        assert_eq!(public("https://elsewhere.test/a", &[("host", "app.test")]), "https://app.test/a");
    }

    #[test]
    fn nonsense_from_a_proxy_is_not_believed() {
        let seen = "http://localhost:3000/a";
        for (name, value) in [("x-forwarded-host", "a b"), ("x-forwarded-proto", "not a scheme")] {
            assert_eq!(public("/a", &[("host", "localhost:3000"), (name, value)]), seen, "{name}: {value}");
        }
    }

    #[test]
    fn a_path_cannot_name_another_host() {
        let url = public("//evil.test/a", &[("host", "app.test"), ("x-forwarded-proto", "https")]);
        assert_eq!(url, "https://app.test//evil.test/a");
    }

    #[test]
    fn a_parameter_is_removed_wherever_it_stands() {
        let url = Url::parse("http://app.test/?x=1&a=2&x=3&b=c%20d").unwrap();
        assert_eq!(without_query(&url, &["x"]).as_str(), "http://app.test/?a=2&b=c+d");
        assert_eq!(without_query(&url, &["x", "a", "b"]).as_str(), "http://app.test/");
        assert_eq!(query_value(&url, "x").as_deref(), Some("1"));
    }
}
