//! Relay's pages: their arguments, `PageInfo`, and cutting a list that is in memory.

use crate::graphql::engine::document::limits::{PAGE_DEFAULT, PAGE_MAX};
use crate::graphql::engine::types::build::{ObjectBuilder, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Arguments, Value};
use crate::graphql::error::Error;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::ops::Range;

/// What a connection is.
pub(crate) const PAGE: &str = "A page of a list.";

/// What an edge is.
pub(crate) const EDGE: &str = "An item of a page, with its place in the list.";

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) after: Option<String>,
    pub(crate) before: Option<String>,
    pub(crate) limit: usize,
    pub(crate) from_end: bool,
}

/// Whether there is more on either side of a page, and its first and last cursors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageInfo {
    pub(crate) next: bool,
    pub(crate) previous: bool,
    pub(crate) start: Option<String>,
    pub(crate) end: Option<String>,
}

pub(crate) fn types() -> Vec<Definition> {
    vec![
        object::<PageInfo>("PageInfo",
            "The position of a page in its list. A page takes `first` items after the cursor `after`, or `last` items before \
             the cursor `before`: 50 by default, at most 1000. `filter` restricts the items: \
             an absent field is not tested, null is refused (`exists: false` finds what has no value). `orderBy` names what \
             decides the order; the IRI decides last.",
        )
            .field("hasNextPage", "Boolean!", "Whether more follow.", |info, _| Ok(info.next.into()))
            .field("hasPreviousPage", "Boolean!", "Whether some come before.", |info, _| {
                Ok(info.previous.into())
            })
            .field("startCursor", "String", "The cursor of the first item.", |info, _| {
                Ok(info.start.as_deref().map(opaque).into())
            })
            .field("endCursor", "String", "The cursor of the last item.", |info, _| {
                Ok(info.end.as_deref().map(opaque).into())
            })
            .done(),
    ]
}

/// Returns the arguments of every page. The description of `PageInfo` explains them once for all pages.
pub(crate) fn arguments() -> Vec<InputField> {
    vec![
        InputField::new("first", "Int", ""),
        InputField::new("after", "String", ""),
        InputField::new("last", "Int", ""),
        InputField::new("before", "String", ""),
    ]
}

/// Returns the arguments of a page of a list that is only read from its beginning.
pub(crate) fn forward_arguments() -> Vec<InputField> {
    vec![InputField::new("first", "Int", ""), InputField::new("after", "String", "")]
}

impl Cut {
    /// Reads the arguments of a page.
    pub(crate) fn read(arguments: &Arguments) -> Result<Self, Error> {
        let (first, last) = (size(arguments, "first")?, size(arguments, "last")?);
        if first.is_some() && last.is_some() {
            return Err(Error::bad_input("ask for \"first\" or \"last\", not both"));
        }
        Ok(Self {
            after: arguments.text("after")?.map(|cursor| read_cursor(&cursor)).transpose()?,
            before: arguments.text("before")?.map(|cursor| read_cursor(&cursor)).transpose()?,
            limit: first.or(last).unwrap_or(PAGE_DEFAULT),
            from_end: last.is_some(),
        })
    }

    /// Refuses cursors that no item of the list could have.
    pub(crate) fn of_form(self, fits: impl Fn(&str) -> bool) -> Result<Self, Error> {
        match self.after.iter().chain(&self.before).find(|cursor| !fits(cursor)) {
            Some(cursor) => Err(not_a_cursor(&opaque(cursor))),
            None => Ok(self),
        }
    }

    /// Returns which items of a list of so many are on the page, and whether there are more in its direction.
    pub(crate) fn range(&self, total: usize) -> Result<(Range<usize>, bool), Error> {
        let read = |cursor: &String| {
            let place = cursor.strip_prefix('#').and_then(|place| place.parse::<usize>().ok());
            place.ok_or_else(|| not_a_cursor(&opaque(cursor)))
        };
        let (after, before) =
            (self.after.as_ref().map(read).transpose()?, self.before.as_ref().map(read).transpose()?);
        let end = before.unwrap_or(total).min(total);
        let start = after.map_or(0, |after| after.saturating_add(1)).min(end);
        let has_more = end - start > self.limit;
        let range = match (has_more, self.from_end) {
            (false, _) => start..end,
            (true, false) => start..start + self.limit,
            (true, true) => end - self.limit..end,
        };
        Ok((range, has_more))
    }

    /// Describes a page that was taken with this cut.
    pub(crate) fn info(&self, has_more: bool, cursors: (Option<String>, Option<String>)) -> PageInfo {
        let (next, previous) = match self.from_end {
            false => (has_more || self.before.is_some(), self.after.is_some()),
            true => (self.before.is_some(), has_more || self.after.is_some()),
        };
        PageInfo { next, previous, start: cursors.0, end: cursors.1 }
    }

    /// Cuts a sorted list whose cursors sort as its items do.
    pub(crate) fn apply<T>(&self, items: Vec<T>, cursor: impl Fn(&T) -> &str) -> (Vec<T>, bool) {
        let inside = |item: &T| {
            self.after.as_deref().is_none_or(|after| cursor(item) > after)
                && self.before.as_deref().is_none_or(|before| cursor(item) < before)
        };
        let mut items: Vec<T> = items.into_iter().filter(inside).collect();
        let has_more = items.len() > self.limit;
        if self.from_end {
            items.drain(..items.len().saturating_sub(self.limit));
        } else {
            items.truncate(self.limit);
        }
        (items, has_more)
    }
}

/// Returns a count that was made because it is asked for.
pub(crate) fn total(count: Option<usize>) -> Result<Value, Error> {
    count.map(Value::from).ok_or_else(|| Error::broken("a count that was not made"))
}

/// A page of a list that is in memory.
pub(crate) struct Listed<T> {
    entries: Vec<Entry<T>>,
    info: PageInfo,
    /// Absent where all would have to be read to count them.
    total: Option<usize>,
}

/// One item of such a page.
#[derive(Clone)]
struct Entry<T> {
    item: T,
    cursor: String,
}

impl<T> Listed<T> {
    fn new(entries: Vec<Entry<T>>, cut: &Cut, has_more: bool, total: Option<usize>) -> Self {
        let cursor = |entry: Option<&Entry<T>>| entry.map(|entry| entry.cursor.clone());
        let info = cut.info(has_more, (cursor(entries.first()), cursor(entries.last())));
        Self { entries, info, total }
    }
}

/// Returns the types of pages of objects of the type `name`, whose parent value is a `T`.
pub(crate) fn connection<T: Clone + 'static>(name: &str) -> [Definition; 2] {
    let counted = pages::<T>(name).field("totalCount", "Int!", "", |page, _| total(page.total));
    [counted.done(), edge::<T>(name)]
}

/// Returns the types of pages of a list that nobody has counted.
pub(crate) fn uncounted_connection<T: Clone + 'static>(name: &str) -> [Definition; 2] {
    [pages::<T>(name).done(), edge::<T>(name)]
}

fn pages<T: Clone + 'static>(name: &str) -> ObjectBuilder<Listed<T>> {
    object::<Listed<T>>(&format!("{name}Connection"), PAGE)
        .field("edges", &format!("[{name}Edge!]!"), "", |page, _| {
            Ok(Value::objects(page.entries.iter().cloned()))
        })
        .field("nodes", &format!("[{name}!]!"), "", |page, _| {
            Ok(Value::objects(page.entries.iter().map(|entry| entry.item.clone())))
        })
        .field("pageInfo", "PageInfo!", "", |page, _| Ok(Value::object(page.info.clone())))
}

fn edge<T: Clone + 'static>(name: &str) -> Definition {
    object::<Entry<T>>(&format!("{name}Edge"), EDGE)
        .field("cursor", "String!", "", |entry, _| Ok(opaque(&entry.cursor).into()))
        .field("node", &format!("{name}!"), "", |entry, _| Ok(Value::object(entry.item.clone())))
        .done()
}

/// Cuts a page out of a list that is in memory and never changes, and wraps its items.
pub(crate) fn listed<I, T: 'static>(
    items: &[I],
    arguments: &Arguments,
    wrap: impl Fn(&I) -> T,
) -> Result<Value, Error> {
    let cut = Cut::read(arguments)?;
    let (range, has_more) = cut.range(items.len())?;
    let first = range.start;
    let entry = |(at, item): (usize, &I)| Entry { item: wrap(item), cursor: place(first + at) };
    let entries = items[range].iter().enumerate().map(entry).collect();
    Ok(Value::object(Listed::new(entries, &cut, has_more, Some(items.len()))))
}

/// Cuts a page out of a list that is sorted by the name of its items, so that a page goes on where the one before ended though items
/// came and went between.
pub(crate) fn named<T: 'static>(items: Vec<(String, T)>, arguments: &Arguments) -> Result<Value, Error> {
    let (cut, total) = (Cut::read(arguments)?, items.len());
    let entries = items.into_iter().map(|(cursor, item)| Entry { item, cursor }).collect();
    let (entries, has_more) = cut.apply(entries, |entry: &Entry<T>| &entry.cursor);
    Ok(Value::object(Listed::new(entries, &cut, has_more, Some(total))))
}

/// Reads a list from its beginning as far as the page that is asked for, and returns that page. `read` is given how many items it
/// has to return at the most.
pub(crate) fn read_forward<I, T: 'static>(
    arguments: &Arguments,
    read: impl FnOnce(usize) -> Result<Vec<I>, Error>,
    wrap: impl Fn(I) -> T,
) -> Result<Value, Error> {
    let cut = Cut::read(arguments)?;
    let first = cut.range(usize::MAX)?.0.start;
    let items = read(first.saturating_add(cut.limit).saturating_add(1))?;
    let has_more = items.len() > first.saturating_add(cut.limit);
    let entry = |(at, item)| Entry { item: wrap(item), cursor: place(first + at) };
    let entries = items.into_iter().skip(first).take(cut.limit).enumerate().map(entry).collect();
    Ok(Value::object(Listed::new(entries, &cut, has_more, None)))
}

/// Writes the place of an item in a list as a cursor.
pub(crate) fn place(at: usize) -> String {
    format!("#{at}")
}

/// Writes a cursor as clients see it.
pub(crate) fn opaque(cursor: &str) -> String {
    URL_SAFE_NO_PAD.encode(cursor)
}

/// Reads a cursor that clients have seen.
pub(crate) fn read_cursor(text: &str) -> Result<String, Error> {
    let cursor = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    cursor.ok_or_else(|| not_a_cursor(text))
}

fn not_a_cursor(text: &str) -> Error {
    Error::bad_input(format!("\"{text}\" is not a cursor of this list"))
}

/// Reads the size of a page.
pub(crate) fn size(arguments: &Arguments, name: &str) -> Result<Option<usize>, Error> {
    let Some(size) = arguments.integer(name)? else { return Ok(None) };
    match usize::try_from(size) {
        Ok(size) if size <= PAGE_MAX => Ok(Some(size)),
        Ok(_) => Err(Error::limit(format!("\"{name}\" may be {PAGE_MAX}, not {size}"))),
        Err(_) => Err(Error::bad_input(format!("\"{name}\" must not be negative"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_a_list() {
        let check = |after: Option<&str>, before: Option<&str>, limit, from_end, expect: &str, more| {
            let cut =
                Cut { after: after.map(str::to_owned), before: before.map(str::to_owned), limit, from_end };
            let items: Vec<String> = "abcdef".chars().map(String::from).collect();
            let (items, has_more) = cut.apply(items, |item| item);
            assert_eq!((items.concat().as_str(), has_more), (expect, more));
        };
        check(None, None, 2, false, "ab", true);
        check(Some("b"), None, 9, false, "cdef", false);
        check(None, None, 2, true, "ef", true);
        check(None, Some("c"), 2, true, "ab", false);
        check(Some("a"), Some("f"), 2, true, "de", true);
        check(Some("f"), None, 2, false, "", false);
    }

    #[test]
    fn cuts_a_list_by_places() {
        let check =
            |after: Option<usize>, before: Option<usize>, limit, from_end, expect: Range<usize>, more| {
                let cut = Cut { after: after.map(place), before: before.map(place), limit, from_end };
                assert_eq!(cut.range(6).expect("cursors of the list"), (expect, more));
            };
        check(None, None, 2, false, 0..2, true);
        check(Some(1), None, 9, false, 2..6, false);
        check(None, None, 2, true, 4..6, true);
        check(None, Some(2), 2, true, 0..2, false);
        check(Some(0), Some(5), 2, true, 3..5, true);
        check(Some(5), None, 2, false, 6..6, false);
        check(Some(usize::MAX), Some(2), 2, false, 2..2, false);
        let foreign = Cut { after: Some("part/1".to_owned()), before: None, limit: 1, from_end: false };
        assert!(foreign.range(6).is_err());
    }
}
