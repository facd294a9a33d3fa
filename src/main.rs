//! The `throughline` program.

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

fn main() -> std::process::ExitCode {
    allocator::return_freed_memory_soon();
    throughline::cli::run()
}
