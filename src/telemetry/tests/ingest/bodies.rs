//! Bodies of line protocol: what of them is stored, refused or noted.

use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use crate::telemetry::error::Error;
use crate::telemetry::ingest::batch::Batch;
use crate::telemetry::ingest::line::Precision;
use crate::telemetry::ingest::written::Written;
use crate::telemetry::series::key::SeriesKey;
use crate::telemetry::settings::Settings;
use crate::telemetry::store::Store;
use crate::telemetry::tests::{only, open, piece, span};
use std::sync::Arc;

fn write(store: &Store, body: &[u8]) -> Written {
    store.write_lines(body, Precision::Seconds).expect("a test write")
}

/// Writes a body into a store of its own; `expect` lists the samples of `P` as `field@instant=value`, then the refusals as
/// `line: message`, then the notes.
fn check(body: &str, expect: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let written = write(&store, body.as_bytes());
    let view = store.now();
    let mut seen = Vec::new();
    for series in view.series_of("P") {
        let samples = view.samples(series.id, span(0, 100_000), 100).unwrap();
        seen.extend(samples.iter().map(|sample| {
            format!(
                "{}@{}={}",
                series.field,
                sample.at.nanos() / crate::telemetry::tests::SECOND,
                sample.value
            )
        }));
    }
    seen.extend(written.rejected.iter().map(|bad| format!("{}: {}", bad.line, bad.message)));
    seen.extend(written.notes());
    assert_eq!(seen, expect, "{body:?}");
}

#[test]
fn nothing_inside_a_string_becomes_a_sample() {
    let text = |line: usize, value: &str| {
        format!("{line}: field \"s\": {value} is text; only numbers and booleans can be stored")
    };
    let left_out = "1 text field was left out, the numbers beside are stored; the first is \"s\" in line 1";
    check("m,twin=P s=\"a\nm,twin=P v=9 1\nb\",v=1 2\nm,twin=P v=2 3", &["v@2=1", "v@3=2", left_out]);
    check(
        "m,twin=P s=\"a\r\nm,twin=P v=9 1\r\n\" 2\r\nm,twin=P v=2 3\r\n",
        &["v@3=2", &text(1, "\"a\\r\\nm,twin=P v=9 1\\r\\n\"")],
    );
    check(
        "m,twin=P s=\"say \\\"\nm,twin=P v=9 1\n\\\\\" 2\nx",
        &[
            &text(1, "\"say \\\"\\nm,twin=P v=9 1\\n\\\\\""),
            "4: expected fields after the measurement and tags",
        ],
    );
    check("m,twin=P v=1,s=\"a,v=9\" 2", &["v@2=1", left_out]);
}

#[test]
fn a_string_that_does_not_end_takes_what_it_covers_and_no_more() {
    check(
        "m,twin=P v=1 1\nm,twin=P v=2,s=\"cut\nm,twin=P v=9 3\n",
        &["v@1=1", "2: a quoted string opens in line 2 and does not end: lines 2 to 3 cannot be read"],
    );
    check(
        "m,twin=P v=1 1\nm,twin=P s=\"",
        &["v@1=1", "2: a quoted string opens in line 2 and does not end: that line cannot be read"],
    );
    check(
        "m,twin=P s=\"a\nm,twin=P s=\"b\" 2\nm,twin=P v=9 3",
        &["1: a quoted string opens in line 2 and does not end: lines 1 to 3 cannot be read"],
    );
    check(
        "m,twin=P s=\"a\"b\",v=9 2\nm,twin=P v=9 3",
        &["1: a quoted string opens in line 1 and does not end: lines 1 to 2 cannot be read"],
    );
    check(
        "m,twin=P s=\"a\"b,v=9 2\nm,twin=P v=1 3",
        &[
            "v@3=1",
            "1: field \"s\": \"\"a\"b\" goes on behind its closing quotation mark; inside a string, write a quotation mark as \\\"",
        ],
    );
}

#[test]
fn fields_of_a_point_are_kept_one_by_one() {
    check(
        "m,twin=P q=\"OK (0x0)\",t=7.5,on=T,n=3u 5\nm,twin=P q=\"OK\",t=8 6",
        &[
            "t@5=7.5",
            "t@6=8",
            "on@5=1",
            "n@5=3",
            "2 text fields were left out, the numbers beside are stored; the first is \"q\" in line 1",
        ],
    );
    let kept = "; the other fields of the line are stored";
    let not_finite = |field: &str, value: &str| {
        format!("1: field \"{field}\": \"{value}\" is not a finite number or boolean{kept}")
    };
    for value in ["NaN", "nan", "-inf", "+Inf", "-Infinity", "1e400"] {
        check(&format!("m,twin=P a={value},v=1 5"), &["v@5=1", &not_finite("a", value)]);
    }
    let small = format!("1: field \"a\": \"1e-400\" is too small for a double, which would make it 0{kept}");
    check("m,twin=P a=1e-400,v=1 5", &["v@5=1", &small]);
    let beyond = format!(
        "1: field \"a\": \"18446744073709551615u\" lies beyond what a double holds exactly (2^53){kept}"
    );
    check("m,twin=P a=18446744073709551615u,v=1 5", &["v@5=1", &beyond]);
    let beyond = beyond.replace("18446744073709551615u", &format!("{}i", "9".repeat(40)));
    check(&format!("m,twin=P a={}i,v=1 5", "9".repeat(40)), &["v@5=1", &beyond]);
    // What is of no type leaves unknown where its point's fields end.
    for value in ["hot", "0x1F", "1,5", "-5u", "5 i", "1_000"] {
        let folder = tempfile::tempdir().unwrap();
        let written = write(&open(folder.path()), format!("m,twin=P v=1,a={value} 5").as_bytes());
        assert_eq!((written.samples, written.rejected_count), (0, 1), "{value}");
    }
    check(
        "m,twin=P q=\"bad\",a=NaN 5",
        &[
            "1: field \"q\": \"bad\" is text; only numbers and booleans can be stored; field \"a\": \"NaN\" is not a finite number or boolean",
        ],
    );
}

#[test]
fn a_mark_before_the_first_line_is_no_text() {
    check("\u{feff}m,twin=P v=1 5\r\n", &["v@5=1"]);
    check("\u{feff}# from Windows\r\nm,twin=P v=1 5", &["v@5=1"]);
    check(
        "m,twin=P v=1 5\n\u{feff}m,twin=P v=2 6",
        &["v@5=1", "2: the measurement \"\\u{feff}m\" has a byte-order mark (U+FEFF) in it"],
    );
    check(
        "m,twin=P,a\u{200b}=1 v=1 5\nm,twin=P v\u{1}=1,w=2 6",
        &[
            "1: the tag \"a\\u{200b}\" has an invisible character (U+200B) in it",
            "2: the field \"v\\u{1}\" has a control character (U+0001) in it",
        ],
    );
    check(
        "m,twin=P\\  v=1 5\nm,twin=P\u{a0} v=1 5\nm,twin=\u{ff30} v=1 5",
        &[
            "1: the twin \"P \" ends with a space, which nobody sees: leave it out",
            "2: the twin \"P\u{a0}\" has the blank U+00A0 in it, which looks like a space: write a space, or leave it out",
            "3: the twin \"\u{ff30}\" has \u{ff30} (U+FF30) in it, another form of a plain letter, digit or sign: write \"P\"",
        ],
    );
    let folder = tempfile::tempdir().unwrap();
    let utf16: Vec<u8> = "\u{feff}m,twin=P v=1 5".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let refused = open(folder.path()).write_lines(&utf16, Precision::Seconds);
    assert!(matches!(&refused, Err(Error::Encoding(why)) if why.contains("UTF-16")), "{refused:?}");
}

#[test]
fn samples_that_replace_each_other_in_one_write_are_noted() {
    let note = |samples: &str, at: &str| {
        format!(
            "{samples} replaced by a later one of the same series and instant with another value; the first is \"v\" of \"P\" in \"m\" at 1970-01-01T00:00:0{at}Z"
        )
    };
    check("m,twin=P v=1 5\nm,twin=P v=2 5\nm,twin=P v=3 5", &["v@5=3", &note("2 samples were", "5")]);
    check("m,twin=P v=1,v=2 5", &["v@5=2", &note("1 sample was", "5")]);
    check("m,twin=P v=1 5\nm,twin=P v=2 6\nm,twin=P v=4 5", &["v@5=4", "v@6=2", &note("1 sample was", "5")]);
    check("m,twin=P v=1 7\nm,twin=P v=1 7\nm,twin=P v=2 6", &["v@6=2", "v@7=1"]);
    check("m,twin=P v=1 7\nm,twin=P,depth=2 v=2 7", &["v@7=1", "v@7=2"]);

    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut batch = Batch::new();
    let series = batch.series(SeriesKey::new("P", "m", "v"));
    [1.0, 2.0].into_iter().for_each(|value| batch.push(series, Instant::from_seconds(5), value));
    let replaced = store.write(batch.clone()).unwrap().replaced.expect("a note");
    assert_eq!((replaced.count, replaced.series), (1, SeriesKey::new("P", "m", "v")));
    // What an earlier write stored is not of this write.
    assert_eq!(write(&store, b"m,twin=P v=9 5").notes(), Vec::<String>::new());
    let hidden = batch.series(SeriesKey::new("P", "m", "v\u{feff}"));
    batch.push(hidden, Instant::from_seconds(5), 1.0);
    let written = store.write(batch).unwrap();
    assert!(written.rejected[0].message.contains("byte-order mark"), "{:?}", written.rejected);
}

/// Stores a body in pieces of two samples; `expect` is how many samples were replaced, and the second of the first.
fn check_pieces(body: &str, expect: Option<(usize, i64)>) {
    for seals in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { seal_rows: if seals { 1 } else { 1000 }, ..Settings::default() };
        let store = Store::open_with(
            folder.path(),
            Arc::new(FixedClock::new(Instant::from_seconds(1_700_000_000))),
            settings,
        )
        .unwrap();
        // Of an earlier write, which is none of this one's.
        write(&store, b"m,twin=P v=77 5");
        let written = store.write_lines_in_pieces(body.as_bytes(), Precision::Seconds, 2).unwrap();
        let replaced = written.replaced.map(|replaced| (replaced.count, replaced.at));
        let expect = expect.map(|(count, at)| (count, Instant::from_seconds(at)));
        assert_eq!(replaced, expect, "{body:?} {seals}");
    }
}

#[test]
fn samples_that_a_later_piece_of_one_write_replaces_are_noted() {
    let lines = |samples: &[(&str, i32, i32)]| {
        let line = |(twin, value, at): &(&str, i32, i32)| format!("m,twin={twin} v={value} {at}\n");
        samples.iter().map(line).collect::<String>()
    };
    let check = |samples: &[(&str, i32, i32)], expect| check_pieces(&lines(samples), expect);
    check(&[("P", 1, 5), ("P", 1, 6), ("P", 2, 5), ("P", 1, 7)], Some((1, 5)));
    check(&[("P", 1, 5), ("P", 1, 6), ("P", 1, 5), ("P", 1, 6)], None);
    check(&[("P", 1, 5), ("P", 1, 6), ("P", 1, 7), ("P", 1, 8)], None);
    check(&[("P", 1, 5), ("Q", 1, 5), ("Q", 2, 5), ("P", 2, 5), ("P", 3, 5)], Some((3, 5)));
    check(&[("P", 1, 5), ("P", 2, 5), ("P", 3, 4), ("P", 3, 5)], Some((2, 5)));
    check(&[("P", 1, 9), ("P", 2, 8), ("P", 3, 7), ("P", 3, 6), ("P", 4, 8), ("P", 4, 7)], Some((2, 7)));
}

#[test]
fn samples_that_one_write_replaces_itself_are_counted_but_not_kept_in_memory() {
    let check = |instants: &[i64], kept: usize| {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let line = |at: usize| format!("m,twin=P v={at} {}\n", instants[at % instants.len()]);
        let written = write(&store, (0..1000).map(line).collect::<String>().as_bytes());
        assert_eq!((written.samples, written.rejected_count), (1000, 0));
        let head = |store: &Store| {
            let catalog = store.shared().catalog.read();
            catalog.tracks()[0].snapshot(i64::MIN, i64::MAX, u64::MAX).head.len()
        };
        assert_eq!(head(&store), kept, "{instants:?}");
        let summary = |store: &Store| {
            let view = store.now();
            let summary = only(&view, piece(view.series_of("P")[0].id, span(0, 3600)));
            (summary.count, summary.overwritten, summary.max)
        };
        let expect = (instants.len() as u64, 1000 - instants.len() as u64, Some(999.0));
        assert_eq!(summary(&store), expect, "{instants:?}");
        store.seal().unwrap();
        assert_eq!(summary(&store), expect, "{instants:?}, sealed");
        // What another write brings lies behind a watermark.
        write(&store, b"m,twin=P v=5 5");
        assert_eq!(head(&store), 1);
    };
    // A row counts up to 255 others.
    check(&[5], 4);
    check(&[5, 6], 4);
    check(&[6, 5, 7], 6);
}
