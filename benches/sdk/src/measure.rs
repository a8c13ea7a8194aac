//! Measuring in turns.

use std::time::{Duration, Instant};

use anyhow::Result;

/// How long a turn of one subject takes, about.
const TURN: Duration = Duration::from_millis(10);

/// Something to measure.
pub(crate) struct Subject<'a> {
    pub(crate) name: String,
    /// How often it is done before anything counts.
    rehearsal: usize,
    /// Does it so often, and notes how long that took.
    run: Run<'a>,
}

type Run<'a> = Box<dyn FnMut(usize, &mut Notes) -> Result<()> + 'a>;

impl<'a> Subject<'a> {
    pub(crate) fn new(
        name: impl Into<String>,
        rehearsal: usize,
        run: impl FnMut(usize, &mut Notes) -> Result<()> + 'a,
    ) -> Self {
        Self { name: name.into(), rehearsal, run: Box::new(run) }
    }
}

/// What was noted in one turn: nanoseconds for each thing done. Little is done between two looks at the clock, so that
/// only a few notes tell of the moments in which somebody else had the processor, and the median tells of none.
#[derive(Clone, Default)]
pub(crate) struct Notes(Vec<f64>);

impl Notes {
    /// Times so many things that are done one after another.
    pub(crate) fn time<T>(&mut self, count: usize, what: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let result = what();
        self.note(begun.elapsed().as_secs_f64() * 1e9 / count as f64);
        result
    }

    /// Notes a figure that was found elsewhere.
    pub(crate) fn note(&mut self, nanoseconds: f64) {
        self.0.push(nanoseconds);
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    fn median(&mut self) -> f64 {
        self.0.sort_by(f64::total_cmp);
        self.0.get(self.0.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// What was found out about a subject, in nanoseconds for each thing done.
pub(crate) struct Finding {
    pub(crate) name: String,
    /// Of the middle turn.
    pub(crate) median: f64,
    /// Of the quickest turn.
    pub(crate) least: f64,
}

/// Measures all of them, each once in every turn.
pub(crate) fn in_turns(subjects: &mut [Subject<'_>], turns: usize) -> Result<Vec<Finding>> {
    let mut counts = Vec::new();
    for subject in &mut *subjects {
        eprintln!("rehearsing: {}", subject.name);
        // Once through, so that whatever is to be remembered is there, then to learn how many fit into a turn.
        (subject.run)(subject.rehearsal, &mut Notes::default())?;
        let mut notes = Notes::default();
        (subject.run)(64, &mut notes)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small positive number"
        )]
        counts.push(((TURN.as_secs_f64() * 1e9 / notes.median()) as usize).clamp(16, 20_000));
    }
    let mut medians = vec![Notes::default(); subjects.len()];
    for _ in 0..turns {
        for ((subject, count), medians) in subjects.iter_mut().zip(&counts).zip(&mut medians) {
            let mut notes = Notes::default();
            (subject.run)(*count, &mut notes)?;
            medians.note(notes.median());
        }
    }
    let findings = subjects.iter().zip(medians).map(|(subject, mut medians)| Finding {
        name: subject.name.clone(),
        median: medians.median(),
        least: medians.0.first().copied().unwrap_or(f64::NAN),
    });
    Ok(findings.collect())
}
