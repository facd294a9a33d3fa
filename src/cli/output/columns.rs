//! Tables for a terminal.

/// Aligns the cells of rows under each other; one line a row, without blanks at its end.
pub(in crate::cli) fn aligned<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_aligned_in_columns() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned);
        let rows = [row(["A", "LONG", "Z"]), row(["°°°", "b", ""])];
        assert_eq!(aligned(&rows), ["A    LONG  Z", "°°°  b"]);
    }
}
