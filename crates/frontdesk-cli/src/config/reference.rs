//! The reference page: docs/configuration.md, as `frontdesk config reference` writes it.

use std::fmt::Write as _;

use super::known;

/// What stands before the tables.
const HEAD: &str = "# Configuration

<!-- Written by `frontdesk config reference`; the settings are declared in crates/frontdesk-cli/src/config/sections.rs. -->

`frontdesk serve` reads, each overruling the one before:

1. a config file in [TOML](https://toml.io), named by `--config PATH` or `FRONTDESK_CONFIG`;
2. environment variables, which are named below;
3. flags: `--public-url`, `--listen`, `--data-dir`, and `--set KEY=VALUE` for every setting.

A list is a list in the file (`[\"10.0.0.0/8\", \"::1\"]`) and has commas elsewhere. Times are written `500ms`, `15s`, `5m`, `1h`.
What nobody knows is refused, with what was probably meant.

Every secret can be kept in a file of its own, for systemd's credentials or Docker's secrets: `database.url` is also
`database.url_file` or `FRONTDESK_DATABASE_URL_FILE`, whose file holds the value.

```sh
frontdesk config check --config frontdesk.toml   # every problem at once, with its place
frontdesk config print --config frontdesk.toml   # what would be used, secrets hidden
```

[deploy.md](deploy.md) shows whole configurations.
";

/// The whole page.
pub(crate) fn page() -> String {
    let mut page = HEAD.to_owned();
    for section in known() {
        let title =
            if section.table.is_empty() { "At the top".to_owned() } else { format!("`[{}]`", section.table) };
        let _ = write!(page, "\n## {title}\n\n{}\n\n", section.about.trim());
        page.push_str("| setting | variable | default | |\n|---|---|---|---|\n");
        for setting in &section.settings {
            let default =
                if setting.default.is_empty() { "none".to_owned() } else { format!("`{}`", setting.default) };
            let also =
                if setting.is_secret { format!(" Also `{}_file`.", setting.name) } else { String::new() };
            let _ = writeln!(
                page,
                "| `{}` | `{}` | {default} | {}{also} Expects {}. |",
                setting.name,
                setting.variable(),
                setting.about.trim(),
                setting.expected
            );
        }
    }
    page
}
