//! The memory allocator of the program. Its settings are changed by a function of C, which is `unsafe`; this crate exists so that the
//! program itself needs no `unsafe`.

use libmimalloc_sys as raw;
use std::ffi::c_long;

/// Serves many small values on several threads, which the system's allocator of Linux does slowly.
pub use mimalloc::MiMalloc as Allocator;

/// `mi_option_purge_delay` of mimalloc 3, which the bindings do not name.
const PURGE_DELAY: raw::mi_option_t = 15;
const PURGE_DELAY_DEFAULT: c_long = 1000;
const PURGE_DELAY_MILLISECONDS: c_long = 10;

/// Makes memory that was freed go back to the system within some tenths of a second. By default that takes ten seconds and more, so
/// one large answer after another adds to what the process has, although each was freed before the next. Another delay that the
/// environment sets (`MIMALLOC_PURGE_DELAY`) is kept.
pub fn return_freed_memory_soon() {
    // SAFETY: both functions read or store one number at an index that they check; any thread may call them at any time. Where a later
    // mimalloc has another option at this index, its value is another one, and nothing is set.
    unsafe {
        if raw::mi_option_get(PURGE_DELAY) == PURGE_DELAY_DEFAULT {
            raw::mi_option_set(PURGE_DELAY, PURGE_DELAY_MILLISECONDS);
        }
    }
}
