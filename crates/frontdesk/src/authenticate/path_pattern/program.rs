//! A pattern as a small program, and the machine that runs it on a path.
//!
//! The machine tries alternatives in order, as JavaScript's does, and remembers where each instruction has already
//! failed: without back references it would fail there again. So every instruction is tried at most once at every
//! byte of the path; only looking ahead begins anew each time.

use super::expression::{Node, Problem, Set};

#[derive(Debug)]
pub(super) struct Program {
    instructions: Vec<Instruction>,
    captures: usize,
}

#[derive(Debug)]
enum Instruction {
    /// Takes one byte out of the set. Paths are ASCII.
    One(Set),
    /// Goes on at the first place, or else at the second.
    Either(usize, usize),
    Jump(usize),
    /// Notes where a captured part begins (even) or ends (odd).
    Note(usize),
    /// Whether what follows (up to a `Found`) matches here; then goes on elsewhere.
    Ahead {
        wanted: bool,
        then: usize,
    },
    Start,
    End,
    WordEdge {
        wanted: bool,
    },
    Found,
}

/// What is looked for ahead is looked for at every place anew, so time grows with the square of a path.
const LONGEST_PATH: usize = 4096;

/// Enough for any pattern that somebody wrote by hand.
const LONGEST_PROGRAM: usize = 20_000;

impl Program {
    pub(super) fn compile(node: &Node, captures: usize) -> Result<Self, Problem> {
        let mut program = Self { instructions: Vec::new(), captures };
        program.add(node)?;
        program.push(Instruction::Found)?;
        Ok(program)
    }

    fn push(&mut self, instruction: Instruction) -> Result<usize, Problem> {
        if self.instructions.len() == LONGEST_PROGRAM {
            return Err(Problem::new("it repeats too much"));
        }
        self.instructions.push(instruction);
        Ok(self.instructions.len() - 1)
    }

    fn next(&self) -> usize {
        self.instructions.len()
    }

    fn add(&mut self, node: &Node) -> Result<(), Problem> {
        match node {
            Node::One(set) => {
                self.push(Instruction::One(set.clone()))?;
            }
            Node::All(nodes) => {
                for node in nodes {
                    self.add(node)?;
                }
            }
            Node::Either(nodes) => self.add_either(nodes)?,
            Node::Repeat { node, least, most, greedy } => self.add_repeat(node, *least, *most, *greedy)?,
            Node::Capture { index, node } => {
                self.push(Instruction::Note(index * 2))?;
                self.add(node)?;
                self.push(Instruction::Note(index * 2 + 1))?;
            }
            Node::Ahead { wanted, node } => {
                let ahead = self.push(Instruction::Found)?;
                self.add(node)?;
                self.push(Instruction::Found)?;
                self.instructions[ahead] = Instruction::Ahead { wanted: *wanted, then: self.next() };
            }
            Node::Start => {
                self.push(Instruction::Start)?;
            }
            Node::End => {
                self.push(Instruction::End)?;
            }
            Node::WordEdge { wanted } => {
                self.push(Instruction::WordEdge { wanted: *wanted })?;
            }
        }
        Ok(())
    }

    fn add_either(&mut self, nodes: &[Node]) -> Result<(), Problem> {
        let mut jumps = Vec::new();
        for (place, node) in nodes.iter().enumerate() {
            if place + 1 == nodes.len() {
                self.add(node)?;
                continue;
            }
            let either = self.push(Instruction::Found)?;
            self.add(node)?;
            jumps.push(self.push(Instruction::Found)?);
            self.instructions[either] = Instruction::Either(either + 1, self.next());
        }
        for jump in jumps {
            self.instructions[jump] = Instruction::Jump(self.next());
        }
        Ok(())
    }

    fn add_repeat(
        &mut self,
        node: &Node,
        least: u32,
        most: Option<u32>,
        greedy: bool,
    ) -> Result<(), Problem> {
        let either = |once_more, on| {
            if greedy { Instruction::Either(once_more, on) } else { Instruction::Either(on, once_more) }
        };
        for _ in 0..least {
            self.add(node)?;
        }
        match most {
            None => {
                let begin = self.push(Instruction::Found)?;
                self.add(node)?;
                self.push(Instruction::Jump(begin))?;
                self.instructions[begin] = either(begin + 1, self.next());
            }
            Some(most) => {
                let mut begins = Vec::new();
                for _ in least..most {
                    begins.push(self.push(Instruction::Found)?);
                    self.add(node)?;
                }
                for begin in begins {
                    self.instructions[begin] = either(begin + 1, self.next());
                }
            }
        }
        Ok(())
    }

    /// What was captured, if the path matches from its beginning. Nothing matches a path that is too long.
    pub(super) fn run<'p>(&self, path: &'p str) -> Option<Vec<Option<&'p str>>> {
        if path.len() > LONGEST_PATH {
            return None;
        }
        let notes = self.matches(0, path.as_bytes(), 0)?;
        let part = |pair: &[Option<usize>]| path.get(pair[0]?..pair[1]?);
        Some(notes.chunks_exact(2).map(part).collect())
    }

    /// Runs from an instruction on, at a place of the path.
    fn matches(&self, first: usize, path: &[u8], at: usize) -> Option<Vec<Option<usize>>> {
        let width = path.len() + 1;
        let mut failed = Marks::new(self.instructions.len() * width);
        let mut notes = vec![None; self.captures * 2];
        let mut open = vec![Step::Try(first, at)];
        while let Some(step) = open.pop() {
            let (mut place, mut at) = match step {
                Step::Try(place, at) => (place, at),
                Step::Forget(note, before) => {
                    notes[note] = before;
                    continue;
                }
            };
            while failed.mark(place * width + at) {
                place = match &self.instructions[place] {
                    Instruction::Found => return Some(notes),
                    Instruction::One(set) => match path.get(at) {
                        Some(byte) if set.has(*byte) => {
                            at += 1;
                            place + 1
                        }
                        _ => break,
                    },
                    Instruction::Either(one, other) => {
                        open.push(Step::Try(*other, at));
                        *one
                    }
                    Instruction::Jump(to) => *to,
                    Instruction::Note(note) => {
                        open.push(Step::Forget(*note, notes[*note]));
                        notes[*note] = Some(at);
                        place + 1
                    }
                    Instruction::Ahead { wanted, then }
                        if self.matches(place + 1, path, at).is_some() == *wanted =>
                    {
                        *then
                    }
                    Instruction::Start if at == 0 => place + 1,
                    Instruction::End if at == path.len() => place + 1,
                    Instruction::WordEdge { wanted } if is_word_edge(path, at) == *wanted => place + 1,
                    Instruction::Ahead { .. }
                    | Instruction::Start
                    | Instruction::End
                    | Instruction::WordEdge { .. } => break,
                };
            }
        }
        None
    }
}

/// What is left to do when a way has led nowhere.
enum Step {
    Try(usize, usize),
    Forget(usize, Option<usize>),
}

fn is_word_edge(path: &[u8], at: usize) -> bool {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    is_word(at.checked_sub(1).and_then(|before| path.get(before))) != is_word(path.get(at))
}

/// A set of small numbers.
struct Marks(Vec<u64>);

impl Marks {
    fn new(size: usize) -> Self {
        Self(vec![0; size.div_ceil(64)])
    }

    /// Adds a number; false if it was there.
    fn mark(&mut self, number: usize) -> bool {
        let (word, bit) = (&mut self.0[number / 64], 1 << (number % 64));
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}
