use proptest::prelude::*;

use super::*;

fn patterns(texts: &[&str]) -> Result<PathPatterns, InvalidPathPattern> {
    PathPatterns::new(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
}

/// The parameters as text, `None` if the path does not match.
fn matched(pattern: &str, path: &str) -> Option<String> {
    let patterns = patterns(&[pattern]).unwrap();
    let parameters = patterns.parameters(path)?;
    let shown = parameters.iter().map(|(name, value)| match value {
        Value::One(text) => format!("{name}={text}"),
        Value::Many(text) => format!("{name}=[{text}]"),
    });
    Some(shown.collect::<Vec<_>>().join(" "))
}

/// Pattern, path and parameters; what path-to-regexp 6.3 answers to the same.
const CASES: &[(&str, &str, Option<&str>)] = &[
    ("/", "/", Some("")),
    ("/orgs/:slug", "/orgs/acme", Some("slug=acme")),
    ("/orgs/:slug", "/ORGS/Acme", Some("slug=Acme")),
    ("/orgs/:slug", "/orgs/acme/", Some("slug=acme")),
    ("/orgs/:slug", "/orgs/acme//", None),
    ("/orgs/:slug", "/orgs/", None),
    ("/orgs/:slug", "/orgs/a/b", None),
    ("/orgs/:slug", "/other/orgs/a", None),
    ("/orgs/:slug", "/orgs/a%2Fb", Some("slug=a%2Fb")),
    ("/orgs/:slug?", "/orgs", Some("")),
    ("/orgs/:slug?", "/orgs/acme", Some("slug=acme")),
    ("/orgs/:slug/(.*)", "/orgs/acme/a/b", Some("slug=acme")),
    ("/orgs/:slug/(.*)", "/orgs/acme/", Some("slug=acme")),
    ("/orgs/:slug/(.*)", "/orgs/acme", None),
    ("/orgs/:slug(.*)", "/orgs/a/b", Some("slug=a/b")),
    ("/orgs/:id(org_[a-z0-9]+)", "/orgs/org_1a", Some("id=org_1a")),
    ("/orgs/:id(org_[a-z0-9]+)", "/orgs/acme", None),
    (r"/:id(\d+)", "/12", Some("id=12")),
    (r"/:id(\d+)", "/1a", None),
    (r"/:id(\d{2,3})", "/12", Some("id=12")),
    (r"/:id(\d{2,3})", "/1234", None),
    (r"/:id(\d{2})", "/12", Some("id=12")),
    ("/:id(a{x})", "/a{x}", Some("id=a{x}")),
    ("/:id((?:a|b)+)", "/abba", Some("id=abba")),
    ("/:id((?!admin)[a-z]+)", "/adminx", None),
    ("/:id((?!admin)[a-z]+)", "/user", Some("id=user")),
    ("/:id([^/]+)", "/a.b", Some("id=a.b")),
    ("/:id([^a-c]+)", "/xyz", Some("id=xyz")),
    ("/:id([^a-c]+)", "/xBz", None),
    (r"/:id([\w-]+)", "/a-b_c", Some("id=a-b_c")),
    ("/:id(a|b)", "/b", Some("id=b")),
    ("/:id(.+?)x", "/axx", Some("id=ax")),
    ("/:id+", "/a/b", Some("id=[a,b]")),
    ("/:id*", "/", Some("")),
    ("/:id*", "/a", Some("id=[a]")),
    ("/a{/:id}?", "/a", Some("")),
    ("/a{/:id}?", "/a/b", Some("id=b")),
    ("{/:id.}+", "/a./b.", Some("id=[a./b]")),
    ("/a{b}?c", "/ac", Some("")),
    ("/a{b}?c", "/abc", Some("")),
    ("/a{b}*c", "/abbbc", Some("")),
    ("/:id-:slug", "/a-b-c", Some("id=a-b slug=c")),
    ("/:id.:slug", "/a.b", Some("id=a slug=b")),
    ("/u-:id", "/u-1", Some("id=1")),
    (r"/a\:b", "/a:b", Some("")),
    (r"/a\(b\)", "/a(b)", Some("")),
    ("/a.b", "/axb", None),
    ("/a\\", "/a", Some("")),
    ("/a#", "/a#", Some("")),
    ("/(a)(b)", "/ab", Some("")),
    ("/:0", "/x", Some("0=x")),
    (r"/:id(\x61\u0062)", "/ab", Some("id=ab")),
    (r"/:id(\W)", "/-", Some("id=-")),
    (r"/:id(\W)", "/a", None),
    (r"/:id([a\-z]+)", "/a-z", Some("id=a-z")),
    (r"/:id([a\-z]+)", "/b", None),
    ("/:id([a-])", "/-", Some("id=-")),
    (r"/:id(a\b.*)", "/ab", None),
    (r"/:id(a\b.*)", "/a-b", Some("id=a-b")),
    ("", "/", Some("")),
    ("", "/a", None),
    ("orgs/:slug", "/orgs/a", None),
];

#[test]
fn patterns_mean_what_they_mean_elsewhere() {
    for (pattern, path, expected) in CASES {
        assert_eq!(matched(pattern, path).as_deref(), *expected, "{pattern} {path}");
    }
}

#[test]
fn the_first_pattern_that_matches_counts() {
    let patterns = patterns(&["/a/:id", "/:slug/b", "/a/:slug"]).unwrap();
    let one = |name: &'static str, text: &str| Some(vec![(name, Value::One(text.to_owned()))]);
    assert_eq!(patterns.parameters("/a/b"), one("id", "b"));
    assert_eq!(patterns.parameters("/x/b"), one("slug", "x"));
    assert_eq!(patterns.parameters("/x/c"), None);
}

#[test]
fn no_pattern_is_every_path() {
    assert_eq!(patterns(&[]).unwrap().parameters("/anything"), Some(Vec::new()));
}

#[test]
fn what_is_no_pattern_is_told() {
    for wrong in [
        "/:",
        "/:-",
        "/(",
        "/(a",
        "/()",
        "/(?:a)",
        "/((a))",
        "/a)b(",
        "/*",
        "/+",
        "/?",
        "/{a",
        "/a}",
        "/{:a:b}",
        "/:a:b",
        "/:a(b)+c{",
        "/:id([)",
        "/:id([b-a])",
        "/:id(*)",
        "/:id(a**)",
        r"/:id(\1)",
        "/:id((?<n>a))",
        "/:id((?<=a)b)",
        r"/:id(\p{L})",
        "(a)*",
        "/x(a)+",
        "/:id(a{3,2})",
        "/:id(a{9999})",
        "/:id((?:(?:(?:a{200}){200}){200}))",
        r"/:id(\x6)",
        "/:id??",
    ] {
        assert!(patterns(&[wrong]).is_err(), "{wrong}");
    }
    let error = patterns(&["/ok", "/:"]).unwrap_err().to_string();
    assert!(error.contains("/:") && error.contains("name"), "{error}");
}

#[test]
fn no_path_makes_a_pattern_slow() {
    let pattern = patterns(&["/:id((?:a+)+b)", "/:id((?:a|a)*)c", "/(.*)(.*)(.*)(.*)x"]).unwrap();
    let path = format!("/{}", "a".repeat(16 * 1024));
    assert_eq!(pattern.parameters(&path), None);
}

fn pieces(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(of), 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// Whatever the pattern and the path, there is an answer.
    #[test]
    fn never_panics(
        pattern in pieces(&[
            "/", ":", "id", "slug", "(", ")", "[", "]", "{", "}", "*", "+", "?", "\\", "|", "^", "$", ".", "a", "-", "?:", "?!",
            "{2}", "{1,3}", "\\d", "\\b", "é", ",",
        ]),
        path in pieces(&["/", "a", "id", "slug", "1", "-", ".", "%C3%A9", "#", "?"]),
    ) {
        if let Ok(patterns) = patterns(&[&pattern]) {
            let _ = patterns.parameters(&path);
        }
    }

    /// A parameter without an expression takes what is between two delimiters, whole.
    #[test]
    fn takes_a_segment(segment in "[a-zA-Z0-9._~%-]{1,20}", rest in "[a-z/]{0,10}") {
        let path = format!("/orgs/{segment}/{rest}");
        let patterns = patterns(&["/orgs/:slug/(.*)"]).unwrap();
        prop_assert_eq!(patterns.parameters(&path), Some(vec![("slug", Value::One(segment))]));
    }
}
