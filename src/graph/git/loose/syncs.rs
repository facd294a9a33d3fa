//! Syncs of several files at once: a disk takes them in the time of few. The threads that wait for it stay, as making them would take
//! a small commit longer than what they do.

use std::cell::{Ref, RefCell};
use std::fs::File;
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};

/// How many files are synced at once.
const THREADS: usize = 16;

/// Threads that sync files; they are started when they are needed first, and end when it is dropped.
#[derive(Default)]
pub(in crate::graph) struct Syncs {
    threads: RefCell<Vec<Sender<Batch>>>,
}

/// Files that one thread syncs, one after the other, and where it reports what came of it.
struct Batch {
    files: Vec<File>,
    done: Sender<io::Result<()>>,
}

impl Syncs {
    /// Returns once all files are on the disk, or with the first failure once all were tried.
    pub(in crate::graph) fn sync(&self, files: Vec<File>) -> io::Result<()> {
        let threads = self.threads(files.len().min(THREADS));
        let mut batches: Vec<Vec<File>> = (0..=threads.len()).map(|_| Vec::new()).collect();
        let count = batches.len();
        files.into_iter().enumerate().for_each(|(at, file)| batches[at % count].push(file));
        let own = batches.swap_remove(0);
        let (done, all_done) = channel();
        for (files, thread) in batches.into_iter().zip(&*threads) {
            thread.send(Batch { files, done: done.clone() }).map_err(io::Error::other)?;
        }
        drop(done);
        let synced = sync_all(&own);
        let answers: Vec<_> = all_done.into_iter().collect();
        match answers.len() == threads.len() {
            true => answers.into_iter().fold(synced, Result::and),
            false => Err(io::Error::other("a thread that syncs files has ended")),
        }
    }

    /// Returns the threads that sync so many files at once beside this one; where the system has no more of them, those that there are.
    fn threads(&self, files: usize) -> Ref<'_, [Sender<Batch>]> {
        let mut threads = self.threads.borrow_mut();
        while threads.len() + 1 < files
            && let Some(thread) = start(threads.len())
        {
            threads.push(thread);
        }
        drop(threads);
        Ref::map(self.threads.borrow(), |threads| &threads[..threads.len().min(files.saturating_sub(1))])
    }
}

fn start(number: usize) -> Option<Sender<Batch>> {
    let (sender, batches) = channel();
    let thread = std::thread::Builder::new().name(format!("sync {number}"));
    thread.spawn(move || sync_batches(&batches)).ok().map(|_| sender)
}

fn sync_batches(batches: &Receiver<Batch>) {
    for Batch { files, done } in batches {
        // Where nobody waits, nobody counts on it.
        let _ = done.send(sync_all(&files));
    }
}

fn sync_all(files: &[File]) -> io::Result<()> {
    files.iter().map(File::sync_all).fold(Ok(()), Result::and)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that cannot be synced.
    fn unsyncable() -> File {
        File::options().write(true).open("/dev/full").expect("the device")
    }

    #[test]
    fn a_failure_is_reported_wherever_it_is() {
        let syncs = Syncs::default();
        let file = || tempfile::tempfile().expect("a file");
        for count in [0, 1, 2, THREADS, 3 * THREADS] {
            syncs.sync((0..count).map(|_| file()).collect()).expect("synced");
            for bad in 0..count {
                let files = (0..count).map(|at| if at == bad { unsyncable() } else { file() });
                syncs.sync(files.collect()).expect_err("one of them fails");
            }
        }
    }
}
