//! The fields of forms.

/// One field, as `templates/pages/field.html` draws it.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// Its name in the form, and its id on the page.
    pub(super) name: &'static str,
    /// What it is called.
    pub(super) label: &'static str,
    /// The `type` of the input.
    pub(super) kind: &'static str,
    /// What stands in it.
    pub(super) value: String,
    /// The `autocomplete` that browsers and password managers read.
    pub(super) autocomplete: &'static str,
    /// What helps to fill it in.
    pub(super) hint: Option<String>,
    /// Whether it must be filled in.
    pub(super) is_required: bool,
    /// Whether it is the first that people fill in here.
    pub(super) is_first: bool,
    /// The most characters it takes.
    pub(super) max_length: usize,
}

impl Field {
    /// A field that must be filled in.
    pub(super) fn text(name: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        Self {
            name,
            label,
            kind: "text",
            value: String::new(),
            autocomplete,
            hint: None,
            is_required: true,
            is_first: false,
            max_length: 250,
        }
    }

    /// A field for an e-mail address.
    pub(super) fn email(name: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        Self { kind: "email", max_length: 254, ..Self::text(name, label, autocomplete) }
    }

    /// A field for a password.
    pub(super) fn password(name: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        Self { kind: "password", ..Self::text(name, label, autocomplete) }
    }

    /// The field for a code that was sent.
    pub(super) fn code() -> Self {
        Self { kind: "code", max_length: 20, ..Self::text("code", "Code", "one-time-code") }
    }

    /// With this in it.
    pub(super) fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// With this help.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// May be left empty.
    pub(super) fn optional(mut self) -> Self {
        self.is_required = false;
        self
    }

    /// Is the first that people fill in here.
    pub(super) fn first(mut self) -> Self {
        self.is_first = true;
        self
    }

    /// The `type` in HTML.
    pub(super) fn input_type(&self) -> &'static str {
        if self.kind == "code" { "text" } else { self.kind }
    }
}
