//! What each stage may take on a new two-core machine with nothing built, in seconds.
//!
//! The numbers are roughly twice what was measured (docs/adr/0005-ci-budget.md), since machines differ and other
//! work runs beside. They are told, not enforced: a slow day must not turn a green change red.

/// One stage of a chore.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    /// The budget of one run of the stage.
    pub(crate) seconds: u64,
    /// How often a whole `cargo xtask test` runs it.
    pub(crate) times: u64,
    /// What it does, for CONTRIBUTING.md.
    pub(crate) does: &'static str,
}

/// The budget of `cargo xtask test` from a cold start; the machine that runs it stops at 90 minutes.
pub(crate) const TOTAL_SECONDS: u64 = 40 * 60;

pub(crate) const FORMAT: Stage = Stage { name: "format", seconds: 10, times: 1, does: "`cargo fmt --check`" };
pub(crate) const LINTS: Stage =
    Stage { name: "lints", seconds: 300, times: 1, does: "clippy over every target, warnings are errors" };
pub(crate) const RULES: Stage = Stage {
    name: "house rules",
    seconds: 20,
    times: 1,
    does: "import rules, banned crates, licences, generated parts, ARCHITECTURE.md",
};
pub(crate) const FEATURES: Stage = Stage {
    name: "features",
    seconds: 220,
    times: 1,
    does: "clippy over the SDK, with each of its features alone",
};
pub(crate) const DOC_TESTS: Stage =
    Stage { name: "documentation tests", seconds: 200, times: 1, does: "the examples in the documentation" };
pub(crate) const DEBIAN: Stage =
    Stage { name: "Debian packages", seconds: 50, times: 1, does: "PostgreSQL and the like, where missing" };
pub(crate) const POSTGRES: Stage =
    Stage { name: "PostgreSQL", seconds: 5, times: 1, does: "a cluster of its own, once per run" };
pub(crate) const BUILD_TESTS: Stage =
    Stage { name: "tests: build", seconds: 150, times: 1, does: "all test programs of the workspace" };
pub(crate) const TESTS: Stage =
    Stage { name: "tests: run", seconds: 330, times: 1, does: "all of them, on SQLite and on PostgreSQL" };
pub(crate) const COVERAGE: Stage = Stage {
    name: "coverage",
    seconds: 5,
    times: 1,
    does: "docs/coverage.md, from what the tests asked; in CI a stale one is only told",
};
pub(crate) const FUZZ: Stage =
    Stage { name: "fuzz", seconds: 200, times: 1, does: "a bounded search for inputs that break something" };
pub(crate) const SERVER: Stage = Stage {
    name: "server",
    seconds: 600,
    times: 1,
    does: "`frontdesk`, as released; beside fuzz, examples and pages",
};
pub(crate) const DIFFERENCE: Stage = Stage {
    name: "difference",
    seconds: 40,
    times: 1,
    does: "20,000 recorded requests, decided by the Rust SDK and by the unmodified one",
};
pub(crate) const EXAMPLES: Stage =
    Stage { name: "examples", seconds: 330, times: 1, does: "lints and build of every framework's example" };
pub(crate) const PAGES: Stage = Stage {
    name: "pages",
    seconds: 75,
    times: 1,
    does: "`npm ci` and `next build` of the seed page, on the 4.x line and on the newest",
};
pub(crate) const SEED_PAGE: Stage =
    Stage { name: "seed page", seconds: 85, times: 2, does: "every app through one driver, once per engine" };
pub(crate) const WALKS: Stage = Stage {
    name: "walks",
    seconds: 60,
    times: 2,
    does: "the official SDKs ask everything they can, once per engine",
};

pub(crate) const BROWSER: Stage = Stage {
    name: "browser",
    seconds: 110,
    times: 1,
    does: "the server's own pages in Chromium: with and without scripts, phone and desktop, light and dark, axe-core",
};

/// Every stage of `cargo xtask test`, in order.
pub(crate) const ALL: [&Stage; 18] = [
    &FORMAT,
    &RULES,
    &LINTS,
    &FEATURES,
    &DOC_TESTS,
    &DEBIAN,
    &POSTGRES,
    &BUILD_TESTS,
    &TESTS,
    &COVERAGE,
    &FUZZ,
    &EXAMPLES,
    &PAGES,
    &SERVER,
    &DIFFERENCE,
    &WALKS,
    &BROWSER,
    &SEED_PAGE,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stages_together_stay_within_the_budget() {
        let others = ALL.iter().filter(|stage| stage.name != SERVER.name);
        assert!(others.map(|stage| stage.seconds * stage.times).sum::<u64>() <= TOTAL_SECONDS);
        let beside = FUZZ.seconds + EXAMPLES.seconds + PAGES.seconds;
        assert!(SERVER.seconds <= beside, "longer than what it is built beside");
    }
}
