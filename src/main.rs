//! The `throughline` program.

/// Answers are many small values on several threads, which the system's allocator of Linux serves slowly.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    throughline::cli::run()
}
