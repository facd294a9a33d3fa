//! What a file is that is no table, by its first bytes.

/// Names what a file certainly is that does not begin as a table does, and what to do.
pub(super) fn foreign(start: &[u8]) -> Option<&'static str> {
    Some(match start {
        [b'P', b'K', 3, 4, ..] => {
            "an Excel workbook (.xlsx) or another archive; save the sheet as \"CSV UTF-8\""
        }
        [0xD0, 0xCF, 0x11, 0xE0, ..] => "an old Excel workbook (.xls); save the sheet as \"CSV UTF-8\"",
        // The marks of UTF-32, and an ASCII character in it.
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [1..=255, 0, 0, 0, ..] | [0, 0, 0, 1..=255, ..] => {
            "text in UTF-32, which is not read; save it as \"CSV UTF-8\""
        }
        [0x1F, 0x8B, ..] => "packed by gzip; end its name in .gz",
        [b'%', b'P', b'D', b'F', ..] => "a PDF document; export the table as CSV",
        [b'P', b'A', b'R', b'1', ..] => "a Parquet file; export the table as CSV",
        _ => return text(start),
    })
}

/// Names the notation of a text that is no table.
fn text(start: &[u8]) -> Option<&'static str> {
    let text: String = String::from_utf8_lossy(start).replace('\0', "").to_ascii_lowercase();
    let text = text.trim_start_matches(['\u{feff}', '\u{fffd}']).trim_start();
    let begins = |tags: &[&str]| tags.iter().any(|tag| text.starts_with(tag));
    let after = |bracket: char| text.strip_prefix(bracket).map(str::trim_start);
    if text.starts_with("<?xml") && text.contains("excel.sheet") {
        Some("a spreadsheet as XML; open it with a spreadsheet program and save it as \"CSV UTF-8\"")
    } else if begins(&["<!doctype html", "<html", "<head>", "<body", "<table", "<meta "]) {
        Some(
            "a web page (HTML), as some programs export tables under the name .xls, and servers send errors: look at it, \
             and save its table as \"CSV UTF-8\" with a spreadsheet program",
        )
    } else if begins(&["<?xml", "<!doctype"]) {
        Some("XML; export the table as CSV")
    } else if after('{').is_some_and(|rest| rest.starts_with('"'))
        || after('[').is_some_and(|rest| rest.starts_with(['{', '[']))
    {
        Some("JSON, perhaps the error of a server: look at it, and write its values as CSV")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_no_table_is_named() {
        let check = |start: &[u8], expect: Option<&str>| {
            let what = super::foreign(start);
            assert_eq!(
                what.map(|what| what.split([';', ',', ':']).next().unwrap_or_default()),
                expect,
                "{start:?}"
            );
        };
        check(b"\n<!DOCTYPE html>\n<html>", Some("a web page (HTML)"));
        check(b"\xef\xbb\xbf<HTML><body>", Some("a web page (HTML)"));
        check(b"<table border=1><tr>", Some("a web page (HTML)"));
        check(b"\xff\xfe<\0h\0t\0m\0l\0>\0", Some("a web page (HTML)"));
        check(
            b"<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>",
            Some("a spreadsheet as XML"),
        );
        check(b"<?xml version=\"1.0\"?>\n<ReqIF>", Some("XML"));
        check(b"{\"error\":\"Unauthorized\"}", Some("JSON"));
        check(b"[ {\"_time\": 1}]", Some("JSON"));
        for utf32 in
            [&b"\xff\xfe\0\0t\0\0\0"[..], b"\0\0\xfe\xff\0\0\0t", b"t\0\0\0;\0\0\0", b"\0\0\0t\0\0\0;"]
        {
            check(utf32, Some("text in UTF-32"));
        }
        check(b"t\0;\0", None);
        check(b"%PDF-1.7", Some("a PDF document"));
        check(b"PAR1\x15", Some("a Parquet file"));
        for table in
            ["<DATE>;<TIME>", "t;temp", "{unit};temp", "[°C];t", "PARTS;1", "PK;1", "", "\"{\"\"a\"\"}\";b"]
        {
            check(table.as_bytes(), None);
        }
    }
}
