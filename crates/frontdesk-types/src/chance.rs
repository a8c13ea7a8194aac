//! Where random bytes come from.

/// A source of random bytes, handed to whoever needs chance: the operating system's in production, a seeded
/// generator in tests.
pub trait Randomness: Send {
    /// Fills the whole buffer.
    fn fill(&mut self, bytes: &mut [u8]);
}

impl dyn Randomness + '_ {
    /// A fixed number of random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A uniformly distributed number in `0..bound`, without modulo bias. `bound` must not be zero.
    pub fn below(&mut self, bound: u32) -> u32 {
        let zone = u32::MAX - u32::MAX % bound;
        loop {
            let candidate = u32::from_le_bytes(self.bytes());
            if candidate < zone {
                return candidate % bound;
            }
        }
    }

    /// A token of `N` random bytes, written in lower-case hexadecimal.
    pub fn hex<const N: usize>(&mut self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = String::with_capacity(N * 2);
        for byte in self.bytes::<N>() {
            text.push(DIGITS[usize::from(byte >> 4)] as char);
            text.push(DIGITS[usize::from(byte & 15)] as char);
        }
        text
    }
}
