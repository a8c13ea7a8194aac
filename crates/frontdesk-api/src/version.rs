//! API versions: dates that name a shape of the contract.

use std::str::FromStr;

/// A published version of the contract. The newest shape is the type; each difference of an older version is a
/// named transform in the server (decision 21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApiVersion {
    /// `2021-02-05`: callers that name no version.
    V20210205,
    /// `2024-10-01`.
    V20241001,
    /// `2025-03-12`.
    V20250312,
    /// `2025-04-10`: session tokens of version 2 from here on.
    V20250410,
    /// `2025-11-10`.
    V20251110,
    /// `2026-05-12`: metadata only through the metadata operations from here on.
    V20260512,
}

/// The date names no published version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownApiVersion;

impl ApiVersion {
    /// What a caller that names no version speaks.
    pub const OLDEST: Self = Self::V20210205;
    /// The version whose shapes are the types of this crate.
    pub const NEWEST: Self = Self::V20260512;
    /// All of them, oldest first.
    pub const ALL: [Self; 6] = [
        Self::V20210205,
        Self::V20241001,
        Self::V20250312,
        Self::V20250410,
        Self::V20251110,
        Self::V20260512,
    ];

    /// The date.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V20210205 => "2021-02-05",
            Self::V20241001 => "2024-10-01",
            Self::V20250312 => "2025-03-12",
            Self::V20250410 => "2025-04-10",
            Self::V20251110 => "2025-11-10",
            Self::V20260512 => "2026-05-12",
        }
    }

    /// Whether session tokens for this caller have the compact version-2 claims (wire protocol §3.2).
    pub fn has_session_token_v2(self) -> bool {
        self >= Self::V20250410
    }

    /// Whether `PATCH` on users and organizations still takes metadata (wire protocol §11.4).
    pub fn updates_take_metadata(self) -> bool {
        self < Self::V20260512
    }
}

impl FromStr for ApiVersion {
    type Err = UnknownApiVersion;

    /// A published date, or one newer than all we know: SDKs run ahead of us, and the newest shapes serve them best.
    fn from_str(text: &str) -> Result<Self, UnknownApiVersion> {
        let known = Self::ALL.into_iter().find(|version| version.as_str() == text);
        let newer = || (is_date(text) && text > Self::NEWEST.as_str()).then_some(Self::NEWEST);
        known.or_else(newer).ok_or(UnknownApiVersion)
    }
}

/// Whether the text has the form `2026-05-12`.
fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_is_found_by_its_date() {
        for version in ApiVersion::ALL {
            assert_eq!(version.as_str().parse(), Ok(version));
        }
    }

    #[test]
    fn a_newer_date_means_the_newest_version_and_any_other_text_is_refused() {
        assert_eq!("2026-08-20".parse(), Ok(ApiVersion::NEWEST));
        for text in ["2025-01-01", "2026-8-20", "newest", "9999999999", ""] {
            assert_eq!(text.parse::<ApiVersion>(), Err(UnknownApiVersion), "{text:?}");
        }
    }
}
