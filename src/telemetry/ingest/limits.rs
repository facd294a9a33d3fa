//! How long the name of a series may be, and how many series there may be: names are read at every start and stay in memory.

use super::catalog::Names;
use crate::telemetry::series::key::SeriesKey;
use crate::telemetry::series::name::shortened;
use crate::telemetry::settings::Settings;

/// The bounds of new series; see [`Settings`].
#[derive(Clone, Copy, Debug)]
pub(in crate::telemetry) struct Limits {
    /// How many one request may bring.
    per_request: usize,
    name_bytes: usize,
    tags: usize,
    series: usize,
    bytes: usize,
}

impl Limits {
    /// Takes the bounds from the settings.
    pub(in crate::telemetry) fn of(settings: &Settings) -> Self {
        Self {
            per_request: settings.new_series_max,
            name_bytes: settings.name_bytes_max,
            tags: settings.tags_max,
            series: settings.series_max,
            bytes: settings.names_bytes_max,
        }
    }

    /// Lets a request bring so many series fewer, as it has brought them already.
    #[must_use]
    pub(in crate::telemetry) fn after(self, series: usize) -> Self {
        Self { per_request: self.per_request.saturating_sub(series), ..self }
    }

    /// Lets one request bring so many series.
    pub(super) fn bringing(self, series: usize) -> Self {
        Self { per_request: series, ..self }
    }

    /// Refuses the name of a series that is too long.
    pub(super) fn check_name(&self, key: &SeriesKey) -> Result<(), String> {
        self.check_length("twin", &key.twin)?;
        self.check_length("measurement", &key.measurement)?;
        self.check_length("field", &key.field)?;
        for (tag, value) in &key.tags {
            self.check_length("tag", tag)?;
            self.check_length(&format!("value of the tag \"{tag}\""), value)?;
        }
        if key.tags.len() > self.tags {
            let (count, most) = (key.tags.len(), self.tags);
            return Err(format!(
                "the series has {count} tags, at most {most} are taken {}",
                setting("tagsMax")
            ));
        }
        Ok(())
    }

    fn check_length(&self, what: &str, name: &str) -> Result<(), String> {
        let (length, most) = (name.len(), self.name_bytes);
        if length <= most {
            return Ok(());
        }
        let (start, setting) = (shortened(name), setting("nameBytesMax"));
        Err(format!("the {what} \"{start}\" has {length} bytes, at most {most} are taken {setting}"))
    }

    /// Refuses one series more than there may be, where a request brings some with so many bytes already.
    pub(super) fn check_room(
        &self,
        names: &Names,
        fresh: (usize, usize),
        key: &SeriesKey,
    ) -> Result<(), String> {
        let (count, bytes) = fresh;
        if count >= self.per_request {
            let (most, setting) = (self.per_request, setting("newSeriesMax"));
            return Err(format!(
                "a request may bring at most {most} new series, this line would bring one more {setting}"
            ));
        }
        if names.live() + count >= self.series {
            let (most, setting) = (self.series, setting("seriesMax"));
            return Err(format!("there are {most} series, and this line would bring one more {setting}"));
        }
        if names.bytes() + bytes + key.bytes() > self.bytes {
            let (most, setting) = (self.bytes, setting("namesBytesMax"));
            return Err(format!("the names of all series would have more than {most} bytes {setting}"));
        }
        Ok(())
    }
}

/// Explains how to raise a bound.
fn setting(name: &str) -> String {
    format!("({name} under [telemetry] in throughline.toml)")
}
