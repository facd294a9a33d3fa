//! What two sorted lists do not share.

use std::cmp::Ordering;

/// Returns what only one of two sorted lists holds, and whether that is the second.
pub fn differing<'a, T: Ord + 'a>(
    before: impl Iterator<Item = &'a T>,
    after: impl Iterator<Item = &'a T>,
) -> impl Iterator<Item = (&'a T, bool)> {
    let (mut old, mut new) = (before.peekable(), after.peekable());
    std::iter::from_fn(move || {
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => return None,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                // Most are equal, and to see that is quicker than to order them.
                (Some(old), Some(new)) if old == new => Ordering::Equal,
                (Some(old), Some(new)) => old.cmp(new),
            };
            match order {
                Ordering::Less => return old.next().map(|old| (old, false)),
                Ordering::Greater => return new.next().map(|new| (new, true)),
                Ordering::Equal => drop((old.next(), new.next())),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_one_list_holds_is_found_in_order() {
        let check = |before: &[u8], after: &[u8], expect: &[(u8, bool)]| {
            let found: Vec<_> =
                differing(before.iter(), after.iter()).map(|(item, comes)| (*item, comes)).collect();
            assert_eq!(found, expect);
        };
        check(&[], &[], &[]);
        check(&[1, 3, 5], &[1, 3, 5], &[]);
        check(&[1, 3, 5], &[0, 3, 6], &[(0, true), (1, false), (5, false), (6, true)]);
        check(&[2], &[], &[(2, false)]);
        check(&[], &[2, 4], &[(2, true), (4, true)]);
    }
}
