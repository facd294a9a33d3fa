//! The further threads of a service: `[server.threads]` in `throughline.toml` of its first thread names the folder of each.
//!
//! A further thread is a thread like any other: its own `throughline.toml` states who is let in and what it delivers and receives. What the
//! process has once, such as its address, is stated by the first thread alone.

use super::effective::Origin;
use super::{FILE, Loaded, Sources};
use crate::app::access::CALLBACK;
use crate::app::error::Error;
use crate::app::settings::threads::{Mount, ThreadName};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What the process has once: these keys have no effect in a further thread.
const OF_PROCESS: [&str; 15] = [
    "log",
    "server.address",
    "server.bodiesMegabytes",
    "server.bodyMegabytes",
    "server.connections",
    "server.connectionsPerClient",
    "server.hosts",
    "server.parsedMegabytes",
    "server.patienceSeconds",
    "server.sockets",
    "server.socketsPerClient",
    "server.stopSeconds",
    "server.subscriptionsPerClient",
    "server.tls",
    "server.unreadMegabytes",
];

/// A further thread of a service.
#[derive(Debug)]
pub struct FurtherThread {
    /// The name.
    pub name: ThreadName,
    /// The folder.
    pub folder: PathBuf,
    /// The settings: its own, and those of the first thread for what the process has once.
    pub loaded: Loaded,
}

impl Loaded {
    /// Reads the settings of the further threads of a service whose first thread is in a folder and has these settings. They come from the
    /// files in their own folders alone: another file and the environment are for the first.
    pub fn further(&self, folder: &Path) -> Result<Vec<FurtherThread>, Error> {
        let mut known = vec![(canonical(folder).map_err(|reason| self.refused(folder, reason))?, None)];
        let mut further = Vec::new();
        for (name, path) in &self.settings.server.threads {
            let refused = |reason: String| {
                let what_to_do = "correct the folder, or remove the line to serve the others without";
                self.refused(folder, format!("\"{name}\" under [server.threads]: {reason}; {what_to_do}"))
            };
            let own = canonical(path).map_err(refused)?;
            if let Some((_, other)) = known.iter().find(|(path, _)| *path == own) {
                let other = other.map_or("the first thread", ThreadName::as_str);
                return Err(refused(format!("{} is the folder of {other} too", path.display())));
            }
            known.push((own, Some(name)));
            let mut loaded = Sources::default().read(path)?;
            loaded.check_further(name, path, &self.file(folder))?;
            loaded.begin_below(self, path, folder)?;
            further.push(FurtherThread { name: name.clone(), folder: path.clone(), loaded });
        }
        self.check_clients(folder, &further)?;
        Ok(further)
    }

    /// Returns the file of the settings, or where it would be.
    fn file(&self, folder: &Path) -> PathBuf {
        self.files().first().map_or_else(|| folder.join(FILE), |path| path.to_path_buf())
    }

    fn refused(&self, folder: &Path, reason: String) -> Error {
        Error::Settings { path: self.file(folder), reason }
    }

    /// Refuses settings that a further thread cannot have; `first`: the file that names it.
    fn check_further(&self, name: &ThreadName, folder: &Path, first: &Path) -> Result<(), Error> {
        if !self.settings.server.threads.is_empty() {
            let reason = format!(
                "\"threads\" under [server]: this is the further thread {name} of a service, which names none itself: move the lines to {}",
                first.display()
            );
            return Err(self.refused(folder, reason));
        }
        let callback = Mount::of(name.clone()).path(CALLBACK);
        match &self.settings.access.oidc {
            Some(oidc) if !oidc.redirect.ends_with(&callback) => {
                let reason = format!(
                    "\"redirect\" under [access.oidc] ends in {callback} where the thread is served as {name}, as https://plant.example{callback}"
                );
                Err(self.refused(folder, reason))
            }
            _ => Ok(()),
        }
    }

    /// Takes from the first thread what the process has once, and notes what is set without effect.
    fn begin_below(&mut self, first: &Self, own: &Path, folder: &Path) -> Result<(), Error> {
        let set = self.of_process();
        if !set.is_empty() {
            self.notes.push(format!(
                "{}: {} without effect beside other threads, as the process has it once: set it in {}",
                self.file(own).display(),
                set.join(", ") + if set.len() == 1 { " is" } else { " are" },
                first.file(folder).display()
            ));
        }
        let server = self.settings.server.clone().of_further(&first.settings.server);
        self.settings.server = server.map_err(|reason| self.refused(own, reason))?;
        self.settings.log = first.settings.log.clone();
        Ok(())
    }

    /// Returns the keys that are set of what the process has once.
    fn of_process(&self) -> Vec<&'static str> {
        let is_of = |key: &str, of: &str| {
            key.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let set = self.effective().into_iter().filter(|effective| effective.origin != Origin::Default);
        let keys = set.map(|effective| effective.key.whole());
        keys.filter(|key| OF_PROCESS.iter().any(|of| is_of(key, of))).collect()
    }

    /// Refuses two threads that are the same client of a broker, which lets in one of them at a time.
    fn check_clients(&self, folder: &Path, further: &[FurtherThread]) -> Result<(), Error> {
        let mut known: BTreeMap<(&str, String), &str> = BTreeMap::new();
        let first = std::iter::once((self, folder, "the first thread"));
        let rest = further.iter().map(|one| (&one.loaded, one.folder.as_path(), one.name.as_str()));
        for (loaded, folder, name) in first.chain(rest) {
            for (url, client) in loaded.mqtt.clients() {
                let other = known.insert((url, client.clone()), name);
                if let Some(other) = other.filter(|other| *other != name) {
                    let reason = format!(
                        "\"client\" of [[mqtt.broker]]: {client} at {url} is also {other}, and a broker lets in one of them: set another one here"
                    );
                    return Err(loaded.refused(folder, reason));
                }
            }
        }
        Ok(())
    }
}

/// Returns the one path of a folder.
fn canonical(folder: &Path) -> Result<PathBuf, String> {
    let path = folder.canonicalize().map_err(|error| format!("{}: {error}", folder.display()))?;
    if path.is_dir() { Ok(path) } else { Err(format!("{} is no folder", folder.display())) }
}
