//! Offsets of local times, as a column beside them states them.

use crate::model::time::instant::{Instant, OFFSET_MINUTES_MAX};
use crate::model::time::period::{Shown, Zone};

/// Returns the instant of a local time whose offset is stated as `+02:00`, `+0200`, `+2`, `Z`, `UTC+2`, or by the
/// abbreviation that the zone gives its time (`CEST`). The error states what would be right.
pub(in crate::exchange::table) fn instant(
    iso: &str,
    offset: &str,
    zone: Option<&Zone>,
) -> Result<Instant, String> {
    let local = Zone::UTC.instant(iso).map_err(|error| error.to_string())?;
    let shown = zone.map(|zone| zone.shown(iso)).transpose().map_err(|error| error.to_string())?;
    let candidates = match shown {
        None => Vec::new(),
        Some(Shown::Once(at)) => vec![at],
        Some(Shown::Twice(earlier, later)) => vec![earlier, later],
    };
    if let Some(nanos) = numeric(offset) {
        let instant = local.plus_nanos(-nanos);
        return match zone {
            Some(zone) if !candidates.contains(&instant) => {
                let own: Vec<String> = candidates.iter().map(|at| zone.abbreviation(*at)).collect();
                Err(format!("{offset} is no offset of the stated zone at {iso} ({} there)", own.join(" or ")))
            }
            _ => Ok(instant),
        };
    }
    let german = GERMAN.iter().find(|(german, _)| german.eq_ignore_ascii_case(offset));
    let name = german.map_or(offset, |(_, name)| name);
    let named = zone.and_then(|zone| {
        candidates.iter().find(|at| zone.abbreviation(**at).eq_ignore_ascii_case(name)).copied()
    });
    named.ok_or_else(|| {
        let known: Vec<String> =
            zone.map_or_else(Vec::new, |zone| candidates.iter().map(|at| zone.abbreviation(*at)).collect());
        let known =
            if known.is_empty() { String::new() } else { format!(", or {} at {iso}", known.join(" or ")) };
        format!("\"{offset}\" is no offset such as +02:00 or Z{known}")
    })
}

/// German abbreviations, and those of the database of zones.
const GERMAN: [(&str, &str); 2] = [("MESZ", "CEST"), ("MEZ", "CET")];

/// Reads an offset in nanoseconds; a number needs its sign, as a bare 1 may as well be a flag of summer time.
fn numeric(text: &str) -> Option<i64> {
    let text = text.trim();
    let rest = ["UTC", "GMT"].iter().find_map(|name| text.strip_prefix(name)).map_or(text, str::trim_start);
    if matches!(rest, "" | "Z" | "z") && !text.is_empty() {
        return Some(0);
    }
    let (sign, digits) = match rest.chars().next()? {
        '+' => (1, &rest[1..]),
        '-' => (-1, &rest[1..]),
        '\u{2212}' => (-1, &rest['\u{2212}'.len_utf8()..]),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
        None => (digits, "0"),
    };
    let number = |text: &str| {
        let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<i64>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let all = hours * 60 + minutes;
    (all <= i64::from(OFFSET_MINUTES_MAX) && minutes < 60).then_some(sign * all * 60_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_resolve_local_times() {
        let check = |iso: &str, offset: &str, zone: Option<&str>, expect: &str| {
            let zone: Option<Zone> = zone.map(|zone| zone.parse().expect("a zone"));
            let got = instant(iso, offset, zone.as_ref()).map_or_else(|error| error, |at| at.to_string());
            assert_eq!(got, expect, "{iso} {offset}");
        };
        let (twice, berlin) = ("2024-10-27T02:30:00", Some("Europe/Berlin"));
        check(twice, "+02:00", None, "2024-10-27T00:30:00Z");
        check(twice, "+1", berlin, "2024-10-27T01:30:00Z");
        check(twice, "UTC+0200", berlin, "2024-10-27T00:30:00Z");
        check(twice, "CET", berlin, "2024-10-27T01:30:00Z");
        check(twice, "cest", berlin, "2024-10-27T00:30:00Z");
        check(twice, "MEZ", berlin, "2024-10-27T01:30:00Z");
        check(twice, "Z", None, "2024-10-27T02:30:00Z");
        check(twice, "-03:30", None, "2024-10-27T06:00:00Z");
        check(
            twice,
            "+03:00",
            berlin,
            "+03:00 is no offset of the stated zone at 2024-10-27T02:30:00 (CEST or CET there)",
        );
        check(
            "2024-07-01T02:30:00",
            "1",
            berlin,
            "\"1\" is no offset such as +02:00 or Z, or CEST at 2024-07-01T02:30:00",
        );
        check(twice, "EST", None, "\"EST\" is no offset such as +02:00 or Z");
        check(twice, "+14:00", None, "2024-10-26T12:30:00Z");
        for none in ["+14:01", "-15", "+2400", "+02:60"] {
            check(twice, none, None, &format!("\"{none}\" is no offset such as +02:00 or Z"));
        }
    }
}
