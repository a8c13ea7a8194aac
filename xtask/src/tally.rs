//! Counting tests from what their runners print.

use std::fmt;
use std::ops::AddAssign;

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    /// What one line of output adds: the closing lines of nextest, of libtest, and of our own drivers.
    ///
    /// Each of them in the column where it is written. What nextest repeats of a failed test is indented further: the
    /// closing line of that one test is in there, twice, and its summary has counted it already.
    pub(crate) fn of_line(line: &str) -> Self {
        let line = line.trim_end();
        if line.starts_with("     Summary [") || line.starts_with("test result:") || is_plain(line) {
            Self {
                passed: count_before(line, &["passed"]),
                failed: count_before(line, &["failed", "timed", "exec"]),
            }
        } else {
            Self::default()
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// `3 passed, 0 failed`, perhaps with a word and a colon before it, perhaps with `, 1 skipped` after it.
fn is_plain(line: &str) -> bool {
    let counts = match line.split_once(": ") {
        Some((word, rest)) if !word.contains(' ') => rest,
        _ => line,
    };
    let mut words = counts.split(", ").map(|part| match part.split_once(' ') {
        Some((number, word)) if number.parse::<u64>().is_ok() => word,
        _ => "",
    });
    words.next() == Some("passed") && words.next() == Some("failed") && words.all(|word| word == "skipped")
}

/// The sum of the numbers that stand directly before one of the words.
fn count_before(line: &str, words: &[&str]) -> u64 {
    let parts: Vec<&str> =
        line.split_whitespace().map(|part| part.trim_end_matches([',', ';', '.'])).collect();
    parts
        .windows(2)
        .filter(|pair| words.contains(&pair[1]))
        .filter_map(|pair| pair[0].parse::<u64>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_counted() {
        let cases = [
            ("     Summary [   0.005s] 3 tests run: 3 passed, 0 skipped", 3, 0),
            (
                "     Summary [  61.2s] 9/12 tests run: 5 passed (1 slow), 2 failed, 1 timed out, 1 exec failed, 0 skipped",
                5,
                4,
            ),
            (
                "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
                3,
                0,
            ),
            ("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out", 3, 2),
            ("41 passed, 0 failed", 41, 0),
            ("current/sqlite: 41 passed, 1 failed, 2 skipped", 41, 1),
        ];
        for (line, passed, failed) in cases {
            assert_eq!(Tally::of_line(line), Tally { passed, failed }, "{line}");
        }
    }

    #[test]
    fn what_nextest_repeats_of_a_failed_test_is_not_counted_again() {
        let output = [
            "        FAIL [   0.004s] (1/1) xtask tally::tests::fails",
            "  stdout ───",
            "    running 1 test",
            "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 8 filtered out; finished in 0.00s",
            "    3 passed, 1 failed",
            "────────────",
            "     Summary [   0.005s] 1 test run: 0 passed, 1 failed, 8 skipped",
        ];
        let mut tally = Tally::default();
        for line in output {
            tally += Tally::of_line(line);
        }
        assert_eq!(tally, Tally { passed: 0, failed: 1 });
    }

    #[test]
    fn other_lines_are_not() {
        for line in
            ["", "3 passed", "the check 3 passed, 0 failed", "test a::b ... FAILED", "1 failed, 1 passed"]
        {
            assert_eq!(Tally::of_line(line), Tally::default(), "{line}");
        }
    }
}
