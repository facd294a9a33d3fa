//! Which systems may report over `POST /hooks/NAME`: `[hooks]` in `throughline.toml`.
//!
//! ```toml
//! [[hooks.hook]]
//! name = "mes"
//! secret = "secrets/mes"               # a file with whsec_…, or any text for GitHub
//! signature = "standard"               # or github
//! mapping = "mes.toml"                 # what its messages mean
//! role = "contributor"
//! email = "mes@plant.example"          # under which its commits are recorded
//! ```

use super::files::{is_file_name, read};
use crate::app::access::{Origin, Role};
use crate::app::message::mapping::Mapping;
use crate::app::message::signature::Secret;
use crate::graph::Author;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One system that reports.
#[derive(Clone, Debug)]
pub(in crate::app) struct Hook {
    /// Its name.
    pub(in crate::app) name: String,
    /// How its messages are signed.
    pub(in crate::app) scheme: Scheme,
    /// By which secret.
    pub(in crate::app) secret: Secret,
    /// What they mean.
    pub(in crate::app) mapping: Mapping,
    /// What it may do.
    pub(in crate::app) role: Role,
    /// The author of its commits.
    pub(in crate::app) author: Author,
}

/// How messages are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum Scheme {
    /// As Standard Webhooks are.
    Standard,
    /// As GitHub signs.
    Github,
}

impl Hook {
    /// Returns how it proves who it is.
    pub(in crate::app) fn origin(&self) -> Origin {
        Origin::Hook(self.name.clone())
    }
}

/// The table as written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::app) struct Written {
    hook: Vec<WrittenHook>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WrittenHook {
    name: String,
    secret: PathBuf,
    signature: Option<String>,
    mapping: PathBuf,
    role: Option<String>,
    email: String,
}

impl Written {
    /// Checks what is written, and reads the files that it names.
    pub(in crate::app) fn settings(self, folder: &Path) -> Result<Vec<Hook>, String> {
        let mut names = BTreeSet::new();
        let mut hooks = Vec::new();
        for written in self.hook {
            let name = written.name.clone();
            hooks.push(written.hook(folder).map_err(|reason| format!("\"hook\" {name}: {reason}"))?);
            if !names.insert(name.clone()) {
                return Err(format!("\"hook\": two hooks are called \"{name}\""));
            }
        }
        Ok(hooks)
    }
}

impl WrittenHook {
    fn hook(self, folder: &Path) -> Result<Hook, String> {
        if !is_file_name(&self.name) {
            return Err("name: letters, digits, - and _ make the name of a hook".to_owned());
        }
        let scheme = match self.signature.as_deref().unwrap_or("standard") {
            "standard" => Scheme::Standard,
            "github" => Scheme::Github,
            other => return Err(format!("signature: \"{other}\" is neither standard nor github")),
        };
        let text = read(folder, &self.secret).map_err(|reason| format!("secret: {reason}"))?;
        let secret = match scheme {
            Scheme::Standard => Secret::standard(&text),
            Scheme::Github => Secret::plain(&text),
        };
        let rules = read(folder, &self.mapping).and_then(|text| Mapping::read(&text));
        let role = self.role.as_deref().unwrap_or("contributor").parse::<Role>();
        Ok(Hook {
            scheme,
            secret: secret.map_err(|reason| format!("secret: {reason}"))?,
            mapping: rules.map_err(|reason| format!("mapping: {reason}"))?,
            role: role.map_err(|error| format!("role: {error}"))?,
            author: Author::new(&self.name, &self.email).map_err(|error| format!("email: {error}"))?,
            name: self.name,
        })
    }
}
