//! The stages of a chore: timed, told apart, summed up.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::budget::{self, Stage};
use crate::command::{self, Unattended};
use crate::tally::Tally;

/// The stages that a chore has been through.
#[derive(Debug)]
pub(crate) struct Stages {
    done: Vec<Done>,
    started: Instant,
}

/// A stage that runs beside others.
#[derive(Debug)]
#[must_use = "it is told of, and may fail, when it is waited for"]
pub(crate) struct Beside {
    stage: &'static Stage,
    started: Instant,
    work: Result<Unattended>,
}

#[derive(Debug)]
struct Done {
    stage: &'static Stage,
    label: Option<String>,
    took: Duration,
    tally: Tally,
    failed: bool,
}

impl Default for Stages {
    fn default() -> Self {
        Self { done: Vec::new(), started: now() }
    }
}

impl Stages {
    /// Runs one stage. An error is told at once and remembered; the answer is then `None`, and the caller leaves
    /// out what builds on it.
    pub(crate) fn run<T>(
        &mut self,
        stage: &'static Stage,
        work: impl FnOnce(&mut Tally) -> Result<T>,
    ) -> Option<T> {
        self.run_labelled(stage, None, work)
    }

    /// Runs a stage that comes several times, each time with its own label.
    pub(crate) fn run_labelled<T>(
        &mut self,
        stage: &'static Stage,
        label: Option<String>,
        work: impl FnOnce(&mut Tally) -> Result<T>,
    ) -> Option<T> {
        println!("\n== {}", name(stage, label.as_deref()));
        let mut tally = Tally::default();
        let started = now();
        let outcome = work(&mut tally);
        let took = now().duration_since(started);
        if let Err(error) = &outcome {
            println!("{} failed: {error:#}", name(stage, label.as_deref()));
        }
        self.done.push(Done { stage, label, took, tally, failed: outcome.is_err() });
        outcome.ok()
    }

    /// Begins a stage that leaves a core to others: one command, whose output is shown when it is waited for.
    pub(crate) fn begin(stage: &'static Stage, work: &mut Command) -> Beside {
        println!("\n== {}, beside what follows", stage.name);
        Beside { stage, started: now(), work: command::begin(work) }
    }

    /// Waits for a stage that was begun. It counts from its beginning.
    pub(crate) fn wait_for(&mut self, beside: Beside) -> Option<()> {
        let Beside { stage, started, work } = beside;
        println!("\n== {}, begun before", stage.name);
        let outcome = work.and_then(Unattended::finish);
        if let Err(error) = &outcome {
            println!("{} failed: {error:#}", stage.name);
        }
        let took = now().duration_since(started);
        self.done.push(Done { stage, label: None, took, tally: Tally::default(), failed: outcome.is_err() });
        outcome.ok()
    }

    /// Prints the table and the sum of all tests; whether every stage succeeded.
    ///
    /// A stage that failed without counting anything is one failure in the sum, and a chore that was to run tests
    /// and ran none has failed.
    pub(crate) fn finish(self, tests: Tests) -> bool {
        println!("\n{:<44} {:>8} {:>8}  outcome", "stage", "seconds", "budget");
        let mut sum = Tally::default();
        let spent = now().duration_since(self.started);
        for done in &self.done {
            sum += done.tally;
            if done.failed && done.tally.failed == 0 {
                sum.failed += 1;
            }
            println!(
                "{:<44} {:>8.1} {:>8}  {}",
                name(done.stage, done.label.as_deref()),
                done.took.as_secs_f64(),
                done.stage.seconds,
                done.outcome()
            );
        }
        println!("{:<44} {:>8.1} {:>8}", "together", spent.as_secs_f64(), budget::TOTAL_SECONDS);
        if spent.as_secs() > budget::TOTAL_SECONDS {
            println!("over the budget by {} seconds", spent.as_secs() - budget::TOTAL_SECONDS);
        }
        if tests == Tests::Expected && sum == Tally::default() {
            println!("no test was run");
            return false;
        }
        println!("{sum}");
        sum.failed == 0
    }
}

/// Whether a chore without a single test is a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tests {
    Expected,
    Optional,
}

impl Done {
    fn outcome(&self) -> String {
        match (self.failed, self.tally == Tally::default()) {
            (false, true) => "done".to_owned(),
            (true, true) => "FAILED".to_owned(),
            (false, false) => self.tally.to_string(),
            (true, false) => format!("FAILED: {}", self.tally),
        }
    }
}

fn name(stage: &Stage, label: Option<&str>) -> String {
    match label {
        Some(label) => format!("{}: {label}", stage.name),
        None => stage.name.to_owned(),
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a chore takes is its own business")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn a_failed_stage_fails_the_chore_and_lets_others_run() {
        let mut stages = Stages::default();
        assert_eq!(stages.run::<()>(&budget::FORMAT, |_| bail!("untidy")), None);
        assert_eq!(
            stages.run(&budget::LINTS, |tally| {
                tally.passed = 2;
                Ok(7)
            }),
            Some(7)
        );
        assert!(!stages.finish(Tests::Expected));
    }

    #[test]
    fn a_stage_beside_others_is_judged_when_it_is_waited_for() {
        let mut stages = Stages::default();
        let good = Stages::begin(&budget::SERVER, &mut command::command("true", &[]));
        let bad = Stages::begin(&budget::SERVER, &mut command::command("false", &[]));
        let absent = Stages::begin(&budget::SERVER, &mut command::command("no-such-program", &[]));
        assert_eq!(stages.run(&budget::FORMAT, |_| Ok(7)), Some(7));
        assert_eq!(stages.wait_for(good), Some(()));
        assert_eq!((stages.wait_for(bad), stages.wait_for(absent)), (None, None));
        assert!(!stages.finish(Tests::Optional));
    }

    #[test]
    fn tests_that_were_expected_and_not_run_are_a_failure() {
        let stages_without_tests = || {
            let mut stages = Stages::default();
            stages.run(&budget::FORMAT, |_| Ok(()));
            stages
        };
        assert!(!stages_without_tests().finish(Tests::Expected));
        assert!(stages_without_tests().finish(Tests::Optional));
    }
}
