//! What the service logs, and how: `[log]` in `throughline.toml`.

use serde::Deserialize;
use std::time::Duration;

/// What the service logs, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct LogSettings {
    /// The least severe level that is logged.
    pub level: LogLevel,
    /// How entries are written.
    pub format: LogFormat,
    /// Whether each request is logged, whatever the level.
    pub requests: bool,
    /// From which time on an operation is logged as slow; none where it is absent.
    pub slow: Option<Duration>,
}

/// How severe an entry is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// What failed.
    Error,
    /// What an operator should look at.
    #[default]
    Warn,
    /// What is usual.
    Info,
    /// What helps to find a fault.
    Debug,
}

/// How entries are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines of text.
    #[default]
    Text,
    /// A line of JSON each.
    Json,
}

/// How long an operation may take before it is logged as slow.
const SLOW_SECONDS: f64 = 5.0;

impl Default for LogSettings {
    fn default() -> Self {
        let (level, format) = (LogLevel::default(), LogFormat::default());
        Self { level, format, requests: false, slow: Some(Duration::from_secs_f64(SLOW_SECONDS)) }
    }
}

/// The settings as written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Written {
    level: Option<LogLevel>,
    format: Option<LogFormat>,
    requests: Option<bool>,
    slow_seconds: Option<f64>,
}

impl Written {
    /// Takes the default for what is not written; 0 seconds log nothing as slow.
    pub(super) fn settings(self) -> Result<LogSettings, String> {
        let default = LogSettings::default();
        let slow = match self.slow_seconds {
            None => default.slow,
            Some(seconds) if (0.0..=86_400.0).contains(&seconds) => {
                (seconds > 0.0).then(|| Duration::from_secs_f64(seconds))
            }
            Some(seconds) => return Err(format!("\"slowSeconds\" under [log] is 0 to 86400, not {seconds}")),
        };
        Ok(LogSettings {
            level: self.level.unwrap_or(default.level),
            format: self.format.unwrap_or(default.format),
            requests: self.requests.unwrap_or(default.requests),
            slow,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_slow_is_read_or_refused() {
        let read =
            |text: &str| toml::from_str::<Written>(text).map_err(|error| error.to_string())?.settings();
        let check = |text: &str, expect: Option<f64>| {
            assert_eq!(read(text).expect(text).slow, expect.map(Duration::from_secs_f64), "{text}");
        };
        check("", Some(5.0));
        check("slowSeconds = 0", None);
        check("slowSeconds = 0.25", Some(0.25));
        for wrong in ["slowSeconds = -1", "slowSeconds = nan", "slowSeconds = 1e9"] {
            assert!(read(wrong).expect_err(wrong).contains("0 to 86400"), "{wrong}");
        }
        assert!(read("level = 'loud'").expect_err("no level").contains("unknown variant"));
    }
}
