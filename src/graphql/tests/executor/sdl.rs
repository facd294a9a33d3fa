//! The printed schema.

use crate::graphql::sdl;
use crate::ontology::Ontology;
use std::path::Path;
use std::sync::Arc;

fn shipped() -> Arc<Ontology> {
    Arc::new(
        Ontology::read(Ontology::shipped_files().iter().copied())
            .expect("the shipped files make an ontology"),
    )
}

#[test]
fn the_printed_schema_is_the_one_on_file() {
    let printed = sdl(&shipped()).expect("a schema");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &printed).expect("the file can be written");
    }
    let on_file = std::fs::read_to_string(path).unwrap_or_default();
    let first = printed.lines().zip(on_file.lines()).position(|(a, b)| a != b);
    assert!(
        printed == on_file,
        "schema.graphql differs from the schema (first in line {:?}); run `cargo run -- schema > schema.graphql`",
        first.map(|line| line + 1)
    );
}

#[test]
fn printing_twice_gives_the_same_text() {
    assert_eq!(sdl(&shipped()).expect("a schema"), sdl(&shipped()).expect("a schema"));
}
