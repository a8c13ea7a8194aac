//! What a setting is, and the macro that declares a section of them.

use std::fmt::Write as _;

use super::forms::{Form, Raw};
use super::layers::Layers;

/// A section as the reference shows it.
#[derive(Clone, Debug)]
pub(crate) struct Described {
    /// The name of its table in the file; empty for what stands outside of tables.
    pub(crate) table: &'static str,
    /// What it is about.
    pub(crate) about: &'static str,
    /// Its settings.
    pub(crate) settings: Vec<Setting>,
}

/// A setting as the reference shows it.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// The name of the section's table.
    pub(crate) table: &'static str,
    /// Its own name.
    pub(crate) name: &'static str,
    /// What it does.
    pub(crate) about: &'static str,
    /// What a value looks like.
    pub(crate) expected: &'static str,
    /// The default as a file would have it; empty where there is none.
    pub(crate) default: String,
    /// Whether it is kept out of sight, and can be read from a file of its own (`…_file`).
    pub(crate) is_secret: bool,
}

impl Setting {
    /// Its name in full: `database.url`.
    pub(crate) fn key(&self) -> String {
        if self.table.is_empty() { self.name.to_owned() } else { format!("{}.{}", self.table, self.name) }
    }

    /// The environment variable that sets it.
    pub(crate) fn variable(&self) -> String {
        variable(&self.key())
    }
}

/// The environment variable of a key. The log's filter has the short name that every command knows.
pub(crate) fn variable(key: &str) -> String {
    match key {
        "log.filter" => "FRONTDESK_LOG".to_owned(),
        _ => format!("FRONTDESK_{}", key.replace('.', "_").to_ascii_uppercase()),
    }
}

/// A section of the configuration.
pub(crate) trait Section: Sized {
    /// What it is made of.
    fn describe() -> Described;

    /// Takes its settings out of what was given, defaults for the others.
    fn take(layers: &mut Layers) -> Self;

    /// Writes it as a part of a config file, with what is secret hidden.
    fn show(&self, text: &mut String);
}

/// Writes one setting as a line of a config file.
pub(crate) fn show_setting<F: Form>(text: &mut String, name: &str, value: &F) {
    let shown = value.show();
    let _ = match shown {
        Raw::One(shown) if shown.is_empty() => writeln!(text, "# {name} is not set"),
        _ if F::IS_SECRET => writeln!(text, "{name} = \"…\""),
        shown => writeln!(text, "{name} = {}", shown.as_toml::<F>()),
    };
}

/// Declares a section: its struct, its defaults, and what the reference says of it.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $name:ident in $table:literal {
            $($(#[doc = $doc:literal])+ $field:ident: $form:ty = $default:expr;)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug)]
        pub(crate) struct $name {
            $($(#[doc = $doc])+ pub(crate) $field: $form,)+
        }

        impl $crate::config::schema::Section for $name {
            fn describe() -> $crate::config::schema::Described {
                use $crate::config::forms::Form;
                $crate::config::schema::Described {
                    table: $table,
                    about: concat!($($about),+),
                    settings: vec![$({
                        let default: $form = $default;
                        $crate::config::schema::Setting {
                            table: $table,
                            name: stringify!($field),
                            about: concat!($($doc),+),
                            expected: <$form as Form>::EXPECTED,
                            default: default.show().as_toml::<$form>(),
                            is_secret: <$form as Form>::IS_SECRET,
                        }
                    }),+],
                }
            }

            fn take(layers: &mut $crate::config::layers::Layers) -> Self {
                Self { $($field: layers.take($table, stringify!($field), || $default),)+ }
            }

            fn show(&self, text: &mut String) {
                if !$table.is_empty() {
                    text.push_str(concat!("\n[", $table, "]\n"));
                }
                $($crate::config::schema::show_setting(text, stringify!($field), &self.$field);)+
            }
        }
    };
}

pub(crate) use section;
