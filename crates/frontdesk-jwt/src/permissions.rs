//! Features, plans and permissions in the compact form of session tokens version 2 (wire contract §3.2, §3.3).
//!
//! An organization's permissions `org:<feature>:<permission>` are spread over three claims: `fea` lists the features,
//! `o.per` the permission names, and `o.fpm` has, for each feature that is the organization's, a number whose bits pick
//! from `o.per`.

use std::collections::HashMap;

use crate::bitmap;

/// Whom a feature or plan belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The active organization: `o`.
    Organization,
    /// The user: `u`.
    User,
    /// Both of them: `ou` (`uo` is read, too).
    Both,
}

impl Scope {
    /// Whether the organization has it.
    pub fn includes_organization(self) -> bool {
        matches!(self, Self::Organization | Self::Both)
    }

    /// Whether the user has it.
    pub fn includes_user(self) -> bool {
        matches!(self, Self::User | Self::Both)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "o",
            Self::User => "u",
            Self::Both => "ou",
        }
    }
}

/// A feature or plan and whom it belongs to: an element of `fea` or `pla`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scoped {
    /// Whom it belongs to.
    pub scope: Scope,
    /// Its slug.
    pub name: String,
}

impl Scoped {
    /// A feature or plan of the active organization.
    pub fn organization(name: impl Into<String>) -> Self {
        Self { scope: Scope::Organization, name: name.into() }
    }

    /// A feature or plan of the user.
    pub fn user(name: impl Into<String>) -> Self {
        Self { scope: Scope::User, name: name.into() }
    }

    /// Reads a comma list such as `o:dashboard,u:beta`. Elements without a known scope are left out, as they belong to
    /// nobody.
    pub(crate) fn read_list(text: &str) -> Vec<Self> {
        let element = |element: &str| {
            let (scope, name) = trim(element).split_once(':')?;
            let scope = match scope {
                "o" => Scope::Organization,
                "u" => Scope::User,
                "ou" | "uo" => Scope::Both,
                _ => return None,
            };
            Some(Self { scope, name: name.to_owned() })
        };
        text.split(',').filter_map(element).collect()
    }

    /// Writes a comma list; `None` if there is nothing to write.
    pub(crate) fn write_list(list: &[Self]) -> Option<String> {
        let elements: Vec<String> =
            list.iter().map(|element| format!("{}:{}", element.scope.as_str(), element.name)).collect();
        (!elements.is_empty()).then(|| elements.join(","))
    }
}

/// The three claims.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Packed {
    /// `fea`: the features given, and those that only permissions name.
    pub(crate) features: Vec<Scoped>,
    /// `o.per`
    pub(crate) per: String,
    /// `o.fpm`
    pub(crate) fpm: String,
}

/// Packs permissions. What the form cannot carry is left out, which can only take rights away: names with commas,
/// colons or blanks (slugs have none), and system permissions (`org:sys_…`), which are never in session tokens.
pub(crate) fn pack(permissions: &[String], features: &[Scoped]) -> Packed {
    let mut listed = listable(features);
    let mut names: Vec<&str> = Vec::new();
    let mut columns: HashMap<&str, usize> = HashMap::new();
    let mut granted: Vec<(usize, usize)> = Vec::new();
    for (feature, name) in permissions.iter().filter_map(|permission| custom_permission(permission)) {
        let column = *columns.entry(name).or_insert_with(|| {
            names.push(name);
            names.len() - 1
        });
        granted.push((list(&mut listed, feature, Scope::Organization), column));
    }
    if granted.is_empty() {
        return Packed { features: listed, ..Packed::default() };
    }
    let mut bits = vec![vec![false; names.len()]; listed.len()];
    for (row, column) in granted {
        bits[row][column] = true;
    }
    let rows = listed.iter().zip(&bits).filter(|(feature, _)| feature.scope.includes_organization());
    let maps: Vec<String> = rows.map(|(_, bits)| bitmap::to_decimal(bits)).collect();
    Packed { features: listed, per: names.join(","), fpm: maps.join(",") }
}

/// Unpacks permissions, feature by feature. Bits without a name, numbers without a feature, and what is not a number
/// grant nothing.
pub(crate) fn unpack(features: &[Scoped], per: &str, fpm: &str) -> Vec<String> {
    if per.is_empty() {
        return Vec::new();
    }
    let names: Vec<&str> = per.split(',').map(trim).collect();
    let rows = features.iter().filter(|feature| feature.scope.includes_organization());
    let mut permissions = Vec::new();
    for (feature, map) in rows.zip(fpm.split(',')) {
        let bits = bitmap::from_decimal(trim(map), names.len()).unwrap_or_default();
        for (name, _) in names.iter().zip(bits).filter(|(_, granted)| *granted) {
            permissions.push(format!("org:{}:{name}", feature.name));
        }
    }
    permissions
}

/// Feature and name of a permission that a session token may carry.
pub(crate) fn custom_permission(permission: &str) -> Option<(&str, &str)> {
    let (feature, name) = permission.strip_prefix("org:")?.split_once(':')?;
    (is_slug(feature) && is_slug(name) && !feature.starts_with("sys_")).then_some((feature, name))
}

/// Features that a list can carry, each name once: who has it is joined.
pub(crate) fn listable(features: &[Scoped]) -> Vec<Scoped> {
    let mut listed = Vec::with_capacity(features.len());
    for feature in features.iter().filter(|feature| is_slug(&feature.name)) {
        list(&mut listed, &feature.name, feature.scope);
    }
    listed
}

/// Sees to it that a feature is listed for this scope, and says where.
fn list(listed: &mut Vec<Scoped>, name: &str, scope: Scope) -> usize {
    let position = listed.iter().position(|known| known.name == name);
    let position = position.unwrap_or_else(|| {
        listed.push(Scoped { scope, name: name.to_owned() });
        listed.len() - 1
    });
    if listed[position].scope != scope {
        listed[position].scope = Scope::Both;
    }
    position
}

/// Cuts off what JavaScript counts as whitespace, so that a list has the same elements for every SDK.
fn trim(element: &str) -> &str {
    const NEXT_LINE: char = '\u{85}';
    const BYTE_ORDER_MARK: char = '\u{feff}';
    element.trim_matches(|character: char| {
        (character.is_whitespace() && character != NEXT_LINE) || character == BYTE_ORDER_MARK
    })
}

fn is_slug(name: &str) -> bool {
    !name.is_empty() && !name.contains([',', ':']) && !name.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn permissions(list: &[&str]) -> Vec<String> {
        list.iter().map(|&permission| permission.to_owned()).collect()
    }

    #[test]
    fn the_contracts_example() {
        let features = Scoped::read_list("o:dashboard,u:me,o:teams");
        assert_eq!(
            unpack(&features, "read,manage", "3,2"),
            permissions(&["org:dashboard:read", "org:dashboard:manage", "org:teams:manage"])
        );
        let packed = pack(
            &permissions(&["org:dashboard:read", "org:dashboard:manage", "org:teams:manage"]),
            &features,
        );
        assert_eq!(packed, Packed { features, per: "read,manage".to_owned(), fpm: "3,2".to_owned() });
    }

    #[test]
    fn a_users_feature_becomes_the_organizations_too_when_a_permission_says_so() {
        let packed = pack(&permissions(&["org:x:read"]), &[Scoped::user("x"), Scoped::organization("y")]);
        assert_eq!(Scoped::write_list(&packed.features).unwrap(), "ou:x,o:y");
        assert_eq!(packed.fpm, "1,0");
    }

    #[test]
    fn what_cannot_be_carried_is_left_out() {
        let odd = [
            "org:sys_memberships:manage",
            "read",
            "org:x",
            "org::x",
            "org:x:",
            "org:a,b:c",
            "org:a:b c",
            "org:a:b:c",
        ];
        assert_eq!(pack(&permissions(&odd), &[Scoped::user("a:b")]), Packed::default());
    }

    #[test]
    fn odd_claims_grant_nothing_and_do_not_panic() {
        let features = Scoped::read_list("o:a,b,:,o:,x:c,,o,ou:d:e");
        assert_eq!(
            features.iter().map(|feature| feature.name.as_str()).collect::<Vec<_>>(),
            ["a", "", "d:e"]
        );
        let unpacked = unpack(&Scoped::read_list("o:a:b"), "read", "1");
        assert_eq!(unpacked, permissions(&["org:a:b:read"]), "a name ends with its element");
        let spaced = Scoped::read_list(" o:a\u{a0},\u{feff}o:b,\u{85}o:c,o :d");
        assert_eq!(spaced, [Scoped::organization("a"), Scoped::organization("b")]);
        assert_eq!(unpack(&features, "read", "-1,1e3,abc"), permissions(&[]));
        assert_eq!(unpack(&features, "read", "1"), permissions(&["org:a:read"]));
        assert_eq!(unpack(&features, "", "1,1,1"), permissions(&[]));
        assert_eq!(unpack(&features, "read", ""), permissions(&[]));
    }

    proptest! {
        #[test]
        fn any_set_of_permissions_survives(
            held in prop::collection::btree_set(("[a-z][a-z0-9_]{0,3}", "[a-z0-9_]{1,6}"), 0..200),
            listed in prop::collection::vec(("[a-z]{1,2}", 0..3_u8), 0..6),
        ) {
            let held: BTreeSet<String> = held
                .iter()
                .map(|(feature, name)| format!("org:{feature}:{name}"))
                .filter(|permission| !permission.starts_with("org:sys_"))
                .collect();
            let listed: Vec<Scoped> = listed
                .into_iter()
                .map(|(name, scope)| Scoped {
                    scope: [Scope::Organization, Scope::User, Scope::Both][usize::from(scope)],
                    name,
                })
                .collect();
            let packed = pack(&held.iter().cloned().collect::<Vec<_>>(), &listed);
            let fea = Scoped::write_list(&packed.features).unwrap_or_default();
            let read = unpack(&Scoped::read_list(&fea), &packed.per, &packed.fpm);
            prop_assert_eq!(read.len(), held.len());
            prop_assert_eq!(read.into_iter().collect::<BTreeSet<_>>(), held);
        }

        #[test]
        fn reading_never_panics(fea in ".{0,60}", per in ".{0,60}", fpm in ".{0,60}") {
            unpack(&Scoped::read_list(&fea), &per, &fpm);
        }
    }
}
