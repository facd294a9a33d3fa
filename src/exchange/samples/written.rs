//! Samples as a table that can be read again: RFC 4180, one row a sample.

use crate::model::time::instant::Instant;
use std::io::{self, Write};

/// The names of the columns.
const HEADER: [&str; 6] = ["time", "twin", "measurement", "signal", "tags", "value"];

/// Writes samples row by row.
#[derive(Debug)]
pub struct Table<W: Write>(csv::Writer<W>);

impl<W: Write> Table<W> {
    /// Begins a table.
    pub fn new(out: W) -> io::Result<Self> {
        let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        table.write_record(HEADER)?;
        Ok(Self(table))
    }

    /// Writes a sample: `names` are its twin, measurement, signal and tags. The value is the shortest decimal that reads back as it.
    pub fn row(&mut self, at: Instant, names: [&str; 4], value: f64) -> io::Result<()> {
        let [twin, measurement, signal, tags] = names;
        let (at, value) = (at.to_string(), value.to_string());
        Ok(self.0.write_record([&at, twin, measurement, signal, tags, &value])?)
    }

    /// Writes what is left.
    pub fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_quoted_where_they_must_be() {
        let mut bytes = Vec::new();
        let mut table = Table::new(&mut bytes).expect("a header");
        let at = Instant::from_nanos(1_500_000_000);
        table.row(at, ["P-1", "m", "a \"b\", c", ""], 0.1).expect("a row");
        table.row(at, ["P-1", "m", "t", "x=1"], -20.0).expect("a row");
        table.finish().expect("the end");
        let text = String::from_utf8(bytes).expect("UTF-8");
        let rows: Vec<_> = text.split("\r\n").collect();
        assert_eq!(
            rows,
            [
                "time,twin,measurement,signal,tags,value",
                "1970-01-01T00:00:01.5Z,P-1,m,\"a \"\"b\"\", c\",,0.1",
                "1970-01-01T00:00:01.5Z,P-1,m,t,x=1,-20",
                ""
            ]
        );
    }
}
