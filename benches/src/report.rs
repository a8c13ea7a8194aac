//! What was measured, as a table for docs/benchmarks.md.

/// One line of the table.
pub(crate) struct Finding {
    /// What was measured.
    pub(crate) what: &'static str,
    /// The figure that is aimed at.
    pub(crate) figure: f64,
    /// What it should be.
    pub(crate) aim: Aim,
    /// Digits behind the point, and the unit.
    pub(crate) unit: Unit,
    /// How it came about: the absolute numbers of this machine.
    pub(crate) details: String,
}

/// What a figure should be.
#[derive(Clone, Copy)]
pub(crate) enum Aim {
    AtLeast(f64),
    Below(f64),
    /// Nothing: it explains another line.
    None,
}

/// What a figure counts.
#[derive(Clone, Copy)]
pub(crate) enum Unit {
    Ratio,
    Milliseconds,
    Megabytes,
}

impl Unit {
    fn show(self, figure: f64) -> String {
        match self {
            Self::Ratio => format!("{figure:.2}"),
            Self::Milliseconds => format!("{figure:.1} ms"),
            Self::Megabytes => format!("{figure:.1} MB"),
        }
    }
}

/// Prints the table.
pub(crate) fn print(findings: &[Finding]) {
    println!("\n| what | measured | aim | | how it came about |\n| --- | ---: | ---: | --- | --- |");
    for Finding { what, figure, aim, unit, details } in findings {
        let (aim, reached) = match *aim {
            Aim::AtLeast(least) => (format!("≥ {}", unit.show(least)), Some(*figure >= least)),
            Aim::Below(bound) => (format!("< {}", unit.show(bound)), Some(*figure < bound)),
            Aim::None => (String::new(), None),
        };
        let verdict = reached.map_or("", |reached| if reached { "reached" } else { "**missed**" });
        println!("| {what} | {} | {aim} | {verdict} | {details} |", unit.show(*figure));
    }
}

/// The middle one.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
