//! Regular expressions of a query, compiled once, and refused where matching one could take longer than a query may.
//!
//! Matching never backtracks, but in the worst case it takes time by the size of the expression times the length of the text,
//! and cannot be stopped meanwhile.

use super::budget::Budget;
use super::error::Error;
use regex::{Regex, RegexBuilder};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The largest compiled expression, as in the evaluator.
const PROGRAM_BYTES_MAX: usize = 1_000_000;
/// An expression of this size is matched against any text.
const PROGRAM_BYTES_ALWAYS: usize = 16 << 10;
/// The largest product of the sizes of an expression and a text.
const WORK_MAX: usize = 1 << 33;
/// How many compiled expressions are kept.
const KEPT_MAX: usize = 16;

/// The expression, its flags, and how large it may be.
type Key = (String, String, usize);

/// The regular expressions of one evaluation.
pub(super) struct Patterns {
    budget: Arc<Budget>,
    kept: Mutex<HashMap<Key, Option<Regex>>>,
}

impl Patterns {
    pub(super) fn new(budget: Arc<Budget>) -> Self {
        Self { budget, kept: Mutex::default() }
    }

    /// Returns a compiled expression for a text of a length; `None` where it is none.
    pub(super) fn compiled(&self, pattern: &str, flags: &str, text_bytes: usize) -> Option<Regex> {
        self.budget.tick_text(text_bytes);
        let bytes_max = program_bytes_max(text_bytes);
        let compiled = self.get(pattern, flags, bytes_max);
        if compiled.is_none() && bytes_max < PROGRAM_BYTES_MAX {
            self.get(pattern, flags, PROGRAM_BYTES_MAX)?;
            self.budget.stop(Error::Pattern(text_bytes));
        }
        compiled
    }

    fn get(&self, pattern: &str, flags: &str, bytes_max: usize) -> Option<Regex> {
        let key = (pattern.to_owned(), flags.to_owned(), bytes_max);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(&key) {
            return known.clone();
        }
        self.budget.look();
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        let compiled = compile(pattern, flags, bytes_max);
        kept.insert(key, compiled.clone());
        compiled
    }
}

/// Returns how large an expression may be that is matched against a text: a power of two, so that few sizes are compiled.
fn program_bytes_max(text_bytes: usize) -> usize {
    let share = WORK_MAX / text_bytes.max(1).next_power_of_two();
    share.clamp(PROGRAM_BYTES_ALWAYS, PROGRAM_BYTES_MAX)
}

/// Compiles an expression as the evaluator does.
fn compile(pattern: &str, flags: &str, bytes_max: usize) -> Option<Regex> {
    let escaped = flags.contains('q').then(|| regex::escape(pattern));
    let mut builder = RegexBuilder::new(escaped.as_deref().unwrap_or(pattern));
    builder.size_limit(bytes_max);
    for flag in flags.chars() {
        match flag {
            's' => builder.dot_matches_new_line(true),
            'm' => builder.multi_line(true),
            'i' => builder.case_insensitive(true),
            'x' => builder.ignore_whitespace(true),
            'q' => &mut builder,
            _ => return None,
        };
    }
    builder.build().ok()
}
