//! Pages of a list: which part of it is asked for, and joining what was read page by page.

use super::super::error::Error;
use crate::graph::{self, CommitId};

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageAsked {
    /// How many items at the most.
    pub first: usize,
    /// Only what follows the item with this cursor, which the page before it has named.
    pub after: Option<String>,
}

/// A page of a list.
pub trait Page: Sized {
    /// Returns the commit that the list is of, under which the pages that follow are to be asked for.
    fn version(&self) -> &str;

    /// Returns how many items it has.
    fn item_count(&self) -> usize;

    /// Returns the cursor after which others follow; `None` where none does.
    fn next(&self) -> Option<&String>;

    /// Appends the page that follows.
    fn join(&mut self, following: Self);

    /// Reads so many items at the most, in pages of `page_max`; `read` receives which page, and the version where it follows another one, so
    /// that a name that moves meanwhile keeps what it meant.
    fn gather<E>(
        asked: &PageAsked,
        page_max: usize,
        mut read: impl FnMut(PageAsked, Option<&str>) -> Result<Self, E>,
    ) -> Result<Self, E> {
        let first = PageAsked { first: asked.first.min(page_max), after: asked.after.clone() };
        let mut gathered = read(first, None)?;
        while gathered.item_count() < asked.first
            && let Some(after) = gathered.next().cloned()
        {
            let first = (asked.first - gathered.item_count()).min(page_max);
            let following = read(PageAsked { first, after: Some(after) }, Some(gathered.version()))?;
            gathered.join(following);
        }
        Ok(gathered)
    }
}

/// Reads the cursor of a page of commits.
pub(super) fn commit_after(after: Option<&str>) -> Result<Option<CommitId>, Error> {
    let parsed = |text: &str| text.parse().map_err(|_| refused(text));
    after.map(parsed).transpose()
}

/// Refuses what no page has named.
pub(super) fn refused(cursor: &str) -> Error {
    graph::Error::Cursor(cursor.to_owned()).into()
}

/// Keeps so many items; returns whether there are more.
pub(super) fn cut<T>(items: &mut Vec<T>, first: usize) -> bool {
    let has_more = items.len() > first;
    items.truncate(first);
    has_more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Numbers(Vec<usize>, Option<String>);

    impl Page for Numbers {
        fn version(&self) -> &'static str {
            "abc"
        }

        fn item_count(&self) -> usize {
            self.0.len()
        }

        fn next(&self) -> Option<&String> {
            self.1.as_ref()
        }

        fn join(&mut self, following: Self) {
            self.0.extend(following.0);
            self.1 = following.1;
        }
    }

    #[test]
    fn pages_are_followed_until_enough_is_read() {
        let check = |first: usize,
                     after: Option<&str>,
                     expect: &[usize],
                     next: Option<&str>,
                     versions: &[Option<&str>]| {
            let mut asked_at = Vec::new();
            let asked = PageAsked { first, after: after.map(str::to_owned) };
            let read = |page: PageAsked, version: Option<&str>| {
                asked_at.push(version.map(str::to_owned));
                let from = page.after.map_or(0, |after| after.parse().expect("a number"));
                let numbers: Vec<usize> = (from + 1..=7).take(page.first).collect();
                let next = numbers.last().filter(|last| **last < 7).map(ToString::to_string);
                Ok::<_, Error>(Numbers(numbers, next))
            };
            let Numbers(numbers, found) = Numbers::gather(&asked, 3, read).expect("pages");
            assert_eq!((&numbers[..], found.as_deref()), (expect, next));
            assert_eq!(asked_at.iter().map(Option::as_deref).collect::<Vec<_>>(), versions);
        };
        check(2, None, &[1, 2], Some("2"), &[None]);
        check(5, Some("1"), &[2, 3, 4, 5, 6], Some("6"), &[None, Some("abc")]);
        check(usize::MAX, None, &[1, 2, 3, 4, 5, 6, 7], None, &[None, Some("abc"), Some("abc")]);
    }
}
