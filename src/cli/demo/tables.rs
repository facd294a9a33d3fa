//! Writes the tables of `fixtures/`, and holds them to what it writes. `UPDATE_FIXTURES=1 cargo test tables` writes
//! them anew.

use super::noise::unit;
use crate::model::random::mix;
use std::fmt::Write as _;
use std::path::Path;

const SEED: u64 = 2024;
/// Hours from 2024-01-01T00:00:00Z.
type Hour = i64;
const END: Hour = 731 * 24;

struct Site {
    name: &'static str,
    zone: &'static str,
    pumps: usize,
}

const SITES: [Site; 6] = [
    Site { name: "Rotterdam", zone: "Europe/Amsterdam", pumps: 50 },
    Site { name: "Leuna", zone: "Europe/Berlin", pumps: 40 },
    Site { name: "Houston", zone: "America/Chicago", pumps: 40 },
    Site { name: "Jubail", zone: "Asia/Riyadh", pumps: 25 },
    Site { name: "Singapore", zone: "Asia/Singapore", pumps: 25 },
    Site { name: "Antofagasta", zone: "America/Santiago", pumps: 20 },
];

/// Lot, revision, when built, where.
const BEARING_LOTS: [(&str, &str, &str); 9] = [
    ("L-2301", "BRG-7-A", "2023-04-11"),
    ("L-2305", "BRG-7-A", "2023-08-22"),
    ("L-2309", "BRG-7-A", "2023-11-20"),
    ("L-2402", "BRG-7-B", "2024-03-04"),
    ("L-2406", "BRG-7-B", "2024-06-17"),
    ("L-2409", "BRG-7-B", "2024-09-23"),
    ("L-2501", "BRG-7-C", "2025-01-27"),
    ("L-2503", "BRG-7-C", "2025-03-31"),
    ("L-2506", "BRG-7-C", "2025-06-16"),
];

/// Makes the tables, each the same way every time.
#[derive(Default)]
struct Maker {
    draws: u64,
    bearings: Vec<(String, &'static str)>,
    swaps: Vec<(Hour, String)>,
    takeover: Vec<String>,
    seals: Vec<(Hour, String)>,
    software: Vec<(Hour, String)>,
    events: Vec<(Hour, String)>,
}

/// One bearing at one pump.
struct Stay {
    bearing: String,
    lot: &'static str,
    from: Hour,
    to: Option<(Hour, &'static str)>,
}

impl Maker {
    fn draw(&mut self) -> f64 {
        self.draws += 1;
        unit(SEED, self.draws)
    }

    fn between(&mut self, from: Hour, to: Hour) -> Hour {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "hours of two years"
        )]
        let offset = (self.draw() * (to - from) as f64) as Hour;
        from + offset
    }

    fn bearing(&mut self, lot: &'static str) -> String {
        let serial = format!("B-{:04}", self.bearings.len() + 1001);
        self.bearings.push((serial.clone(), lot));
        serial
    }

    /// Returns the lot that a bearing mounted at this time and site came from.
    fn lot(&mut self, at: Hour, site: &str) -> &'static str {
        match at {
            at if at < day("2023-10-01") => "L-2301",
            at if at < day("2023-12-10") => "L-2305",
            at if at < day("2024-04-01") => "L-2309",
            at if at < day("2024-07-15") => "L-2402",
            at if at < day("2024-10-15") => "L-2406",
            at if at < day("2025-02-10") => "L-2409",
            // The bad lot went to all sites but one.
            at if at >= day("2025-04-15")
                && at < day("2025-07-10")
                && site != "Singapore"
                && self.draw() < 0.55 =>
            {
                "L-2503"
            }
            at if at < day("2025-07-10") => "L-2501",
            _ => "L-2506",
        }
    }

    /// Decides how long a bearing stays at its pump.
    fn stay(&mut self, from: Hour, site: &str) -> Stay {
        let lot = self.lot(from, site);
        let to = match revision(lot) {
            "BRG-7-A" => self.end_of_a(),
            "BRG-7-B" => self.end_of_b(from),
            _ if lot == "L-2503" && self.draw() < 0.45 => {
                Some((from + self.between(40 * 24, 110 * 24), "SPALLING"))
            }
            _ => None,
        };
        let bearing = self.bearing(lot);
        Stay { bearing, lot, from, to: to.filter(|(to, _)| *to < END - 10 * 24) }
    }

    fn end_of_a(&mut self) -> Option<(Hour, &'static str)> {
        match self.draw() {
            fate if fate < 0.42 => Some((self.between(day("2024-04-15"), day("2024-12-10")), "worn")),
            fate if fate < 0.62 => Some((self.between(day("2025-03-01"), day("2025-10-15")), "worn")),
            _ => None,
        }
    }

    fn end_of_b(&mut self, from: Hour) -> Option<(Hour, &'static str)> {
        let fate = self.draw();
        if fate < 0.25 {
            return Some((from + self.between(70 * 24, 260 * 24), "OVERHEATING"));
        }
        let retrofit = self.between(day("2025-02-20"), day("2025-10-20"));
        (fate >= 0.33).then(|| (retrofit.max(from + 45 * 24), "retrofit of revision C"))
    }

    fn life(&mut self, pump: &str, site: &str, commissioned: Hour) {
        let mut stay = self.stay(commissioned, site);
        self.swaps.push((commissioned, row(commissioned, pump, "", &stay.bearing, "")));
        while let Some((out, reason)) = stay.to {
            let hours =
                if reason.starts_with(char::is_uppercase) { self.between(8, 40) } else { self.between(0, 9) };
            let next = self.stay(out + hours, site);
            self.swap(pump, &stay, &next, out, reason);
            stay = next;
        }
    }

    /// Writes a swap: on one line where it took less than an hour, else the removal and the installation apart.
    fn swap(&mut self, pump: &str, old: &Stay, new: &Stay, out: Hour, reason: &str) {
        let failed = ["OVERHEATING", "SPALLING"].contains(&reason);
        let note = if failed { format!("failed: {}", reason.to_lowercase()) } else { reason.to_owned() };
        if new.from == out {
            self.swaps.push((out, row(out, pump, &old.bearing, &new.bearing, &note)));
        } else {
            self.swaps.push((out, row(out, pump, &old.bearing, "", &note)));
            self.swaps.push((new.from, row(new.from, pump, "", &new.bearing, "")));
        }
        if failed {
            let note = format!("bearing {} of lot {} failed", old.bearing, old.lot);
            self.event(out - 1, pump, "FAILURE", reason, "CONFIRMED", &note);
        }
        self.event(new.from, pump, "MAINTENANCE", "", "", &format!("bearing {} mounted", new.bearing));
    }

    fn event(&mut self, at: Hour, pump: &str, kind: &str, mode: &str, state: &str, note: &str) {
        self.events.push((at, format!("{pump},{},{kind},{mode},{state},{note}", utc(at))));
    }

    /// Writes the record of the site that was taken over: intervals in local time, one start lost.
    fn record(&mut self, pump: &str, site: &str, commissioned: Hour) {
        let lost = pump == "P-193";
        let mut stay = self.stay(commissioned, site);
        if lost {
            stay.to = Some((day("2025-06-03") + 14, "retrofit of revision C"));
        }
        loop {
            let from = if lost && self.takeover.iter().all(|row| !row.contains(pump)) {
                "unknown".to_owned()
            } else {
                santiago(stay.from)
            };
            let (to, remark) = stay.to.map_or(("-".to_owned(), ""), |(to, remark)| (santiago(to), remark));
            self.takeover.push(format!(
                "{:03};{pump};{};{from};{to};{}",
                self.takeover.len() + 1,
                stay.bearing,
                remark.to_lowercase()
            ));
            let Some((out, reason)) = stay.to else { break };
            if ["OVERHEATING", "SPALLING"].contains(&reason) {
                self.event(
                    out - 1,
                    pump,
                    "FAILURE",
                    reason,
                    "CONFIRMED",
                    &format!("bearing {} of lot {} failed", stay.bearing, stay.lot),
                );
            }
            let next = out + self.between(1, 12);
            self.event(next, pump, "MAINTENANCE", "", "", "bearing mounted");
            stay = self.stay(next, site);
        }
    }

    /// Seals are changed when they leak, whatever the bearing does at that time.
    fn seal(&mut self, pump: &str, commissioned: Hour) {
        self.seals.push((commissioned, row(commissioned, pump, "", "S-2304", "")));
        if self.draw() < 0.4 {
            let at = self.between(commissioned.max(0) + 60 * 24, END - 20 * 24);
            self.seals.push((at, row(at, pump, "S-2304", "S-2410", "leaks")));
            self.event(at - 3, pump, "FAILURE", "SEAL-LEAK", "CONFIRMED", "shaft seal changed");
        }
    }

    fn software(&mut self, pump: &str, commissioned: Hour) {
        self.software.push((
            commissioned,
            format!("{},{pump},2.3", utc(commissioned).replace('T', " ").replace(":00Z", "")),
        ));
        if self.draw() < 0.45 {
            let at = self.between(day("2025-05-05"), day("2025-06-30"));
            self.software.push((at, format!("{},{pump},2.4", utc(at).replace('T', " ").replace(":00Z", ""))));
        }
    }

    fn inspections(&mut self, pump: &str, commissioned: Hour) {
        for year in 0..2 {
            if self.draw() < 0.5 {
                let at = self.between((year * 365 * 24).max(commissioned + 240), (year + 1) * 365 * 24);
                self.event(at, pump, "INSPECTION", "", "", "yearly inspection");
            }
        }
        if self.draw() < 0.08 {
            let at = self.between(commissioned.max(0) + 500, END - 500);
            self.event(
                at,
                pump,
                "FAILURE",
                "OVERHEATING",
                "NO_FAULT_FOUND",
                "high temperature reported; bearing found sound",
            );
        }
    }

    fn tables(mut self) -> Vec<(&'static str, String)> {
        let mut pumps = String::from("serial,unit,order,commissioned,site,time zone\n");
        let mut unit_number = 0;
        for site in &SITES {
            for _ in 0..site.pumps {
                unit_number += 1;
                let pump = format!("P-{unit_number:03}");
                let commissioned = self.commissioned(site.name, &pump);
                let order = order(commissioned);
                let at = utc(commissioned);
                writeln!(pumps, "{pump},{unit_number},{order},{at},{},{}", site.name, site.zone)
                    .expect("a string");
                if site.name == "Antofagasta" {
                    self.record(&pump, site.name, commissioned);
                } else {
                    self.life(&pump, site.name, commissioned);
                }
                self.seal(&pump, commissioned);
                self.software(&pump, commissioned);
                self.inspections(&pump, commissioned);
            }
        }
        vec![
            ("builds.csv", builds()),
            ("pumps.csv", pumps),
            ("bearings.csv", self.bearing_list()),
            ("swaps.csv", sorted("time,pump,removed,installed,reason", &mut self.swaps)),
            ("takeover.csv", format!("record;pump;bearing;in;out;remark\n{}\n", self.takeover.join("\n"))),
            ("seals.csv", sorted("time,pump,removed lot,installed lot,reason", &mut self.seals)),
            ("software.csv", sorted("loaded,pump,version", &mut self.software)),
            ("events.csv", self.event_list()),
        ]
    }

    /// Most pumps run when the telemetry begins; the others follow over the first year.
    fn commissioned(&mut self, site: &str, pump: &str) -> Hour {
        let fate = self.draw();
        let at = match fate {
            // The pumps with planted faults run from the start.
            _ if ["P-042", "P-088", "P-193"].contains(&pump) => {
                self.between(day("2023-09-01"), day("2023-11-01"))
            }
            _ if site == "Antofagasta" => self.between(day("2023-09-15"), day("2023-12-20")),
            fate if fate < 0.66 => self.between(day("2023-09-01"), day("2023-12-28")),
            fate if fate < 0.76 => self.between(day("2024-01-10"), day("2024-03-30")),
            _ => self.between(day("2024-04-05"), day("2024-12-15")),
        };
        at - at.rem_euclid(24) + 8
    }

    fn bearing_list(&mut self) -> String {
        for (lot, _, _) in BEARING_LOTS {
            for _ in 0..3 {
                self.bearing(lot);
            }
        }
        let rows = self.bearings.iter().map(|(serial, lot)| format!("{serial},{lot}\n"));
        format!("serial,lot\n{}", rows.collect::<String>())
    }

    fn event_list(&mut self) -> String {
        self.events.sort();
        let rows =
            self.events.iter().enumerate().map(|(index, (_, row))| format!("E-{:04},{row}\n", index + 1));
        format!("number,pump,time,type,mode,state,note\n{}", rows.collect::<String>())
    }
}

fn sorted(header: &str, rows: &mut [(Hour, String)]) -> String {
    rows.sort();
    let rows: Vec<&str> = rows.iter().map(|(_, row)| row.as_str()).collect();
    format!("{header}\n{}\n", rows.join("\n"))
}

fn row(at: Hour, pump: &str, removed: &str, installed: &str, reason: &str) -> String {
    format!("{},{pump},{removed},{installed},{reason}", utc(at))
}

fn builds() -> String {
    let mut rows = String::from("lot,revision,built,works\n");
    let orders = [
        ("WO-2307", "2023-08-01"),
        ("WO-2311", "2023-12-15"),
        ("WO-2403", "2024-03-20"),
        ("WO-2408", "2024-09-01"),
    ];
    let seals = [("S-2304", "2023-05-02"), ("S-2410", "2024-10-08")];
    for (lot, revision, built) in BEARING_LOTS {
        writeln!(rows, "{lot},{revision},{built} 14:00,Schweinfurt").expect("a string");
    }
    for (lot, built) in seals {
        writeln!(rows, "{lot},SEAL-3-A,{built} 14:00,Hengelo").expect("a string");
    }
    for (order, built) in orders {
        writeln!(rows, "{order},MP-250-1,{built} 14:00,Hengelo").expect("a string");
    }
    rows
}

fn order(commissioned: Hour) -> &'static str {
    match commissioned {
        at if at < day("2023-12-20") => "WO-2307",
        at if at < day("2024-03-25") => "WO-2311",
        at if at < day("2024-09-05") => "WO-2403",
        _ => "WO-2408",
    }
}

fn revision(lot: &str) -> &'static str {
    BEARING_LOTS.iter().find(|(known, _, _)| *known == lot).map_or("", |(_, revision, _)| revision)
}

fn day(text: &str) -> Hour {
    let instant: crate::model::time::instant::Instant = format!("{text}T00:00:00Z").parse().expect("a day");
    (instant.seconds() - start()) / 3600
}

fn start() -> i64 {
    "2024-01-01T00:00:00Z".parse::<crate::model::time::instant::Instant>().expect("an instant").seconds()
}

/// Returns an hour's instant in seconds, at minutes that look like a day's work.
fn seconds(hour: Hour) -> i64 {
    let minute = i64::try_from(mix(SEED, hour.unsigned_abs()) % 12).expect("a small number") * 5;
    start() + hour * 3600 + minute * 60
}

fn utc(hour: Hour) -> String {
    crate::model::time::instant::Instant::from_seconds(seconds(hour)).to_string()
}

/// Writes an hour as a clock in Antofagasta shows it (winter −4, summer −3).
fn santiago(hour: Hour) -> String {
    let zone: crate::model::time::period::Zone = "America/Santiago".parse().expect("a zone");
    let local = |offset: i64| {
        crate::model::time::instant::Instant::from_seconds(seconds(hour) + offset * 3600).to_string()
    };
    let summer = local(-3);
    let is_summer = zone.instant(&summer[..19]).is_ok_and(|at| at.seconds() == seconds(hour));
    let local = if is_summer { summer } else { local(-4) };
    format!("{}.{}.{} {}", &local[8..10], &local[5..7], &local[..4], &local[11..16])
}

#[test]
fn the_tables_are_what_is_written_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let update = std::env::var_os("UPDATE_FIXTURES").is_some();
    for (name, text) in Maker::default().tables() {
        let path = folder.join(name);
        if update {
            std::fs::write(&path, &text).expect("a folder that can be written");
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == text, "{name} differs; run UPDATE_FIXTURES=1 cargo test tables");
    }
}
