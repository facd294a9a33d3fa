//! The names of further threads of a service, and where the paths of each begin.
//!
//! A service serves its first thread at `/`, and each further one at `/t/NAME/`, with the same paths below.

use std::fmt;
use tracing::Span;

/// The longest name.
const BYTES_MAX: usize = 40;
/// What the paths of all further threads begin with.
const BEGIN: &str = "/t/";

/// The name of a further thread of a service: a part of paths and of the names of cookies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreadName(String);

impl ThreadName {
    /// Takes lower-case letters, digits and `-`, the first of them no `-`; refuses any other text with the reason.
    pub fn new(text: &str) -> Result<Self, String> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_name =
            (1..=BYTES_MAX).contains(&text.len()) && !text.starts_with('-') && text.bytes().all(is_plain);
        is_name.then(|| Self(text.to_owned())).ok_or_else(|| {
            format!(
                "\"{text}\" is no name of a thread: write 1 to {BYTES_MAX} lower-case letters, digits and -, as press"
            )
        })
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ThreadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where the paths of a thread begin: at the root of the service, or at `/t/NAME`. Whatever writes a path for clients begins it with this.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mount(Option<ThreadName>);

impl Mount {
    /// Mounts a further thread.
    pub fn of(name: ThreadName) -> Self {
        Self(Some(name))
    }

    /// Returns the span of what the thread does beside requests: all that is logged within it carries the name of a further thread.
    pub fn span(&self) -> Span {
        match &self.0 {
            Some(name) => tracing::error_span!("background", thread = name.as_str()),
            None => Span::none(),
        }
    }

    /// Returns the name of a further thread; none where it is the first one.
    pub fn name(&self) -> Option<&ThreadName> {
        self.0.as_ref()
    }

    /// Returns a path of the thread, such as `/pages/`, as clients send it.
    pub fn path(&self, path: &str) -> String {
        format!("{self}{path}")
    }

    /// Returns the path of the thread that clients send as this one; `None` where it is of another thread.
    pub fn inside<'a>(&self, path: &'a str) -> Option<&'a str> {
        let Some(name) = &self.0 else { return Some(path) };
        let rest = path.strip_prefix(BEGIN)?.strip_prefix(name.as_str())?;
        matches!(rest.bytes().next(), None | Some(b'/' | b'?')).then_some(rest)
    }
}

impl fmt::Display for Mount {
    /// Writes what paths of the thread begin with: nothing for the first one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |name| write!(f, "{BEGIN}{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_a_part_of_a_path_and_of_a_cookie() {
        let check = |text: &str, is_name: bool| assert_eq!(ThreadName::new(text).is_ok(), is_name, "{text}");
        for text in ["press", "7", "press-2", &"a".repeat(BYTES_MAX)] {
            check(text, true);
        }
        for text in ["", "-a", "Press", "a/b", "a.b", "a b", "é", "a_b", "..", &"a".repeat(BYTES_MAX + 1)] {
            check(text, false);
        }
    }

    #[test]
    fn a_path_of_a_mount_leads_back_inside() {
        let press = Mount::of(ThreadName::new("press").expect("a name"));
        for (mount, path, expect) in [
            (Mount::default(), "/pages/", "/pages/"),
            (press.clone(), "/pages/", "/t/press/pages/"),
            (press.clone(), "", "/t/press"),
        ] {
            assert_eq!(mount.path(path), expect);
            assert_eq!(mount.inside(expect), Some(path), "{expect}");
        }
        for other in ["/pages/", "/t/presses/pages/", "/t/other/", "/t/", "/t/press.x", "t/press/"] {
            assert_eq!(press.inside(other), None, "{other}");
        }
    }
}
