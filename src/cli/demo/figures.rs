//! Values of answers as people read them.

use serde_json::Value;

/// Returns the items of a list; none where there is none.
pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Writes a value as it is, nothing where there is none.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// Rounds to a whole number, with marks between thousands.
pub(super) fn whole(value: &Value) -> String {
    let digits = format!("{:.0}", value.as_f64().unwrap_or_default());
    let count = digits.len();
    let mark = |(index, digit): (usize, char)| {
        let is_marked = index > 0 && (count - index).is_multiple_of(3);
        is_marked.then_some(',').into_iter().chain(Some(digit))
    };
    digits.chars().enumerate().flat_map(mark).collect()
}

/// Rounds to one decimal.
pub(super) fn one_decimal(value: &Value) -> String {
    value.as_f64().map(|value| format!("{value:.1}")).unwrap_or_default()
}

/// Writes a value in the unit given beside it.
pub(super) fn with_unit(value: &Value, of: &Value) -> String {
    if value.is_null() {
        return "-".to_owned();
    }
    format!("{} {}", one_decimal(value), text(&of["unit"]["symbol"]))
}

/// Writes a share in percent.
pub(super) fn percent(share: &Value) -> String {
    format!("{:.0} %", 100.0 * share.as_f64().unwrap_or_default())
}

/// Writes an instant to the minute.
pub(super) fn minute(instant: &Value) -> String {
    text(instant).replace('T', " ").chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_written_for_people() {
        let check = |value: f64, expect: &str| assert_eq!(whole(&json!(value)), expect);
        check(0.0, "0");
        check(999.4, "999");
        check(1_000.0, "1,000");
        check(1_598_024.0, "1,598,024");
        assert_eq!(with_unit(&json!(-19.111), &json!({ "unit": { "symbol": "°C" } })), "-19.1 °C");
        assert_eq!(minute(&json!("2025-05-08T09:15:00Z")), "2025-05-08 09:15");
    }
}
