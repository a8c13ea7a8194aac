//! What was measured, as a table for docs/benchmarks.md.

use crate::measure::Finding;
use crate::memory::Memory;

/// Prints what a remembered token takes.
pub(crate) fn memory(memory: &Memory) {
    println!(
        "a token of {} bytes takes {} bytes to remember, {} once its claims and organization were asked for",
        memory.token, memory.entry, memory.unpacked
    );
}

/// Prints the table; the first finding is the yardstick.
pub(crate) fn print(findings: &[Finding]) {
    let Some(yardstick) = findings.first() else { return };
    println!(
        "\n| what | median | least | of the RSA check: median | least |\n| --- | ---: | ---: | ---: | ---: |"
    );
    for Finding { name, median, least } in findings {
        let ratios = (median / yardstick.median, least / yardstick.least);
        println!(
            "| {name} | {} | {} | {} | {} |",
            time(*median),
            time(*least),
            ratio(ratios.0),
            ratio(ratios.1)
        );
    }
}

fn time(nanoseconds: f64) -> String {
    if nanoseconds < 10_000.0 {
        format!("{nanoseconds:.0} ns")
    } else {
        format!("{:.1} µs", nanoseconds / 1000.0)
    }
}

fn ratio(ratio: f64) -> String {
    if ratio < 0.1 { format!("{ratio:.4}") } else { format!("{ratio:.2}") }
}
