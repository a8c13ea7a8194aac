//! From files, variables and flags to one value for each setting; the later source wins.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::forms::{Form, Raw};
use super::nearest::nearest;
use super::schema::{Described, Setting, variable};
use super::{Problem, Sources};

/// What was given, by key.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    given: BTreeMap<String, Given>,
    problems: Vec<Problem>,
}

#[derive(Debug)]
struct Given {
    raw: Raw,
    place: String,
}

/// One source's settings, before they are laid over the earlier ones.
#[derive(Default)]
struct Layer(Vec<(String, Given)>);

/// Variables that begin like ours and belong to others: the SDK, the commands, the tests.
const FOREIGN: [&str; 14] = [
    "FRONTDESK_CONFIG",
    "FRONTDESK_PORT",
    "FRONTDESK_URL",
    "FRONTDESK_API_URL",
    "FRONTDESK_PUBLISHABLE_KEY",
    "FRONTDESK_SECRET_KEY",
    "FRONTDESK_JWT_KEY",
    "FRONTDESK_PROXY_URL",
    "FRONTDESK_FRONTEND_URL",
    "FRONTDESK_SQLITE_SYNCHRONOUS",
    "FRONTDESK_GROUP_COMMIT",
    "FRONTDESK_PASSWORD",
    "FRONTDESK_DOMAIN",
    "FRONTDESK_LOG_STYLE",
];

impl Layers {
    /// Reads every source, in the order in which they give way to each other.
    pub(super) fn read(known: &[Described], sources: &Sources) -> Self {
        let mut layers = Self::default();
        if let Some(path) = &sources.file {
            match std::fs::read_to_string(path) {
                Ok(text) => {
                    let layer = layers.file(known, path, &text);
                    layers.lay(known, layer);
                }
                Err(error) => layers.wrong(path.display().to_string(), format!("cannot be read: {error}")),
            }
        }
        let layer = layers.environment(known, &sources.environment);
        layers.lay(known, layer);
        let layer = layers.flags(known, &sources.flags);
        layers.lay(known, layer);
        layers
    }

    /// The value of a setting; its default if it was not given or cannot be read.
    pub(crate) fn take<F: Form>(
        &mut self,
        table: &'static str,
        name: &'static str,
        default: impl FnOnce() -> F,
    ) -> F {
        let key = key(table, name);
        let Some(Given { raw, place }) = self.given.remove(&key) else { return default() };
        F::read_raw(&raw).unwrap_or_else(|| {
            // A secret is not repeated, not even a wrong one.
            let shown = if F::IS_SECRET { "…".to_owned() } else { shown(&raw) };
            self.wrong(place, format!("{key}: expected {}, not {shown}", F::EXPECTED));
            default()
        })
    }

    /// What is wrong: the file's problems from its first line to its last, then the others.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        let line = |problem: &Problem| {
            let number = problem.place.rsplit_once(':').and_then(|(_, number)| number.parse().ok());
            number.unwrap_or(usize::MAX)
        };
        self.problems.sort_by_key(line);
        self.problems
    }

    fn wrong(&mut self, place: String, what: String) {
        self.problems.push(Problem { place, what });
    }

    fn file(&mut self, known: &[Described], path: &Path, text: &str) -> Layer {
        let line = |at: usize| text.get(..at).unwrap_or_default().lines().count().max(1);
        // The offset of a key is the start of its line, which counts only once something stands on it.
        let place = |at: usize| {
            let ends_line = text.get(..at).is_some_and(|before| before.ends_with('\n'));
            format!("{}:{}", path.display(), line(at) + usize::from(ends_line && at > 0))
        };
        let mut layer = Layer::default();
        let document = match DeTable::parse(text) {
            Ok(document) => document,
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                self.wrong(place(at), error.message().to_owned());
                return layer;
            }
        };
        for (name, value) in document.get_ref() {
            let (name_text, name_place) = (name.get_ref().as_ref(), place(name.span().start));
            match value.get_ref() {
                DeValue::Table(table)
                    if known.iter().any(|it| !it.table.is_empty() && it.table == name_text) =>
                {
                    for (inner, value) in table {
                        let inner_place = place(inner.span().start);
                        let key = format!("{name_text}.{}", inner.get_ref());
                        self.file_value(known, &mut layer, key, value.get_ref(), inner_place);
                    }
                }
                DeValue::Table(_) => {
                    let tables = known.iter().map(|it| it.table).filter(|table| !table.is_empty());
                    let hint = nearest(name_text, tables).map(|it| format!("; did you mean [{it}]?"));
                    self.wrong(
                        name_place,
                        format!("there is no section [{name_text}]{}", hint.unwrap_or_default()),
                    );
                }
                value => self.file_value(known, &mut layer, name_text.to_owned(), value, name_place),
            }
        }
        layer
    }

    fn file_value(
        &mut self,
        known: &[Described],
        layer: &mut Layer,
        key: String,
        value: &DeValue<'_>,
        place: String,
    ) {
        if !is_known(known, &key) {
            self.wrong(place, unknown(known, &key));
            return;
        }
        match raw(value) {
            Some(raw) => layer.0.push((key, Given { raw, place })),
            None => self.wrong(place, format!("{key}: a value of this kind is not expected here")),
        }
    }

    fn environment(&mut self, known: &[Described], variables: &[(String, String)]) -> Layer {
        let mut layer = Layer::default();
        let mut keys: BTreeMap<String, String> = BTreeMap::new();
        for setting in settings(known) {
            keys.insert(setting.variable(), setting.key());
            if setting.is_secret {
                let key = format!("{}_file", setting.key());
                keys.insert(variable(&key), key);
            }
        }
        for (name, value) in variables {
            if let Some(key) = keys.get(name) {
                let given = Given { raw: Raw::One(value.clone()), place: name.clone() };
                layer.0.push((key.clone(), given));
                continue;
            }
            // Others may have variables that begin like ours; one that is almost ours is a mistake.
            let is_foreign = FOREIGN.contains(&name.as_str()) || name.starts_with("FRONTDESK_TEST_");
            if !is_foreign && let Some(meant) = nearest(name, keys.keys().map(String::as_str)) {
                self.wrong(name.clone(), format!("there is no such variable; did you mean {meant}?"));
            }
        }
        layer
    }

    fn flags(&mut self, known: &[Described], flags: &[(String, String, String)]) -> Layer {
        let mut layer = Layer::default();
        for (flag, key, value) in flags {
            if is_known(known, key) {
                let given = Given { raw: Raw::One(value.clone()), place: flag.clone() };
                layer.0.push((key.clone(), given));
            } else {
                self.wrong(flag.clone(), unknown(known, key));
            }
        }
        layer
    }

    /// Lays one source over the earlier ones. A secret in a file of its own takes the place of the secret itself.
    fn lay(&mut self, known: &[Described], Layer(values): Layer) {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for (key, given) in values {
            let secret = settings(known).find(|it| it.is_secret && format!("{}_file", it.key()) == key);
            let (key, given) = match secret {
                None => (key, given),
                Some(setting) => match secret_file(&given) {
                    Ok(raw) => (setting.key(), Given { raw, place: given.place }),
                    Err(what) => {
                        self.wrong(given.place, format!("{key}: {what}"));
                        continue;
                    }
                },
            };
            if let Some(other) = seen.insert(key.clone(), given.place.clone())
                && !given.place.starts_with("--")
            {
                self.wrong(given.place.clone(), format!("{key} is set here and at {other}: leave one out"));
            }
            self.given.insert(key, given);
        }
    }
}

/// What stands in the file that a `…_file` setting names.
fn secret_file(given: &Given) -> Result<Raw, String> {
    let Raw::One(path) = &given.raw else { return Err("expected a path".to_owned()) };
    let path = PathBuf::from(path);
    match std::fs::read_to_string(&path) {
        Ok(text) if text.trim().is_empty() => Err(format!("the file {} is empty", path.display())),
        Ok(text) => Ok(Raw::One(text.trim_end_matches(['\r', '\n']).to_owned())),
        Err(error) => Err(format!("the file {} cannot be read: {error}", path.display())),
    }
}

fn settings(known: &[Described]) -> impl Iterator<Item = &Setting> {
    known.iter().flat_map(|section| &section.settings)
}

fn is_known(known: &[Described], key: &str) -> bool {
    let is_own = |setting: &Setting| {
        let own = setting.key();
        own == key || setting.is_secret && key.strip_suffix("_file") == Some(own.as_str())
    };
    settings(known).any(is_own)
}

fn unknown(known: &[Described], key: &str) -> String {
    let keys: Vec<String> = settings(known).map(Setting::key).collect();
    // The right name in the wrong section is the likeliest slip.
    let name = key.rsplit('.').next().unwrap_or(key);
    let elsewhere = || keys.iter().find(|it| it.rsplit('.').next() == Some(name)).map(String::as_str);
    let longer = || keys.iter().find(|it| it.starts_with(&format!("{key}_"))).map(String::as_str);
    let hint = nearest(key, keys.iter().map(String::as_str)).or_else(elsewhere).or_else(longer);
    let hint = hint.map(|meant| format!("; did you mean {meant}?"));
    format!("there is no setting {key}{}", hint.unwrap_or_default())
}

fn key(table: &str, name: &str) -> String {
    if table.is_empty() { name.to_owned() } else { format!("{table}.{name}") }
}

/// A value of the file as text, where it is a text, a number, a yes or no, or a list of such.
fn raw(value: &DeValue<'_>) -> Option<Raw> {
    match value {
        DeValue::Array(items) => {
            items.iter().map(|item| scalar(item.get_ref())).collect::<Option<_>>().map(Raw::Many)
        }
        other => scalar(other).map(Raw::One),
    }
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(yes) => Some(yes.to_string()),
        DeValue::Array(_) | DeValue::Table(_) | DeValue::Datetime(_) => None,
    }
}

fn shown(raw: &Raw) -> String {
    match raw {
        Raw::One(text) => format!("{text:?}"),
        Raw::Many(items) => format!("{items:?}"),
    }
}
