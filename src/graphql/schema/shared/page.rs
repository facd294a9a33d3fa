//! Relay's pages: their arguments, `PageInfo`, and cutting a list that is in memory.

use crate::graphql::engine::document::limits::{PAGE_DEFAULT, PAGE_MAX};
use crate::graphql::engine::types::build::object;
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Arguments, Value};
use crate::graphql::error::Error;

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
                Ok(info.start.clone().into())
            })
            .field("endCursor", "String", "The cursor of the last item.", |info, _| {
                Ok(info.end.clone().into())
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

impl Cut {
    /// Reads the arguments of a page.
    pub(crate) fn read(arguments: &Arguments) -> Result<Self, Error> {
        let (first, last) = (size(arguments, "first")?, size(arguments, "last")?);
        if first.is_some() && last.is_some() {
            return Err(Error::bad_input("ask for \"first\" or \"last\", not both"));
        }
        Ok(Self {
            after: arguments.text("after")?,
            before: arguments.text("before")?,
            limit: first.or(last).unwrap_or(PAGE_DEFAULT),
            from_end: last.is_some(),
        })
    }

    /// Refuses cursors that no item of the list could have.
    pub(crate) fn of_form(self, fits: impl Fn(&str) -> bool) -> Result<Self, Error> {
        match self.after.iter().chain(&self.before).find(|cursor| !fits(cursor)) {
            Some(cursor) => Err(Error::bad_input(format!("\"{cursor}\" is not a cursor of this list"))),
            None => Ok(self),
        }
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

/// Returns the arguments of a part of a list that has no cursors.
pub(crate) fn part_arguments() -> Vec<InputField> {
    vec![
        InputField::new(
            "first",
            "Int",
            "How many, at most 1000; all where absent, refused where those are more than 1000.",
        ),
        InputField::new("skip", "Int!", "How many to leave out first.").default(0),
    ]
}

/// Returns the part of a list that is asked for. A list that is asked for as a whole is never cut: it is refused where it is too
/// long for one answer.
pub(crate) fn part<'a, T>(items: &'a [T], arguments: &Arguments) -> Result<&'a [T], Error> {
    let first = size(arguments, "first")?;
    let skip = arguments.integer("skip")?.and_then(|skip| usize::try_from(skip).ok()).unwrap_or(0);
    let rest = items.get(skip..).unwrap_or_default();
    if first.is_none() && rest.len() > PAGE_MAX {
        return Err(Error::limit(format!(
            "there are {}, and {PAGE_MAX} are the most in one answer: ask for them with \"first\" and \"skip\"",
            items.len()
        )));
    }
    Ok(first.and_then(|first| rest.get(..first)).unwrap_or(rest))
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
    use async_graphql::{Name, Value as Input};

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
    fn a_part_is_what_was_asked_for_or_refused() {
        let check = |count: usize, first: Option<usize>, skip: usize, expect: Option<(usize, usize)>| {
            let items: Vec<usize> = (0..count).collect();
            let given = [("first", first), ("skip", Some(skip))].into_iter();
            let given = given.filter_map(|(name, value)| Some((Name::new(name), Input::from(value?))));
            let part = part(&items, &Arguments(given.collect())).ok();
            let got = part.map(|part| (part.first().copied().unwrap_or(count), part.len()));
            assert_eq!(got, expect, "{count} {first:?} {skip}");
        };
        check(5, None, 0, Some((0, 5)));
        check(5, Some(2), 1, Some((1, 2)));
        check(5, Some(9), 3, Some((3, 2)));
        check(5, None, 9, Some((5, 0)));
        check(1000, None, 0, Some((0, 1000)));
        check(1001, None, 0, None);
        check(1001, None, 1, Some((1, 1000)));
        check(1001, Some(1000), 0, Some((0, 1000)));
        check(1001, Some(1001), 0, None);
    }
}
