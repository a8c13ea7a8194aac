//! Bodies and queries of requests: what the caller has not said is not sent.

use frontdesk_types::Change;
use serde_json::{Map, Value};

/// A JSON object: metadata, or the claims of a template.
pub type JsonMap = Map<String, Value>;

/// Declares the body or the query of a request: every field may be left out, and has a method that sets it.
///
/// A field is an `Option`, a `Vec`, or a [`Change`] where `null` means something of its own. Outside the server the
/// structs are `#[non_exhaustive]`, because the contract grows; the methods, and assignment to the public fields, take
/// the place of struct literals.
macro_rules! request {
    ($(#[$meta:meta])* pub struct $name:ident {$(
        $(#[doc = $doc:literal])+
        $(#[serde($($serde:tt)+)])?
        pub $field:ident: $kind:ident<$type:ident>,
    )+}) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        #[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
        pub struct $name {$(
            $(#[doc = $doc])+
            $(#[serde($($serde)+)])?
            #[serde(skip_serializing_if = "crate::request::Unsaid::is_unsaid")]
            pub $field: $kind<$type>,
        )+}

        impl $name {
            $(crate::request::setter!([$($doc)+] $field $kind $type);)+
        }
    };
}

/// The method that sets a field.
macro_rules! setter {
    ([$($doc:literal)+] $field:ident Option String) => {
        $(#[doc = $doc])+
        #[must_use]
        pub fn $field(mut self, value: impl Into<String>) -> Self {
            self.$field = Some(value.into());
            self
        }
    };
    ([$($doc:literal)+] $field:ident Vec $type:ident) => {
        $(#[doc = $doc])+
        #[must_use]
        pub fn $field(mut self, values: impl IntoIterator<Item = impl Into<$type>>) -> Self {
            self.$field = values.into_iter().map(Into::into).collect();
            self
        }
    };
    ([$($doc:literal)+] $field:ident $kind:ident $type:ident) => {
        $(#[doc = $doc])+
        #[must_use]
        pub fn $field(mut self, value: impl Into<$kind<$type>>) -> Self {
            self.$field = value.into();
            self
        }
    };
}

pub(crate) use {request, setter};

/// A field that may be left out.
pub(crate) trait Unsaid {
    /// Whether it is left out.
    fn is_unsaid(&self) -> bool;
}

impl<T> Unsaid for Option<T> {
    fn is_unsaid(&self) -> bool {
        self.is_none()
    }
}

impl<T> Unsaid for Vec<T> {
    fn is_unsaid(&self) -> bool {
        self.is_empty()
    }
}

impl<T> Unsaid for Change<T> {
    fn is_unsaid(&self) -> bool {
        self.is_keep()
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_types::Change;
    use serde_json::{json, to_value};

    use crate::PageQuery;
    use crate::backend::interstitial::InterstitialQuery;
    use crate::backend::users::{NewUser, UserChanges};

    #[test]
    fn what_is_said_is_sent_and_nothing_else() {
        assert_eq!(to_value(NewUser::default()).unwrap(), json!({}));
        let ada =
            NewUser::with_email("ada@example.com").first_name("Ada").banned(false).locale(String::from("en"));
        let ada = ada.email_address(["a@example.com", "b@example.com"]).create_organizations_limit(5);
        let sent = json!({
            "first_name": "Ada", "locale": "en", "email_address": ["a@example.com", "b@example.com"],
            "create_organizations_limit": 5, "banned": false
        });
        assert_eq!(to_value(ada).unwrap(), sent);
        assert_eq!(to_value(PageQuery::default().limit(5).offset(None)).unwrap(), json!({ "limit": 5 }));
        let renamed = InterstitialQuery::default().frontend_api_camel("clerk.shop.example.com");
        assert_eq!(to_value(renamed).unwrap(), json!({ "frontendApi": "clerk.shop.example.com" }));
    }

    #[test]
    fn a_change_is_a_value_or_its_absence() {
        let changes = UserChanges::default().first_name("Ada").last_name(Change::Clear);
        let changes = changes.create_organizations_limit(7).external_id(Change::Keep);
        let sent = json!({ "first_name": "Ada", "last_name": null, "create_organizations_limit": 7 });
        assert_eq!(to_value(changes).unwrap(), sent);
    }
}
