//! A browser without scripts, and what it reads.

use axum::Router;
use axum::body::Body;
use frontdesk_testkit::matrix::TestApp;
use http::{Method, Request, Response, header};
use http_body_util::BodyExt;
use tower::ServiceExt;
use url::Url;

/// A browser that knows HTML, forms and cookies, and no scripts.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    router: Router,
    /// Where it is now.
    pub(crate) url: Url,
    /// Name, path and value.
    pub(crate) cookies: Vec<(String, String, String)>,
}

/// What it sees.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) html: String,
    /// Where this is, after all redirects.
    pub(crate) url: Url,
    /// Where it would have gone, had it not been another server.
    pub(crate) left_for: Option<Url>,
}

impl Reader {
    pub(crate) fn new(app: &TestApp, start: &str) -> Self {
        Self { router: app.router(), url: Url::parse(start).unwrap(), cookies: Vec::new() }
    }

    /// Opens an address, and follows redirects as long as they stay at this server.
    pub(crate) async fn open(&mut self, address: &str) -> Page {
        let url = self.url.join(address).unwrap();
        self.go(Method::GET, url, None, &[]).await
    }

    /// Fills in the form with this action, presses its (first, or this) button, and sees what comes.
    pub(crate) async fn send(&mut self, page: &Page, action: &str, values: &[(&str, &str)]) -> Page {
        let fields = page.form(action).fields(values);
        let url = page.url.join(&page.form(action).action).unwrap();
        self.post(url, &fields, &[]).await
    }

    /// Sends a form without having seen one.
    pub(crate) async fn post(
        &mut self,
        url: Url,
        fields: &[(String, String)],
        headers: &[(&str, &str)],
    ) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.go(Method::POST, url, Some(body), headers).await
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(known, _, _)| known == name).map(|(_, _, value)| value.as_str())
    }

    async fn go(&mut self, method: Method, url: Url, body: Option<String>, headers: &[(&str, &str)]) -> Page {
        let (mut method, mut url, mut body) = (method, url, body);
        for _ in 0..10 {
            let response = self.ask(&method, &url, body.take(), headers).await;
            let location = response.headers().get(header::LOCATION);
            let location = location.map(|value| url.join(value.to_str().unwrap()).unwrap());
            let (parts, body) = response.into_parts();
            let html = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
            let status = parts.status.as_u16();
            let mut page = Page { status, headers: parts.headers, html, url: url.clone(), left_for: None };
            match location {
                Some(next) if next.origin() == url.origin() => (method, url) = (Method::GET, next),
                elsewhere => {
                    page.left_for = elsewhere.or_else(|| page.refresh());
                    self.url = url;
                    return page;
                }
            }
        }
        panic!("redirected without an end, last to {url}");
    }

    async fn ask(
        &mut self,
        method: &Method,
        url: &Url,
        body: Option<String>,
        headers: &[(&str, &str)],
    ) -> Response<Body> {
        let mut request = Request::builder()
            .method(method.clone())
            .uri(&url[url::Position::BeforePath..url::Position::AfterQuery])
            .header(header::HOST, url.authority())
            .header(header::ACCEPT, "text/html");
        if url.scheme() == "https" {
            request = request.header("x-forwarded-proto", "https");
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            if !headers.iter().any(|(name, _)| *name == "origin") {
                request = request.header(header::ORIGIN, url.origin().ascii_serialization());
                request = request.header("sec-fetch-site", "same-origin");
            }
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let is_sent =
            |path: &str| path == "/" || url.path() == path || url.path().starts_with(&format!("{path}/"));
        let mut sent: Vec<_> = self.cookies.iter().filter(|(_, path, _)| is_sent(path)).collect();
        sent.sort_by_key(|(_, path, _)| std::cmp::Reverse(path.len()));
        if !sent.is_empty() {
            let pairs: Vec<_> = sent.iter().map(|(name, _, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        for line in response.headers().get_all(header::SET_COOKIE) {
            self.keep(line.to_str().unwrap());
        }
        response
    }

    fn keep(&mut self, line: &str) {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        let attributes: Vec<_> = parts.map(str::to_owned).collect();
        let path = attributes.iter().find_map(|it| it.strip_prefix("Path=")).unwrap_or("/").to_owned();
        self.cookies.retain(|(known, at, _)| (known.as_str(), at) != (name, &path));
        if !attributes.iter().any(|it| it == "Max-Age=0") {
            self.cookies.push((name.to_owned(), path, value.to_owned()));
        }
    }
}

/// A form on a page.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) action: String,
    inputs: Vec<Input>,
}

#[derive(Clone, Debug)]
struct Input {
    name: String,
    value: String,
    kind: String,
    is_checked: bool,
}

impl Form {
    /// What a browser sends where these values were filled in. A value for a button presses it.
    fn fields(&self, values: &[(&str, &str)]) -> Vec<(String, String)> {
        for (name, _) in values {
            assert!(self.inputs.iter().any(|input| input.name == *name), "no field {name} in {self:?}");
        }
        let mut fields = Vec::new();
        for input in self.inputs.iter().filter(|input| !input.name.is_empty()) {
            let given = values.iter().find(|(name, _)| *name == input.name).map(|(_, value)| *value);
            match (input.kind.as_str(), given) {
                ("button", Some(value)) if value == input.value => {
                    fields.push((input.name.clone(), value.to_owned()));
                }
                ("button", _) => {}
                ("checkbox", None) if !input.is_checked => {}
                (_, given) => fields.push((input.name.clone(), given.unwrap_or(&input.value).to_owned())),
            }
        }
        fields
    }

    pub(crate) fn value(&self, name: &str) -> &str {
        self.inputs.iter().find(|input| input.name == name).map_or("", |input| &input.value)
    }
}

impl Page {
    /// The page is what was asked for.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}: {}", self.url, self.html);
        self
    }

    /// The page says what was wrong.
    pub(crate) fn wrong(self, text: &str) -> Self {
        assert_eq!(self.status, 422, "{}: {}", self.url, self.html);
        assert!(self.html.contains("role=\"alert\""), "{}", self.html);
        assert!(self.html.contains("<title>Error: "), "{}", self.html);
        assert!(self.html.contains(text), "{}", self.html);
        self
    }

    pub(crate) fn arrived_at(self, path: &str) -> Self {
        assert_eq!(self.url.path(), path, "{}", self.html);
        self
    }

    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.html.contains(text), "no {text:?} in {}", self.html);
        self
    }

    pub(crate) fn says_not(self, text: &str) -> Self {
        assert!(!self.html.contains(text), "{text:?} in {}", self.html);
        self
    }

    /// Where it leads out of this server.
    pub(crate) fn leaves_for(&self) -> &Url {
        self.left_for.as_ref().unwrap_or_else(|| panic!("stays at {}: {}", self.url, self.html))
    }

    /// The form whose action has this path.
    pub(crate) fn form(&self, path: &str) -> Form {
        let forms = self.forms();
        let found = forms.iter().find(|form| form.action.split('?').next() == Some(path));
        found.cloned().unwrap_or_else(|| panic!("no form for {path} in {}", self.html))
    }

    pub(crate) fn forms(&self) -> Vec<Form> {
        let forms = self.html.split("<form ").skip(1);
        forms.map(|rest| read_form(rest.split("</form>").next().unwrap())).collect()
    }

    /// The address of the link with this text.
    pub(crate) fn link(&self, text: &str) -> String {
        let end = self
            .html
            .find(&format!(">{text}</a>"))
            .unwrap_or_else(|| panic!("no link {text:?} in {}", self.html));
        let start = self.html[..end].rfind("<a ").unwrap();
        attribute(&self.html[start..end], "href")
    }

    fn refresh(&self) -> Option<Url> {
        let start = self.html.find("<meta http-equiv=\"refresh\"")?;
        let tag = &self.html[start..start + self.html[start..].find('>')?];
        let content = attribute(tag, "content");
        Url::parse(content.split_once("url=")?.1).ok()
    }
}

fn read_form(text: &str) -> Form {
    let (tag, rest) = text.split_once('>').unwrap();
    let mut inputs = Vec::new();
    for (kind, piece) in [("input", "<input "), ("button", "<button")] {
        for rest in rest.split(piece).skip(1) {
            let tag = rest.split('>').next().unwrap();
            let named = attribute(tag, "type");
            let kind = if kind == "button" { "button".to_owned() } else { named };
            let is_checked = tag.contains(" checked");
            inputs.push(Input {
                name: attribute(tag, "name"),
                value: attribute(tag, "value"),
                kind,
                is_checked,
            });
        }
    }
    Form { action: attribute(tag, "action"), inputs }
}

/// The value of an attribute, unescaped; empty if it is not there.
pub(crate) fn attribute(tag: &str, name: &str) -> String {
    let tag = format!(" {tag}");
    let Some((_, rest)) = tag.split_once(&format!(" {name}=\"")) else { return String::new() };
    unescape(rest.split('"').next().unwrap_or_default())
}

fn unescape(text: &str) -> String {
    let pairs =
        [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&"), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
