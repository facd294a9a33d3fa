//! Tables of a value over a grid of inputs, linear between its points.

/// A longer table is refused.
const ROWS_MAX: usize = 10_000;
/// More inputs are refused: each doubles the points that are looked at.
const INPUTS_MAX: usize = 6;

/// A value at each point of a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The places of each input, ascending.
    axes: Vec<Vec<f64>>,
    /// The value at each point, the last input changing first.
    values: Vec<f64>,
}

/// Why a text is no table, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Error {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl Table {
    /// Reads comma-separated text: a header with the names of the inputs and one more column for the value, then a row for each point of the
    /// grid, in any order.
    pub fn parse(text: &str, inputs: &[&str]) -> Result<Self, Error> {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let refuse = |line: usize, what: String| Err(Error { line: line + 1, what });
        let Some((first, header)) = lines.next() else {
            return refuse(0, "the table is empty: a header and rows are expected".to_owned());
        };
        if inputs.is_empty() || inputs.len() > INPUTS_MAX {
            return refuse(first, format!("a table has 1 to {INPUTS_MAX} inputs, not {}", inputs.len()));
        }
        let names: Vec<&str> = header.split(',').map(str::trim).collect();
        let places: Option<Vec<usize>> =
            inputs.iter().map(|input| names.iter().position(|name| name == input)).collect();
        let value = (0..names.len()).find(|at| !inputs.contains(&names[*at]));
        let (Some(places), Some(value), true) = (places, value, names.len() == inputs.len() + 1) else {
            let expected = inputs.join(", ");
            return refuse(
                first,
                format!("the columns are to be {expected} and one for the value, not {}", names.join(", ")),
            );
        };
        let mut rows: Vec<(Vec<f64>, f64, usize)> = Vec::new();
        for (line, row) in lines {
            let cells: Vec<Option<f64>> = row
                .split(',')
                .map(|cell| cell.trim().parse().ok().filter(|number: &f64| number.is_finite()))
                .collect();
            let Some(cells) = cells
                .iter()
                .copied()
                .collect::<Option<Vec<f64>>>()
                .filter(|cells| cells.len() == names.len())
            else {
                return refuse(line, format!("{} numbers are expected", names.len()));
            };
            if rows.len() == ROWS_MAX {
                return refuse(line, format!("{ROWS_MAX} rows are the most"));
            }
            rows.push((places.iter().map(|at| cells[*at]).collect(), cells[value], line));
        }
        Self::of(rows, inputs).or_else(|(line, what)| refuse(line, what))
    }

    fn of(rows: Vec<(Vec<f64>, f64, usize)>, inputs: &[&str]) -> Result<Self, (usize, String)> {
        let axes: Vec<Vec<f64>> = (0..inputs.len())
            .map(|input| {
                let mut axis: Vec<f64> = rows.iter().map(|(point, ..)| point[input]).collect();
                axis.sort_unstable_by(f64::total_cmp);
                axis.dedup();
                axis
            })
            .collect();
        for (axis, name) in axes.iter().zip(inputs) {
            if axis.len() < 2 {
                return Err((0, format!("{name} has {} places, 2 are the least", axis.len())));
            }
        }
        let size = axes.iter().try_fold(1_usize, |size, axis| size.checked_mul(axis.len()));
        let size = size.filter(|size| *size <= ROWS_MAX).unwrap_or(usize::MAX);
        if size != rows.len() {
            let places: Vec<String> = axes.iter().map(|axis| axis.len().to_string()).collect();
            return Err((
                0,
                format!("a grid of {} places has as many rows, there are {}", places.join(" × "), rows.len()),
            ));
        }
        let mut values = vec![f64::NAN; size];
        for (point, value, line) in rows {
            let at = axes
                .iter()
                .zip(&point)
                .fold(0, |at, (axis, place)| at * axis.len() + axis.partition_point(|other| other < place));
            if !values[at].is_nan() {
                return Err((line, "the point is in the table twice".to_owned()));
            }
            values[at] = value;
        }
        Ok(Self { axes, values })
    }

    /// Returns the least and the greatest place of each input.
    pub fn ranges(&self) -> Vec<(f64, f64)> {
        self.axes.iter().map(|axis| (axis[0], axis[axis.len() - 1])).collect()
    }

    /// Returns the value at a point, linear in each input between the points of the grid; `None` outside it.
    pub fn value(&self, point: &[f64]) -> Option<f64> {
        let mut corners = vec![(0_usize, 1.0_f64)];
        for (axis, place) in self.axes.iter().zip(point) {
            if !(axis[0]..=axis[axis.len() - 1]).contains(place) {
                return None;
            }
            let upper = axis.partition_point(|other| other < place).clamp(1, axis.len() - 1);
            let share = (place - axis[upper - 1]) / (axis[upper] - axis[upper - 1]);
            let split = |(at, weight): &(usize, f64)| {
                let at = at * axis.len() + upper;
                [(at - 1, weight * (1.0 - share)), (at, weight * share)]
            };
            corners = corners.iter().flat_map(split).filter(|(_, weight)| *weight > 0.0).collect();
        }
        Some(corners.iter().fold(0.0, |sum, (at, weight)| sum + weight * self.values[*at]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_linear_between_points() {
        let curve = Table::parse("wind, power\n3, 0\n5, 100\n\n10, 1100\n", &["wind"]).expect("a table");
        let check = |table: &Table, point: &[f64], expect: Option<f64>| {
            assert_eq!(table.value(point), expect, "{point:?}");
        };
        check(&curve, &[3.0], Some(0.0));
        check(&curve, &[4.0], Some(50.0));
        check(&curve, &[5.0], Some(100.0));
        check(&curve, &[6.0], Some(300.0));
        check(&curve, &[10.0], Some(1100.0));
        check(&curve, &[2.9], None);
        check(&curve, &[10.1], None);
        check(&curve, &[f64::NAN], None);
        // z = x + 10 y on the corners, rows in any order, columns too.
        let plane = Table::parse("y,z,x\n1,12,2\n0,1,1\n1,11,1\n0,2,2", &["x", "y"]).expect("a table");
        check(&plane, &[1.5, 0.5], Some(6.5));
        check(&plane, &[2.0, 1.0], Some(12.0));
        assert_eq!(plane.ranges(), [(1.0, 2.0), (0.0, 1.0)]);
    }

    #[test]
    fn what_is_no_grid_is_refused_with_its_line() {
        let check = |text: &str, inputs: &[&str], line: usize, expect: &str| {
            let error = Table::parse(text, inputs).expect_err(text);
            assert!(error.line == line && error.what.contains(expect), "{text}: {error}");
        };
        check("", &["x"], 1, "is empty");
        check("x,y\n1,2\n2,3", &["v"], 1, "are to be v and one for the value");
        check("x,y,z\n1,2,3", &["x"], 1, "are to be x and one");
        check("x,y\n1,2\n2,three", &["x"], 3, "2 numbers are expected");
        check("x,y\n1,2\n2", &["x"], 3, "2 numbers are expected");
        check("x,y\n1,2", &["x"], 1, "2 are the least");
        check("x,y\n1,2\n2,3\n1,4", &["x"], 1, "has as many rows, there are 3");
        check("x,y,z\n1,1,1\n1,1,2\n2,1,3\n2,2,4", &["x", "y"], 3, "twice");
        check("x,y\n1,2", &[], 1, "1 to 6 inputs");
    }
}
