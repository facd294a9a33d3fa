//! Which ordered key-value engine carries the index: `redb` and `fjall` on the index's own shape of work.
//!
//! Both hold 3 M rows of 24-byte keys (1 M statements in three orders) and 20-byte values. Timed are the load,
//! prefix scans of six rows, point look-ups, and 2,000 small transactions of 40 rows with snapshot reads between.
//! Run: `cargo run --release --manifest-path benches/engines/Cargo.toml`.

#![allow(clippy::print_stdout)]

use fjall::{KeyspaceCreateOptions, Readable};
use redb::{Database, Durability, ReadableDatabase, TableDefinition};
use std::hint::black_box;
use std::time::Instant;

const SUBJECTS: u64 = 166_667;
const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");

fn key(order: u8, a: u64, b: u64, c: u64) -> [u8; 25] {
    let mut key = [0; 25];
    key[0] = order;
    key[1..9].copy_from_slice(&a.to_be_bytes());
    key[9..17].copy_from_slice(&b.to_be_bytes());
    key[17..].copy_from_slice(&c.to_be_bytes());
    key
}

fn mix(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
}

fn rows(subject: u64) -> impl Iterator<Item = [u8; 25]> {
    (0..6).flat_map(move |property| {
        let object = mix(subject * 6 + property) % 500_000;
        [
            key(0, subject, property, object),
            key(1, property, object, subject),
            key(2, object, subject, property),
        ]
    })
}

fn all_rows() -> Vec<[u8; 25]> {
    let mut rows: Vec<_> = (0..SUBJECTS).flat_map(rows).collect();
    rows.sort_unstable();
    rows
}

fn report(engine: &str, work: &str, count: u64, start: Instant) {
    let micros = start.elapsed().as_secs_f64() * 1e6;
    println!("{engine:6} {work:36} {:10.2} µs each, {:8.2} s", micros / count as f64, micros / 1e6);
}

fn redb_run(folder: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::create(folder.join("index.redb"))?;
    let start = Instant::now();
    let write = database.begin_write()?;
    {
        let mut table = write.open_table(ROWS)?;
        for row in all_rows() {
            table.insert(row.as_slice(), [7_u8; 20].as_slice())?;
        }
    }
    write.commit()?;
    report("redb", "load, a row", SUBJECTS * 18, start);
    let start = Instant::now();
    for n in 0..2000 {
        let mut write = database.begin_write()?;
        write.set_durability(Durability::None)?;
        {
            let mut table = write.open_table(ROWS)?;
            for row in rows(SUBJECTS + n).chain(rows(SUBJECTS + 10_000 + n)) {
                table.insert(row.as_slice(), [7_u8; 20].as_slice())?;
            }
        }
        write.commit()?;
    }
    report("redb", "small transaction (not synced)", 2000, start);
    let read = database.begin_read()?;
    let table = read.open_table(ROWS)?;
    let start = Instant::now();
    for n in 0..200_000 {
        let subject = mix(n) % SUBJECTS;
        let (from, to) = (key(0, subject, 0, 0), key(0, subject + 1, 0, 0));
        for row in table.range(from.as_slice()..to.as_slice())? {
            black_box(row?.1.value());
        }
    }
    report("redb", "scan of six rows", 200_000, start);
    let start = Instant::now();
    for n in 0..200_000 {
        let row = rows(mix(n) % SUBJECTS).next().expect("six rows");
        black_box(table.get(row.as_slice())?.expect("a loaded row").value());
    }
    report("redb", "look-up", 200_000, start);
    println!("redb   on disk {:.0} MB", std::fs::metadata(folder.join("index.redb"))?.len() as f64 / 1e6);
    Ok(())
}

fn fjall_run(folder: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
    let database = fjall::Database::builder(folder.join("fjall")).cache_size(1 << 30).open()?;
    let table = database.keyspace("rows", KeyspaceCreateOptions::default)?;
    let start = Instant::now();
    let mut ingestion = table.start_ingestion()?;
    for row in all_rows() {
        ingestion.write(row, [7_u8; 20])?;
    }
    ingestion.finish()?;
    report("fjall", "load, a row", SUBJECTS * 18, start);
    let start = Instant::now();
    for n in 0..2000 {
        let mut batch = database.batch();
        for row in rows(SUBJECTS + n).chain(rows(SUBJECTS + 10_000 + n)) {
            batch.insert(&table, row, [7_u8; 20]);
        }
        batch.commit()?;
    }
    report("fjall", "small transaction (not synced)", 2000, start);
    let read = database.snapshot();
    let start = Instant::now();
    for n in 0..200_000 {
        let subject = mix(n) % SUBJECTS;
        for row in read.range(&table, key(0, subject, 0, 0)..key(0, subject + 1, 0, 0)) {
            black_box(row.value()?);
        }
    }
    report("fjall", "scan of six rows", 200_000, start);
    let start = Instant::now();
    for n in 0..200_000 {
        let row = rows(mix(n) % SUBJECTS).next().expect("six rows");
        black_box(read.get(&table, row)?.expect("a loaded row"));
    }
    report("fjall", "look-up", 200_000, start);
    println!("fjall  on disk {:.0} MB", database.disk_space()? as f64 / 1e6);
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    redb_run(folder.path())?;
    fjall_run(folder.path())
}
