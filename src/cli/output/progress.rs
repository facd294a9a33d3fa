//! Progress of long work, on a terminal only.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// Starts a spinner that shows what is going on; it is silent where there is no terminal.
pub(in crate::cli) fn spinner(what: impl Into<String>) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(what.into());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
