//! The format of the tree of a commit, read from its `throughline.toml`: where documents lie. A version never changes, so each commit
//! keeps the format it was made in; a branch goes on in its head's until it is migrated.

/// The file with the format of a commit, and the IRI that the thread's own names begin with.
pub(in crate::graph) const SETTINGS: &str = "throughline.toml";

/// A format of trees; see [`super::document`] for where each puts a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Format {
    /// 256 folders.
    One,
    /// 4,096 folders.
    Two,
    /// 65,536 folders, and only names that every file system can hold beside each other.
    Three,
}

pub(in crate::graph) const FORMATS: [(Format, &str); 3] =
    [(Format::One, "1"), (Format::Two, "2"), (Format::Three, "3")];

impl Format {
    /// What new repositories are made in.
    pub(crate) const NEWEST: Self = Self::Three;

    fn name(self) -> &'static str {
        FORMATS.iter().find(|(format, _)| *format == self).map_or("", |(_, name)| name)
    }

    /// Writes the settings of a commit.
    pub(crate) fn settings(self, base: &str) -> String {
        format!("format = {}\nbase = \"{base}\"\n", self.name())
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_they_are_written() {
        for (format, _) in FORMATS {
            let (read, base) = Format::read(&format.settings("https://example.org/")).expect("settings");
            assert_eq!((read, base.as_str()), (format, "https://example.org/"));
        }
        let check = |text: &str, expect: &str| {
            let message = Format::read(text).expect_err(text).to_string();
            assert!(message.contains(expect), "{text}: {message}");
        };
        check("format = 4\nbase = \"https://example.org/\"\n", "of format 4");
        check("base = \"https://example.org/\"\n", "of format unknown");
        check("format = 3\n", "no base");
        check("format", "no TOML");
    }
}
