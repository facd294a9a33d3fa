//! Finds the names that a misspelt one may have meant.

/// How many names are suggested at most.
const SUGGESTED_MAX: usize = 3;

/// Returns `; did you mean a or b?` with the nearest names, or nothing where none is near.
pub fn hint<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    question(&near(name, names))
}

/// Returns `; did you mean a or b?`, or nothing where there are no names.
pub fn question<T: AsRef<str>>(names: &[T]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    if names.is_empty() { String::new() } else { format!("; did you mean {}?", names.join(" or ")) }
}

/// Returns the nearest names, at most three, the nearest first.
pub fn near<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = name.to_lowercase();
    let length = wanted.chars().count();
    // Every name of one or two letters is one edit away.
    if length < 2 {
        return Vec::new();
    }
    let far = if length < 5 { 1 } else { (length / 3).max(2) };
    let mut near: Vec<(usize, &str)> = names
        .into_iter()
        .map(|name| (distance(&wanted, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= far.min(name.chars().count().max(2) - 1))
        .collect();
    near.sort_unstable();
    near.dedup();
    // The very name in another case, or of another namespace, is what was meant.
    if near.first().is_some_and(|(distance, _)| *distance == 0) {
        near.retain(|(distance, _)| *distance == 0);
    }
    near.into_iter().map(|(_, name)| name).take(SUGGESTED_MAX).collect()
}

/// Counts the edits (Levenshtein) between two texts; one that starts the other is one edit away.
fn distance(one: &str, other: &str) -> usize {
    if one.len() >= 3 && other.starts_with(one) {
        return usize::from(one != other);
    }
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_what_is_near() {
        let names = ["identifier", "commissionedAt", "retiredAt", "site", "level"];
        let check = |name: &str, expect: &str| assert_eq!(hint(name, names), expect, "{name}");
        check("Identifer", "; did you mean identifier?");
        check("commissioned", "; did you mean commissionedAt?");
        check("LEVEL", "; did you mean level?");
        check("sites", "; did you mean site?");
        check("colour", "");
        check("s", "");
    }
}
