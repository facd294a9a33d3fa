//! The `throughline` program.

fn main() {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).expect("dir"));
    let n = std::env::args().nth(2).expect("n").parse().expect("n");
    throughline::cli::bench::graph(&folder, n).expect("bench");
}
