//! Inputs made of a corpus by a generator with a number: the same number gives the same input on every machine.

/// Signs and numbers that parsers treat in a way of their own.
const TOKENS: [&[u8]; 24] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"'",
    b"\\",
    b"\\u0000",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\r\n",
    b",",
    b"=",
    b"<",
    b">",
    b"-1",
    b"18446744073709551616",
    b"1e999",
    b"NaN",
    b"\xf0\x9f\x92\xa9",
    b"#",
    b"@",
    b"\"\"\"",
];
/// An input has at most so many bytes.
const BYTES_MAX: usize = 16 << 10;

/// The generator: xorshift64*, which has one bit of state for each bit of its number.
pub(crate) struct Mutator(u64);

impl Mutator {
    pub(crate) fn new(number: u64) -> Self {
        // Neighbouring numbers begin far from one another; nought would stay nought.
        Self(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Returns a number below another one, which is not nought.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// Makes an input: one of the corpus with a few changes.
    pub(crate) fn input(&mut self, corpus: &[&[u8]]) -> Vec<u8> {
        let mut input = corpus[self.below(corpus.len())].to_vec();
        for _ in 0..=self.below(6) {
            self.change(&mut input, corpus);
        }
        input.truncate(BYTES_MAX);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, corpus: &[&[u8]]) {
        let at = self.below(input.len() + 1);
        let end = (at + 1 + self.below(16)).min(input.len());
        match self.below(8) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 => drop(input.drain(at.min(end)..end)),
            2 => drop(input.splice(at..at, TOKENS[self.below(TOKENS.len())].iter().copied())),
            3 => input.truncate(at),
            // A part again and again: depth and repetition.
            4 => {
                let part = input[at.min(end)..end].to_vec();
                let again = part.repeat(1 + self.below(64));
                drop(input.splice(at..at, again));
            }
            5 => {
                let other = corpus[self.below(corpus.len())];
                let from = self.below(other.len() + 1);
                drop(input.splice(at..at, other[from..].iter().copied()));
            }
            6 => {
                let token = TOKENS[self.below(TOKENS.len())].repeat(1 + self.below(2_000));
                drop(input.splice(at..at, token));
            }
            _ => {
                let byte = self.next() as u8;
                drop(input.splice(at..at, [byte]));
            }
        }
    }
}
