//! A list of breached passwords in a file, searched where it lies: the published ones take tens of gigabytes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;

use super::{Sha1Hex, says};

/// No line of a list is longer; a longer one is no list.
const MAX_LINE: u64 = 256;

/// No range holds more; a range of the published list takes 40 kB.
const MAX_RANGE: u64 = 4 * 1024 * 1024;

/// A list of SHA-1 hashes. One file of lines `HASH:COUNT` in ascending order, or a folder with a file for each range,
/// named by the first five characters (`5BAA6` or `5BAA6.txt`) and holding lines `REST:COUNT`. Either is what the
/// public downloaders of breached passwords make. Nothing is read into memory but the lines that a search passes.
#[derive(Clone, Debug)]
pub struct BreachList {
    path: PathBuf,
    is_folder: bool,
}

/// Why a list is not taken.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The path does not lead to anything that can be read.
    #[error("the list of breached passwords cannot be read")]
    Unreadable(#[from] io::Error),
    /// The file is no ascending list of SHA-1 hashes.
    #[error("the list of breached passwords is no ascending list of SHA-1 hashes")]
    NotAList,
}

impl BreachList {
    /// The list at this path. A file is looked at in a few places, so that a wrong one is noticed at the start and not
    /// when everybody's password passes.
    ///
    /// # Errors
    /// [`OpenError`] if it cannot be read or is none.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, OpenError> {
        let path = path.into();
        let is_folder = std::fs::metadata(&path)?.is_dir();
        if is_folder {
            std::fs::read_dir(&path)?;
        } else {
            check_order(&path)?;
        }
        Ok(Self { path, is_folder })
    }

    /// Whether the list has this hash. Blocks while it reads: some thirty short reads of a file, one of a range.
    pub(super) fn contains(&self, hash: &Sha1Hex) -> io::Result<bool> {
        if self.is_folder { self.range_contains(hash) } else { file_contains(&self.path, hash.text()) }
    }

    fn range_contains(&self, hash: &Sha1Hex) -> io::Result<bool> {
        // A range without a file is an error: the list is not whole, which the warning should say.
        let file = File::open(self.path.join(hash.prefix()))
            .or_else(|_| File::open(self.path.join(format!("{}.txt", hash.prefix()))))?;
        for line in BufReader::new(file.take(MAX_RANGE)).lines() {
            if says(&line?, hash.suffix()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Looks for the hash by halves. `low` and `high` are offsets; the line that is wanted, if there, begins at or behind
/// `low` and before `high`.
fn file_contains(path: &PathBuf, hash: &str) -> io::Result<bool> {
    let mut lines = Lines::open(path)?;
    let (mut low, mut high) = (0, lines.length);
    while low < high {
        let middle = low + (high - low) / 2;
        let Some(line) = lines.first_behind(middle)? else {
            high = middle;
            continue;
        };
        if line.start >= high {
            high = middle;
            continue;
        }
        let found = line.text.split(':').next().unwrap_or_default().trim_end().to_ascii_uppercase();
        match found.as_str().cmp(hash) {
            std::cmp::Ordering::Equal => return Ok(says(&line.text, hash)),
            std::cmp::Ordering::Less => low = line.end,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    Ok(false)
}

/// Compares lines at seventeen places of the file.
fn check_order(path: &PathBuf) -> Result<(), OpenError> {
    let mut lines = Lines::open(path)?;
    let mut last = String::new();
    for sixteenth in 0..=16 {
        // The end of the file has no line behind it, and a short file has the same one at several places.
        let Some(line) = lines.first_behind(lines.length / 16 * sixteenth)? else { continue };
        let hash = line.text.split(':').next().unwrap_or_default().trim_end().to_ascii_uppercase();
        let is_hash = hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hash || hash < last {
            return Err(OpenError::NotAList);
        }
        last = hash;
    }
    if last.is_empty() { Err(OpenError::NotAList) } else { Ok(()) }
}

/// A file read a line at a time, anywhere.
struct Lines {
    file: File,
    length: u64,
}

/// A line, and where it begins and ends (behind its line feed).
struct Line {
    start: u64,
    end: u64,
    text: String,
}

impl Lines {
    fn open(path: &PathBuf) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self { file, length })
    }

    /// The first line that begins at this offset or behind it.
    fn first_behind(&mut self, offset: u64) -> io::Result<Option<Line>> {
        // The byte before decides: if it ends a line, another one begins right here.
        let from = offset.saturating_sub(1);
        self.file.seek(SeekFrom::Start(from))?;
        let mut reader = BufReader::with_capacity(512, (&self.file).take(2 * MAX_LINE));
        let mut start = from;
        if offset > 0 {
            let mut rest = Vec::new();
            start += reader.read_until(b'\n', &mut rest)? as u64;
            if rest.last() != Some(&b'\n') {
                return if start >= self.length { Ok(None) } else { Err(no_list()) };
            }
        }
        let mut text = Vec::new();
        let length = reader.read_until(b'\n', &mut text)? as u64;
        if length == 0 {
            return Ok(None);
        }
        if text.last() != Some(&b'\n') && start + length < self.length {
            return Err(no_list());
        }
        let text = String::from_utf8(text).map_err(|_| no_list())?;
        Ok(Some(Line { start, end: start + length, text }))
    }
}

fn no_list() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the list of breached passwords has a line that is none")
}

#[cfg(test)]
mod tests {
    use frontdesk_types::Secret;

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("frontdesk-breaches-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn hashes(count: u32) -> Vec<(String, Sha1Hex)> {
        let mut all: Vec<_> = (0..count)
            .map(|number| Sha1Hex::of(&Secret::new(format!("password {number}"))))
            .map(|hash| (hash.text().to_owned(), hash))
            .collect();
        all.sort_by(|one, other| one.0.cmp(&other.0));
        all
    }

    #[test]
    fn every_line_of_a_file_is_found_and_nothing_else() {
        let folder = folder("file");
        for (count, ending) in [(1, "\r\n"), (2, "\n"), (3, ""), (500, "\r\n"), (501, "\n")] {
            let path = folder.join("list");
            let known = hashes(count);
            // Counts of different lengths, so that the lines have them too.
            let lines: Vec<_> =
                known.iter().enumerate().map(|(at, (hash, _))| format!("{hash}:{}", 1 + at * at)).collect();
            let between = if ending.is_empty() { "\n" } else { ending };
            std::fs::write(&path, lines.join(between) + ending).unwrap();
            let list = BreachList::open(&path).unwrap();
            for (_, hash) in &known {
                assert!(list.contains(hash).unwrap(), "{count} lines");
            }
            for number in 0..200 {
                let unknown = Sha1Hex::of(&Secret::new(format!("unknown {number}")));
                assert!(!list.contains(&unknown).unwrap(), "{count} lines");
            }
        }
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_folder_has_a_file_for_each_range() {
        let folder = folder("ranges");
        let known = Sha1Hex::of(&Secret::new("password"));
        std::fs::write(folder.join(known.prefix()), format!("{}:9\n{}:0\n", known.suffix(), "0".repeat(35)))
            .unwrap();
        let list = BreachList::open(&folder).unwrap();
        assert!(list.contains(&known).unwrap());
        std::fs::rename(folder.join(known.prefix()), folder.join(format!("{}.txt", known.prefix()))).unwrap();
        assert!(list.contains(&known).unwrap());
        let elsewhere = Sha1Hex::of(&Secret::new("password 2"));
        assert!(list.contains(&elsewhere).is_err(), "a range without a file is not silently clean");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_is_no_list_is_refused_at_the_start() {
        let folder = folder("none");
        let path = folder.join("list");
        let mut lines: Vec<_> = hashes(100).into_iter().map(|(hash, _)| hash).collect();
        lines.reverse();
        for text in [String::new(), "password\n".to_owned(), lines.join("\n"), "A".repeat(5000)] {
            std::fs::write(&path, &text).unwrap();
            assert!(BreachList::open(&path).is_err());
        }
        assert!(matches!(BreachList::open(folder.join("missing")), Err(OpenError::Unreadable(_))));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
