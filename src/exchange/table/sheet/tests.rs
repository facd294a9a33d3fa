use super::dialect::Stated;
use super::*;

/// Reads a file; returns a line for each row and for what is wrong.
fn check(bytes: &[u8], stated: &Stated, expect: &[&str]) {
    let dialect = Dialect::new(stated).expect("a good dialect");
    let mut seen = Vec::new();
    let fault = |fault| match fault {
        Fault::Io(error) => error.to_string(),
        Fault::Line { line, message, .. } | Fault::Header { line, message } => {
            format!("{line}: {message}")
        }
    };
    match Sheet::open(bytes, "f.csv", &dialect) {
        Err(error) => seen.push(fault(error)),
        Ok(mut sheet) => {
            seen.push(sheet.names.join("|"));
            let mut record = csv::StringRecord::new();
            loop {
                match sheet.next(&mut record, &dialect.empty) {
                    Ok(None) => break,
                    Ok(Some(line)) => {
                        let cells: Vec<&str> = record.iter().map(str::trim).collect();
                        seen.push(format!("{line}: {}", cells.join("|")));
                    }
                    Err(error) => seen.push(fault(error)),
                }
            }
        }
    }
    assert_eq!(seen, expect, "{}", String::from_utf8_lossy(bytes));
}

#[test]
fn lines_are_counted_however_they_end() {
    let expect = ["a|b", "2: 1|x", "4: 2|\"y\nz\"", "6: 3|w"];
    let text = "a,b\n1,x\n\n2,\"\"\"y\nz\"\"\"\n3,w";
    for text in [text.to_owned(), format!("{text}\n")] {
        check(text.as_bytes(), &Stated::default(), &expect);
        let crlf = text.replace('\n', "\r\n");
        check(crlf.as_bytes(), &Stated::default(), &["a|b", "2: 1|x", "4: 2|\"y\r\nz\"", "6: 3|w"]);
    }
    check(b"a,b\r1,x\r2,y", &Stated::default(), &["a|b", "2: 1|x", "3: 2|y"]);
    let skipping = Stated { skip_lines: 2, skip_below: 1, ..Stated::default() };
    check(b"title\r\n\r\na;b\r\nmm;s\r\n1;2\r\n", &skipping, &["a|b", "5: 1|2"]);
}

#[test]
fn rows_without_content_are_left_out_and_others_are_complete() {
    let stated = Stated { empty: vec!["-".to_owned()], ..Stated::default() };
    check(
        "\u{feff}a;b;\r\n1;2;\r\n;;\r\n ; - \r\n3\r\n4;5;6\r\n7;8;;\r\n;".as_bytes(),
        &stated,
        &[
            "a|b",
            "2: 1|2",
            "5: the row has 1 cells, but the header 2; is the delimiter right?",
            "6: the row has 3 cells, but the header 2; is the delimiter right?",
            "7: 7|8",
        ],
    );
    check(
        b"a,b\n1,\"x\n2,y\n3,z\n",
        &Stated::default(),
        &["a|b", "2: a quotation mark in this row is not closed"],
    );
    check(
        b"a,b,c\n1,\"x\n2,y,1\"\n3,z,1\n",
        &Stated::default(),
        &[
            "a|b|c",
            "2: the row has 2 cells, but the header 3; a cell in quotation marks goes on to line 3: is one not closed?",
            "4: 3|z|1",
        ],
    );
}

#[test]
fn encodings_are_read_or_refused_by_name() {
    let text = "Länge;µ\n1;2\n";
    let utf16 = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        mark.iter().copied().chain(text.encode_utf16().flat_map(bytes)).collect()
    };
    let expect = ["Länge|µ", "2: 1|2"];
    check(&utf16(&[0xFF, 0xFE], u16::to_le_bytes), &Stated::default(), &expect);
    check(&utf16(&[0xFE, 0xFF], u16::to_be_bytes), &Stated::default(), &expect);
    let little = Stated { encoding: Some("utf-16le".to_owned()), ..Stated::default() };
    check(&utf16(&[], u16::to_le_bytes), &little, &expect);
    check(
        b"\0a\0;\0b\0\n\0c\0;\0d\0\n",
        &Stated::default(),
        &[
            "1: the text looks like UTF-16 without a byte order mark; save it as \"CSV UTF-8\", or state encoding = \"utf-16be\"",
        ],
    );
    check(
        b"a\0;\0b\0\n\0c\0;\0d\0\n\0",
        &Stated::default(),
        &[
            "1: the text looks like UTF-16 without a byte order mark; save it as \"CSV UTF-8\", or state encoding = \"utf-16le\"",
        ],
    );
    let windows = Stated { encoding: Some("windows-1252".to_owned()), ..Stated::default() };
    check(b"L\xE4nge;\xB5\n1;2\n", &windows, &expect);
    // A byte order mark is evidence, the stated encoding a guess at it.
    check("\u{feff}Länge;µ\n1;2\n".as_bytes(), &windows, &expect);
    check(&utf16(&[0xFF, 0xFE], u16::to_le_bytes), &windows, &expect);
    check(
        b"a;b\r\n1;2\r\n\xE4;2\r\n3;4\r\n",
        &Stated::default(),
        &[
            "a|b",
            "2: 1|2",
            "3: is not UTF-8; save the table as \"CSV UTF-8\", or state its encoding, as in encoding = \"windows-1252\"",
            "4: 3|4",
        ],
    );
    check(
        b"PK\x03\x04\x14",
        &Stated::default(),
        &[
            "1: the file is no CSV text but an Excel workbook (.xlsx) or another archive; save the sheet as \"CSV UTF-8\"",
        ],
    );
}

#[test]
fn headers_in_the_middle_are_no_rows() {
    check(b"t;u;v\n1;A;2\nt;u;v;\n2;B;3\n", &Stated::default(), &["t|u|v", "2: 1|A|2", "4: 2|B|3"]);
    let joined = "\u{feff}t;u;v\n1;A;2\n\u{feff}t;u;v\n2;B;3\n";
    check(joined.as_bytes(), &Stated::default(), &["t|u|v", "2: 1|A|2", "4: 2|B|3"]);
    check(
        b"t;u;v\n1;A;2\nt;v;u\n2;3;B\n",
        &Stated::default(),
        &[
            "t|u|v",
            "2: 1|A|2",
            "3: the line is a header of other columns than that on line 1; put it and what follows into a file of its own",
            "4: 2|3|B",
        ],
    );
    // Cells that are names of columns by chance, and numbers for names.
    check(b"a,b,c\n1,a,2\n", &Stated::default(), &["a|b|c", "2: 1|a|2"]);
    check(b"1,2\n1,2\n", &Stated::default(), &["1|2", "2: 1|2"]);
    // InfluxDB's annotated CSV.
    let block = "#group,false,true\n#datatype,long,double\n#default,_result,\n,table,_value\n,,7\n";
    let text = format!("{block}\n{block}");
    check(text.as_bytes(), &Stated::default(), &["|table|_value", "5: ||7", "11: ||7"]);
}

#[test]
fn misplaced_quotation_marks_are_refused() {
    let misplaced = "a quotation mark is misplaced: marks enclose a whole cell, with no blank before them and no text behind them, and one inside is written twice (\"a 3/4\"\" pipe\")";
    check(
        b"title\na;b\n1;\"3/4\" pipe\n2; \"x\"\n3;pipe 3/4\"\n4;\"y\nz\"\n5;\"w\"v\n",
        &Stated { skip_lines: 1, ..Stated::default() },
        &[
            "a|b",
            &format!("3: {misplaced}"),
            &format!("4: {misplaced}"),
            "5: 3|pipe 3/4\"",
            "6: 4|y\nz",
            &format!("8: {misplaced}"),
        ],
    );
}

#[test]
fn the_delimiter_is_stated_or_found() {
    check(b"sep=|\na|b\n1|2\n", &Stated::default(), &["a|b", "3: 1|2"]);
    check(b"a\tb;c\td\n1\t2\t3\n", &Stated::default(), &["a|b;c|d", "2: 1|2|3"]);
    check(b"a;\"b,c,d\"\n1;2\n", &Stated::default(), &["a|b,c,d", "2: 1|2"]);
    check(b"a,b;c\n1,2\n", &Stated::default(), &["a|b;c", "2: 1|2"]);
    let named = Stated { header: vec!["t".to_owned(), "v".to_owned()], ..Stated::default() };
    check(b"08:00;1,5\n", &named, &["t|v", "1: 08:00|1,5"]);
    check(b"08:00;1\n", &named, &["t|v", "1: 08:00|1"]);
    check(b"", &Stated::default(), &["1: the table has no header; its first line names the columns"]);
}
