//! What a browser says of itself in `User-Agent`, as far as a list of sessions shows it: people shall recognise their
//! own devices. Anybody can write anything there, so nothing is decided by it.

/// A device and its browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Device<'a> {
    /// The kind of device: `iPhone`, `Windows` ….
    pub(crate) kind: Option<&'static str>,
    /// Whether it is carried about.
    pub(crate) is_mobile: bool,
    /// The browser.
    pub(crate) browser: Option<&'static str>,
    /// Its version, as it is written.
    pub(crate) version: Option<&'a str>,
}

/// Kinds of devices by the word that gives them away. The first one that is there counts: every Android says that it
/// is a Linux, too.
const DEVICES: [(&str, &str, bool); 9] = [
    ("iPhone", "iPhone", true),
    ("iPad", "iPad", true),
    ("iPod", "iPod", true),
    ("Android", "Android", true),
    ("Windows Phone", "Windows Phone", true),
    ("Windows", "Windows", false),
    ("Macintosh", "Macintosh", false),
    ("CrOS", "Chromebook", false),
    ("Linux", "Linux", false),
];

/// Browsers by what stands before their version. Nearly all say that they are Chrome or Safari as well, so the
/// particular ones come first.
const BROWSERS: [(&str, &str); 14] = [
    ("EdgiOS/", "Microsoft Edge"),
    ("EdgA/", "Microsoft Edge"),
    ("Edg/", "Microsoft Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
];

/// The longest version that is kept, in characters.
const LONGEST_VERSION: usize = 32;

/// Reads a `User-Agent`.
pub(crate) fn read(text: &str) -> Device<'_> {
    let device = DEVICES.iter().find(|(word, ..)| text.contains(word));
    let browser = BROWSERS.iter().find_map(|(before, name)| {
        let (_, behind) = text.split_once(before)?;
        (*name != "Safari" || text.contains("Safari/")).then(|| (*name, version(behind)))
    });
    Device {
        kind: device.map(|(_, kind, _)| *kind),
        is_mobile: device.map_or_else(|| text.contains("Mobile"), |(.., is_mobile)| *is_mobile),
        browser: browser.map(|(name, _)| name),
        version: browser.and_then(|(_, version)| version),
    }
}

/// The digits and dots at the beginning.
fn version(text: &str) -> Option<&str> {
    let end =
        text.bytes().take(LONGEST_VERSION).take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    Some(&text[..end]).filter(|version| !version.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_browsers_are_told_apart() {
        for (text, kind, is_mobile, browser, version) in [
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/17.4 Safari/605.1.15",
                Some("Macintosh"),
                false,
                Some("Safari"),
                Some("17.4"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 CriOS/123.0.6312.52 Mobile/15E148 Safari/604.1",
                Some("iPhone"),
                true,
                Some("Chrome"),
                Some("123.0.6312.52"),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/123.0.0.0 Safari/537.36 Edg/123.0.2420.65",
                Some("Windows"),
                false,
                Some("Microsoft Edge"),
                Some("123.0.2420.65"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/123.0.0.0 Mobile Safari/537.36",
                Some("Android"),
                true,
                Some("Chrome"),
                Some("123.0.0.0"),
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:124.0) Gecko/20100101 Firefox/124.0",
                Some("Linux"),
                false,
                Some("Firefox"),
                Some("124.0"),
            ),
            ("curl/8.5.0", None, false, None, None),
            ("", None, false, None, None),
            ("Firefox/", None, false, Some("Firefox"), None),
            ("Version/9", None, false, None, None),
        ] {
            assert_eq!(read(text), Device { kind, is_mobile, browser, version }, "{text}");
        }
        let endless = format!("Chrome/{}", "1".repeat(1000));
        assert_eq!(read(&endless).version.map(str::len), Some(LONGEST_VERSION));
    }
}
