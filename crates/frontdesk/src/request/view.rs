//! What must be seen of a request to tell who is asking.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::RequestState;

/// A borrowed view of a request: its method, its URL, its headers.
///
/// It is implemented for [`http::Request`], [`http::request::Parts`], and the requests of the frameworks in
/// [`web`](crate::web). Another request type needs three methods:
///
/// ```
/// use std::borrow::Cow;
/// use frontdesk::RequestView;
///
/// struct Recorded {
///     url: String,
///     authorization: Option<String>,
/// }
///
/// impl RequestView for Recorded {
///     fn method(&self) -> &str {
///         "GET"
///     }
///
///     fn url(&self) -> Cow<'_, str> {
///         Cow::Borrowed(&self.url)
///     }
///
///     fn header(&self, name: &str) -> Option<&[u8]> {
///         let value = self.authorization.as_ref()?;
///         (name == "authorization").then_some(value.as_bytes())
///     }
/// }
/// ```
pub trait RequestView {
    /// The method, in upper case.
    ///
    /// ```
    /// use frontdesk::RequestView;
    ///
    /// let request = http::Request::post("/orders").body(())?;
    /// assert_eq!(RequestView::method(&request), "POST");
    /// # Ok::<(), http::Error>(())
    /// ```
    fn method(&self) -> &str;

    /// The URL as received: absolute, or only path and query (then the `host` header completes it).
    ///
    /// ```
    /// use frontdesk::RequestView;
    ///
    /// let request = http::Request::get("/orders?page=2").body(())?;
    /// assert_eq!(request.url(), "/orders?page=2");
    /// # Ok::<(), http::Error>(())
    /// ```
    fn url(&self) -> Cow<'_, str>;

    /// The first value of a header. `name` is given in lower case.
    ///
    /// ```
    /// use frontdesk::RequestView;
    ///
    /// let request = http::Request::get("/").header("Origin", "https://app.example.com").body(())?;
    /// assert_eq!(request.header("origin"), Some(b"https://app.example.com".as_slice()));
    /// # Ok::<(), http::Error>(())
    /// ```
    fn header(&self, name: &str) -> Option<&[u8]>;

    /// Every value of a header, in order. HTTP/2 may split `cookie` into several fields.
    ///
    /// ```
    /// use frontdesk::RequestView;
    ///
    /// let request = http::Request::get("/").header("cookie", "a=1").header("cookie", "b=2").body(())?;
    /// let mut cookies = Vec::new();
    /// request.each_header("cookie", &mut |value| cookies.push(value));
    /// assert_eq!(cookies, [b"a=1", b"b=2"]);
    /// # Ok::<(), http::Error>(())
    /// ```
    fn each_header<'r>(&'r self, name: &str, visit: &mut dyn FnMut(&'r [u8])) {
        if let Some(value) = self.header(name) {
            visit(value);
        }
    }

    /// Every header, name and value. It is asked for when a session is refreshed, for the server wants to know which
    /// browser does that. Without it, the headers that tell most are enough.
    ///
    /// ```
    /// use frontdesk::RequestView;
    ///
    /// let request = http::Request::get("/").header("accept", "text/html").header("dnt", "1").body(())?;
    /// let mut names = Vec::new();
    /// request.all_headers(&mut |name, _| names.push(name));
    /// assert_eq!(names.len(), 2);
    /// # Ok::<(), http::Error>(())
    /// ```
    fn all_headers<'r>(&'r self, visit: &mut dyn FnMut(&'r str, &'r [u8])) {
        const TELLING: [&str; 8] = [
            "accept-language",
            "host",
            "origin",
            "user-agent",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-real-ip",
        ];
        for name in TELLING {
            self.each_header(name, &mut |value| visit(name, value));
        }
    }

    /// What a layer in front has already found out about this request. It is a copy, for some frameworks keep it
    /// behind a lock.
    ///
    /// ```
    /// use frontdesk::RequestView;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_live_YXV0aC5leGFtcGxlLmNvbSQ");
    /// # let frontdesk = builder.secret_key("sk_live_not_a_real_one").api_url("http://127.0.0.1:1").build()?;
    /// let mut request = http::Request::get("/").body(())?;
    /// let state = frontdesk.authenticate_request(&request).await?;
    /// assert!(request.known_state().is_none());
    /// request.extensions_mut().insert(state);
    /// assert!(request.known_state().is_some());
    /// # Ok(())
    /// # }
    /// ```
    fn known_state(&self) -> Option<RequestState> {
        None
    }
}

impl<B> RequestView for http::Request<B> {
    fn method(&self) -> &str {
        self.method().as_str()
    }

    fn url(&self) -> Cow<'_, str> {
        written_url(self.uri(), self.extensions())
    }

    #[inline]
    fn header(&self, name: &str) -> Option<&[u8]> {
        first_value(self.headers(), name)
    }

    #[inline]
    fn each_header<'r>(&'r self, name: &str, visit: &mut dyn FnMut(&'r [u8])) {
        visit_values(self.headers(), name, visit);
    }

    fn all_headers<'r>(&'r self, visit: &mut dyn FnMut(&'r str, &'r [u8])) {
        for (name, value) in self.headers() {
            visit(name.as_str(), value.as_bytes());
        }
    }

    fn known_state(&self) -> Option<RequestState> {
        self.extensions().get().cloned()
    }
}

impl RequestView for http::request::Parts {
    fn method(&self) -> &str {
        self.method.as_str()
    }

    fn url(&self) -> Cow<'_, str> {
        written_url(&self.uri, &self.extensions)
    }

    #[inline]
    fn header(&self, name: &str) -> Option<&[u8]> {
        first_value(&self.headers, name)
    }

    #[inline]
    fn each_header<'r>(&'r self, name: &str, visit: &mut dyn FnMut(&'r [u8])) {
        visit_values(&self.headers, name, visit);
    }

    fn all_headers<'r>(&'r self, visit: &mut dyn FnMut(&'r str, &'r [u8])) {
        for (name, value) in &self.headers {
            visit(name.as_str(), value.as_bytes());
        }
    }

    fn known_state(&self) -> Option<RequestState> {
        self.extensions.get().cloned()
    }
}

impl<R: RequestView + ?Sized> RequestView for &R {
    fn method(&self) -> &str {
        (**self).method()
    }

    fn url(&self) -> Cow<'_, str> {
        (**self).url()
    }

    fn header(&self, name: &str) -> Option<&[u8]> {
        (**self).header(name)
    }

    fn each_header<'r>(&'r self, name: &str, visit: &mut dyn FnMut(&'r [u8])) {
        (**self).each_header(name, visit);
    }

    fn all_headers<'r>(&'r self, visit: &mut dyn FnMut(&'r str, &'r [u8])) {
        (**self).all_headers(visit);
    }

    fn known_state(&self) -> Option<RequestState> {
        (**self).known_state()
    }
}

/// The header's name, without looking it up letter by letter where the compiler can see which it is: `None` for others.
#[inline]
fn known_name(name: &str) -> Option<&'static HeaderName> {
    static FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
    static FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
    static SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
    Some(match name {
        "accept" => &header::ACCEPT,
        "authorization" => &header::AUTHORIZATION,
        "cookie" => &header::COOKIE,
        "host" => &header::HOST,
        "origin" => &header::ORIGIN,
        "referer" => &header::REFERER,
        "sec-fetch-dest" => &SEC_FETCH_DEST,
        "x-forwarded-host" => &FORWARDED_HOST,
        "x-forwarded-proto" => &FORWARDED_PROTO,
        _ => return None,
    })
}

#[inline]
fn first_value<'r>(headers: &'r HeaderMap, name: &str) -> Option<&'r [u8]> {
    let value = match known_name(name) {
        Some(name) => headers.get(name),
        None => headers.get(name),
    };
    value.map(HeaderValue::as_bytes)
}

#[inline]
fn visit_values<'r>(headers: &'r HeaderMap, name: &str, visit: &mut dyn FnMut(&'r [u8])) {
    let values = match known_name(name) {
        Some(name) => headers.get_all(name),
        None => headers.get_all(name),
    };
    values.iter().for_each(|value| visit(value.as_bytes()));
}

/// Over HTTP/1 the target is a bare path, which can be borrowed.
fn written_url<'r>(uri: &'r http::Uri, extensions: &'r http::Extensions) -> Cow<'r, str> {
    let uri = original(uri, extensions);
    match (uri.scheme(), uri.path_and_query()) {
        (None, Some(target)) => Cow::Borrowed(target.as_str()),
        _ => Cow::Owned(uri.to_string()),
    }
}

/// A nested axum router strips its prefix from the URI; a redirect must lead back to the whole one.
#[cfg(feature = "axum")]
fn original<'r>(uri: &'r http::Uri, extensions: &'r http::Extensions) -> &'r http::Uri {
    extensions.get::<axum::extract::OriginalUri>().map_or(uri, |original| &original.0)
}

#[cfg(not(feature = "axum"))]
fn original<'r>(uri: &'r http::Uri, _extensions: &'r http::Extensions) -> &'r http::Uri {
    uri
}
