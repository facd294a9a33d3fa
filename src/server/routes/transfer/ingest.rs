//! `POST /ingest`: tables of readings, as `throughline ingest` takes them; its flags are parameters of the same names.

use super::parameters::Parameters;
use super::refusal::Refusal;
use super::run::{Done, File, Media, Run};
use crate::app::report::transfer::ingest::IngestReport;
use crate::app::{Error, LayoutRequest, StatedDialect, TableRequest, Wanted};
use crate::exchange::table::Stated;
use serde_json::{Value, json};

const ONCE: [&str; 26] = [
    "time",
    "twin",
    "unit",
    "offset",
    "epoch",
    "step",
    "signal",
    "value",
    "unitsRow",
    "unitsColumn",
    "measurement",
    "delimiter",
    "encoding",
    "skipLines",
    "skipBelow",
    "header",
    "decimal",
    "thousands",
    "zone",
    "format",
    "yearsFrom",
    "ambiguous",
    "name",
    "job",
    "dryRun",
    "author",
];
const MANY: [&str; 3] = ["column", "empty", "literal"];

/// What an ingest is asked for.
#[derive(Debug)]
pub(super) struct Request {
    /// What errors call the body.
    pub(super) name: String,
    layout: LayoutRequest,
    pub(super) is_job: bool,
}

impl Request {
    /// Reads the parameters.
    pub(super) fn read(query: &str) -> Result<Self, Refusal> {
        let given = Parameters::read(query, &ONCE, &MANY)?;
        if let Some(name) = ["dryRun", "author"].into_iter().find(|name| given.text(name).is_some()) {
            return Err(Refusal::bad(format!("{name} is for imports: samples are stored as they are sent")));
        }
        let header = given.text("header").unwrap_or_default();
        let stated = Stated {
            delimiter: given.text("delimiter"),
            encoding: given.text("encoding"),
            header: header.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            empty: given.texts("empty"),
            literal: given.texts("literal"),
            decimal: given.value("decimal")?,
            thousands: given.value("thousands")?,
            zone: given.text("zone"),
            format: given.text("format"),
            years_from: given.value("yearsFrom")?,
            ambiguous: given.text("ambiguous"),
            ..Stated::default()
        };
        let (skip_lines, skip_below) = (given.value("skipLines")?, given.value("skipBelow")?);
        let layout = LayoutRequest {
            mapping: None,
            time: given.text("time"),
            twin: given.text("twin"),
            unit: given.text("unit"),
            offset: given.text("offset"),
            epoch: given.text("epoch"),
            step: given.text("step"),
            columns: given.texts("column"),
            signal: given.text("signal"),
            value: given.text("value"),
            units_row: given.flag("unitsRow")?,
            units_column: given.text("unitsColumn"),
            measurement: given.text("measurement"),
            dialect: StatedDialect { stated, skip_lines, skip_below },
        };
        let name = given.text("name").unwrap_or_else(|| "body".to_owned());
        Ok(Self { name, layout, is_job: given.flag("job")? })
    }

    /// Stores the readings of the files, one after the other.
    pub(super) fn run(&self, run: &Run<'_>, files: &[File]) -> Result<Value, Refusal> {
        let tables: Vec<_> = files.iter().map(|file| self.table(file)).collect::<Result<_, _>>()?;
        let (mut reports, mut new_series_max) = (Vec::new(), run.session.new_series_max());
        for (at, (file, table)) in files.iter().zip(tables).enumerate() {
            if at < run.before.files {
                let notes = vec!["stored before".to_owned()];
                reports.push(IngestReport { file: table.file, notes, ..IngestReport::default() });
                continue;
            }
            let skipped = if at == run.before.files { run.before.readings } else { 0 };
            let table = TableRequest { skipped, new_series_max, ..table };
            let open = || Ok(Wanted::new(file.bytes.as_slice(), run.wanted.clone()));
            let progress = |readings| (run.progress)(Done { files: at, readings });
            let stored = run.session.ingest_table(open, &table, progress)?;
            new_series_max = new_series_max.saturating_sub(stored.new_series);
            (run.progress)(Done { files: at + 1, readings: 0 });
            reports.push(IngestReport::new(&table.file, &stored));
        }
        let samples: u64 = reports.iter().map(|report| report.samples).sum();
        let refused: usize = reports.iter().map(|report| report.refused_count).sum();
        Ok(json!({ "samples": samples, "refusedCount": refused, "files": reports }))
    }

    /// Lays out the columns of a file.
    fn table(&self, file: &File) -> Result<TableRequest, Refusal> {
        if file.media != Media::Csv {
            return Err(Refusal::unsupported(format!("{}: no table of readings", file.name)));
        }
        let request = LayoutRequest { mapping: file.mapping.clone(), ..self.layout.clone() };
        let (layout, measurement) =
            (request.layout().map_err(|error: Error| Refusal::from(error))?, request.measurement());
        Ok(TableRequest { file: file.name.clone(), layout, measurement, skipped: 0, new_series_max: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_checked() {
        let request =
            Request::read("time=t&unit=P-1&column=a%3Dtemp&column=b&decimal=,&header=x,y&skipLines=2");
        let LayoutRequest { columns, dialect, .. } = request.expect("a request").layout;
        assert_eq!(columns, ["a=temp", "b"]);
        assert_eq!((dialect.stated.decimal, dialect.skip_lines), (Some(','), Some(2)));
        assert_eq!(dialect.stated.header, ["x", "y"]);
        for query in ["tmie=t", "decimal=,,", "skipLines=-1", "time=a&time=b", "unitsRow=2", "dryRun=true"] {
            assert!(Request::read(query).is_err(), "{query}");
        }
    }
}
