//! How the columns of a table of readings are to be understood: what is stated of them, by flags of the command line or parameters of a
//! request, or else by a mapping.

use crate::app::error::Error;
use crate::exchange::samples::{Clock, Layout, Signals, Twin, Units};
use crate::exchange::table::{Dialect, Mapping, Readings, Stated, Unreadable};
use crate::model::time::instant::Instant;
use crate::model::time::period::Period;

/// What is stated of a table of readings; a mapping states the rest.
#[derive(Clone, Debug, Default)]
pub struct LayoutRequest {
    /// The mapping.
    pub mapping: Option<Mapping>,
    /// The column that holds the time, or several in braces.
    pub time: Option<String>,
    /// The column that names the twin, or a name made of columns.
    pub twin: Option<String>,
    /// The one unit that all readings are of.
    pub unit: Option<String>,
    /// The column with the offset of each time.
    pub offset: Option<String>,
    /// When the time is 0, where it is a running number.
    pub epoch: Option<String>,
    /// How long a step of that number lasts.
    pub step: Option<String>,
    /// Wide table: a column and the signal that it holds, `COLUMN[=SIGNAL]`.
    pub columns: Vec<String>,
    /// Long table: the column that names the signal.
    pub signal: Option<String>,
    /// Long table: the column that holds the value.
    pub value: Option<String>,
    /// Whether the first line below the header states the units of the columns.
    pub units_row: bool,
    /// The column that states the units of the values.
    pub units_column: Option<String>,
    /// The measurement to store under.
    pub measurement: Option<String>,
    /// How the file is written.
    pub dialect: StatedDialect,
}

/// How a table is written; what is absent is as a mapping states it.
#[derive(Clone, Debug, Default)]
pub struct StatedDialect {
    /// As in [`Stated`], but for the numbers of lines.
    pub stated: Stated,
    /// How many lines are above the header.
    pub skip_lines: Option<usize>,
    /// How many lines below the header are no rows.
    pub skip_below: Option<usize>,
}

impl StatedDialect {
    /// Adds what a mapping states, and reads the dialect.
    pub fn over(&self, mapping: Stated) -> Result<Dialect, Unreadable> {
        let list = |own: &Vec<String>, stated: Vec<String>| if own.is_empty() { stated } else { own.clone() };
        let own = self.stated.clone();
        Dialect::new(&Stated {
            delimiter: own.delimiter.or(mapping.delimiter),
            encoding: own.encoding.or(mapping.encoding),
            skip_lines: self.skip_lines.unwrap_or(mapping.skip_lines),
            skip_below: self.skip_below.unwrap_or(mapping.skip_below),
            header: list(&own.header, mapping.header),
            empty: list(&own.empty, mapping.empty),
            literal: list(&own.literal, mapping.literal),
            decimal: own.decimal.or(mapping.decimal),
            thousands: own.thousands.or(mapping.thousands),
            zone: own.zone.or(mapping.zone),
            format: own.format.or(mapping.format),
            years_from: own.years_from.or(mapping.years_from),
            ambiguous: own.ambiguous.or(mapping.ambiguous),
        })
    }
}

/// What lacks or contradicts in a description of columns.
fn refuse<T>(message: impl Into<String>) -> Result<T, Error> {
    Err(Error::Layout(message.into()))
}

impl LayoutRequest {
    /// Returns the measurement to store under.
    pub fn measurement(&self) -> String {
        let stated = self.measurement.clone().or_else(|| self.readings().measurement);
        stated.unwrap_or_else(|| "telemetry".to_owned())
    }

    fn readings(&self) -> Readings {
        self.mapping.as_ref().and_then(Mapping::readings).cloned().unwrap_or_default()
    }

    /// Lays out the columns.
    pub fn layout(&self) -> Result<Layout, Error> {
        let readings = self.readings();
        let mut stated = self.mapping.as_ref().map_or_else(Stated::default, Mapping::stated);
        let units = match (&self.units_column, &readings.units_column) {
            (Some(column), _) => Units::Column(column.clone()),
            (None, _) if self.units_row || readings.units_row => Units::Row,
            (None, Some(column)) => Units::Column(column.clone()),
            (None, None) => Units::Unstated,
        };
        // The line with the units is no row.
        stated.skip_below = stated.skip_below.max(usize::from(units == Units::Row));
        let dialect = self.dialect.over(stated).map_err(|error| Error::Layout(error.to_string()))?;
        let offset = self.offset.clone().or_else(|| self.mapping.as_ref()?.offset().map(str::to_owned));
        let Some(time) = self.time.clone().or_else(|| readings.time.clone()) else {
            return refuse(
                "the column of the time is not stated (time), and no mapping with [readings] does",
            );
        };
        let (twin, clock) = (self.twin(&readings)?, self.clock(&readings)?);
        let signals = self.signals(&readings)?;
        Ok(Layout { dialect, mapping: self.mapping.clone(), time, offset, clock, twin, signals, units })
    }

    fn twin(&self, readings: &Readings) -> Result<Twin, Error> {
        match (&self.twin, &self.unit, &readings.twin, &readings.unit) {
            (Some(_), Some(_), ..) => refuse("both a twin and a unit are stated: leave one of them out"),
            (Some(column), ..) | (None, None, Some(column), None) => Ok(Twin::Column(column.clone())),
            (None, Some(unit), ..) | (None, None, None, Some(unit)) => Ok(Twin::Unit(unit.clone())),
            (None, None, None, None) => refuse(
                "neither the column of the twin (twin) nor the one unit (unit) is stated, and no mapping with [readings] does",
            ),
            (None, None, Some(_), Some(_)) => {
                refuse("[readings] has both a twin and a unit; leave one of them out")
            }
        }
    }

    fn signals(&self, readings: &Readings) -> Result<Signals, Error> {
        let long = |signal: &String, value: &String| {
            Ok(Signals::Long { signal: signal.clone(), value: value.clone() })
        };
        match (&self.signal, &self.value, &readings.signal, &readings.value) {
            (Some(signal), Some(value), ..) if self.columns.is_empty() => long(signal, value),
            (Some(_), ..) | (_, Some(_), ..) => {
                refuse("a long table needs both signal and value, and no columns of a wide one")
            }
            _ if !self.columns.is_empty() => {
                let pairs = self.columns.iter().map(|pair| pair.split_once('=').unwrap_or((pair, pair)));
                let owned = |(column, signal): (&str, &str)| (column.to_owned(), signal.to_owned());
                Ok(Signals::Wide(pairs.map(owned).collect()))
            }
            (_, _, Some(signal), Some(value)) if readings.signals.is_empty() => long(signal, value),
            (_, _, None, None) => {
                let pairs = readings.signals.iter();
                Ok(Signals::Wide(pairs.map(|(column, signal)| (column.clone(), signal.clone())).collect()))
            }
            _ => refuse("[readings] has either signals, or both signal and value"),
        }
    }

    fn clock(&self, readings: &Readings) -> Result<Clock, Error> {
        let epoch = self.epoch.as_ref().or(readings.epoch.as_ref());
        let step = self.step.as_ref().or(readings.step.as_ref());
        let (epoch, step) = match (epoch, step) {
            (None, None) => return Ok(Clock::Instant),
            (Some(epoch), Some(step)) => (epoch, step),
            _ => return refuse("a time that is a running number needs both an epoch and a step"),
        };
        let epoch: Instant = epoch.parse().or_else(|error| refuse(format!("epoch: {error}")))?;
        let step: Period = step.parse().or_else(|error| refuse(format!("step: {error}")))?;
        match step.exact_nanos() {
            Some(step_ns) => Ok(Clock::Count { epoch, step_ns }),
            None => refuse("a step must have the same length at any time, as PT1H has and P1M has not"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stated_applies_before_the_mapping() {
        let mapping =
            "[readings]\ntime = 't'\ntwin = 'serial'\nmeasurement = 'm'\nsignals = { a = 'temp' }\n";
        let mapping = Mapping::parse(mapping, "m.toml").expect("a mapping");
        let of = |change: fn(&mut LayoutRequest)| {
            let mut request = LayoutRequest { mapping: Some(mapping.clone()), ..LayoutRequest::default() };
            change(&mut request);
            (request.layout().map_err(|error| error.to_string()), request.measurement())
        };
        let (layout, measurement) = of(|_| {});
        let layout = layout.expect("a layout");
        assert!(matches!(&layout.twin, Twin::Column(column) if column == "serial"));
        assert_eq!((layout.time.as_str(), measurement.as_str()), ("t", "m"));
        let (layout, measurement) = of(|request| {
            request.unit = Some("P-1".to_owned());
            request.measurement = Some("n".to_owned());
            request.columns = vec!["b=flow".to_owned(), "c".to_owned()];
        });
        let layout = layout.expect("a layout");
        assert!(matches!(&layout.twin, Twin::Unit(unit) if unit == "P-1"));
        assert!(matches!(&layout.signals, Signals::Wide(pairs)
            if *pairs == [("b".to_owned(), "flow".to_owned()), ("c".to_owned(), "c".to_owned())]));
        assert_eq!(measurement, "n");
        let refused = |request: LayoutRequest, part: &str| {
            let message = request.layout().expect_err(part).to_string();
            assert!(message.contains(part), "{message}");
        };
        let some = |text: &str| Some(text.to_owned());
        refused(LayoutRequest::default(), "the column of the time");
        let timed = LayoutRequest { time: some("t"), ..LayoutRequest::default() };
        refused(timed.clone(), "the column of the twin");
        let timed = LayoutRequest { twin: some("u"), ..timed };
        refused(LayoutRequest { unit: some("P-1"), ..timed.clone() }, "both a twin and a unit");
        refused(LayoutRequest { signal: some("s"), ..timed.clone() }, "both signal and value");
        refused(LayoutRequest { epoch: some("2024-01-01T00:00:00Z"), ..timed.clone() }, "epoch and a step");
        let month = LayoutRequest { epoch: some("2024-01-01T00:00:00Z"), step: some("P1M"), ..timed };
        refused(month, "the same length");
    }
}
