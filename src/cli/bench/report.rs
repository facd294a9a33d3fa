//! The table that a benchmark prints: what was measured, the bar, and whether it is met.

use std::fmt;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

/// Collects and prints the lines of a benchmark.
#[derive(Default)]
pub(crate) struct Report {
    /// Every line since the part began, as printed.
    part: String,
    missed: Vec<String>,
    missed_of_part: Vec<String>,
}

impl Report {
    /// Prints a line as it is.
    pub(crate) fn text(&mut self, line: &str) {
        println!("{line}");
        self.part.push_str(line);
        self.part.push('\n');
    }

    /// Prints a figure that has no bar: a floor, a size, a count.
    pub(crate) fn line(&mut self, what: &str, value: f64, unit: &str) {
        self.text(&format!("{what:62}{value:12.3} {unit}"));
    }

    /// Prints what could not be measured here, and why.
    pub(crate) fn skip(&mut self, what: &str) {
        self.text(&format!("skipped: {what}"));
    }

    /// Prints a table, with an empty line on each side.
    pub(crate) fn table(&mut self, table: &Table) {
        self.text(&format!("\n{table}"));
    }

    /// Prints what was found, which is or is not as expected.
    pub(crate) fn expected(&mut self, what: &str, found: &str, is_expected: bool) {
        self.text(&format!("{what:62}{found}{}", if is_expected { "" } else { "  UNEXPECTED" }));
        if !is_expected {
            self.missed_of_part.push(format!("{what} {found}"));
        }
    }

    /// Prints a figure that is to be at most `bar`.
    pub(crate) fn at_most(&mut self, what: &str, value: f64, bar: f64, unit: &str) {
        self.judged(what, value, bar, unit, value <= bar, "≤");
    }

    /// Prints a figure that is to be at least `bar`.
    pub(crate) fn at_least(&mut self, what: &str, value: f64, bar: f64, unit: &str) {
        self.judged(what, value, bar, unit, value >= bar, "≥");
    }

    fn judged(&mut self, what: &str, value: f64, bar: f64, unit: &str, met: bool, sign: &str) {
        let verdict = if met { "met" } else { "MISSED" };
        self.text(&format!("{what:62}{value:12.3} {unit:12} bar {sign} {bar:.3}  {verdict}"));
        if !met {
            self.missed_of_part.push(what.to_owned());
        }
    }

    /// Ends a part, and returns the lines it printed, which end with the bars it missed.
    pub(crate) fn end_part(&mut self) -> String {
        if !self.missed_of_part.is_empty() {
            self.part.push_str(&format!("missed: {}\n", self.missed_of_part.join("; ")));
        }
        self.missed.append(&mut self.missed_of_part);
        std::mem::take(&mut self.part)
    }

    /// Prints which bars were missed.
    pub(crate) fn close(self) {
        if self.missed.is_empty() {
            println!("every bar was met");
        } else {
            println!("missed: {}", self.missed.join("; "));
        }
    }
}

/// Figures against something that grows: a column for each step.
pub(crate) struct Table {
    title: &'static str,
    columns: Vec<String>,
    /// What was measured, its unit, a figure a column.
    rows: Vec<(&'static str, &'static str, Vec<f64>)>,
}

impl Table {
    pub(crate) fn new(title: &'static str) -> Self {
        Self { title, columns: Vec::new(), rows: Vec::new() }
    }

    /// Begins the next column.
    pub(crate) fn begin_column(&mut self, title: &str) {
        self.columns.push(title.to_owned());
    }

    /// Sets a figure of the column begun last.
    pub(crate) fn set(&mut self, what: &'static str, value: f64, unit: &'static str) {
        let at = match self.rows.iter().position(|(known, ..)| *known == what) {
            Some(at) => at,
            None => {
                self.rows.push((what, unit, Vec::new()));
                self.rows.len() - 1
            }
        };
        // A row that is not measured in every column has gaps.
        let figures = &mut self.rows[at].2;
        figures.resize(self.columns.len().saturating_sub(1), f64::NAN);
        figures.push(value);
    }

    /// Returns a figure of the last column.
    pub(crate) fn last(&self, what: &str) -> f64 {
        self.figure(what, 1)
    }

    /// Returns a figure of the first column.
    pub(crate) fn first(&self, what: &str) -> f64 {
        self.figure(what, self.columns.len())
    }

    /// Returns a figure of the column before the last.
    pub(crate) fn before_last(&self, what: &str) -> f64 {
        self.figure(what, 2)
    }

    /// Returns a figure, counted from the last column, which is 1.
    pub(crate) fn figure(&self, what: &str, back: usize) -> f64 {
        let figures = self.rows.iter().find(|(known, ..)| *known == what).map(|(.., figures)| figures);
        let at = self.columns.len().checked_sub(back);
        figures.zip(at).and_then(|(figures, at)| figures.get(at)).copied().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:62}", self.title)?;
        self.columns.iter().try_for_each(|column| write!(f, "{column:>12}"))?;
        writeln!(f)?;
        for (what, unit, figures) in &self.rows {
            write!(f, "{what:62}")?;
            for at in 0..self.columns.len() {
                match figures.get(at).filter(|figure| figure.is_finite()) {
                    Some(figure) => write!(f, "{figure:12.3}")?,
                    None => write!(f, "{:>12}", "–")?,
                }
            }
            writeln!(f, " {unit}")?;
        }
        Ok(())
    }
}

/// Returns the mean time of one call in microseconds.
pub(crate) fn micros_each<E: std::error::Error + 'static>(
    calls: usize,
    mut call: impl FnMut(usize) -> Result<(), E>,
) -> Result<f64, Box<dyn std::error::Error>> {
    let start = Instant::now();
    for n in 0..calls {
        call(n)?;
    }
    Ok(start.elapsed().as_secs_f64() * 1e6 / calls as f64)
}

/// Returns the median time of an fdatasync after a small write: the floor of everything durable.
pub(crate) fn fdatasync_micros(folder: &Path) -> std::io::Result<f64> {
    let path = folder.join("fdatasync.probe");
    let mut file = std::fs::File::create(&path)?;
    let mut micros = Vec::new();
    for _ in 0..200 {
        file.write_all(&[7; 512])?;
        let start = Instant::now();
        file.sync_data()?;
        micros.push(start.elapsed().as_secs_f64() * 1e6);
    }
    std::fs::remove_file(path)?;
    Ok(median(&mut micros))
}

/// Returns the middle value.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    percentile(values, 0.5)
}

/// Returns the value below which the share `p` lies.
pub(crate) fn percentile(values: &mut [f64], p: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let at = ((values.len() as f64 - 1.0) * p).round() as usize;
    values.get(at).copied().unwrap_or(f64::NAN)
}
