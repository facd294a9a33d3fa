//! The folder of a thread that faults are done to: a small plant, its service, and what Git and the program itself find in it.

use super::process::{self, Finished};
use super::service::{self, NoStart, Service};
use super::trial::Stop;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The base of all names.
pub(crate) const BASE: &str = "https://test.example/";

/// A design with one signal and one requirement.
const DESIGN: &str = r#"
@base <https://test.example/> .
@prefix tl: <https://w3id.org/throughline#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix unit: <http://qudt.org/vocab/unit/> .
@prefix quantitykind: <http://qudt.org/vocab/quantitykind/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<temperature> a tl:Property ; dcterms:title "temperature" ; tl:quantityKind quantitykind:Temperature .
<REQ-1> a tl:Requirement ; dcterms:identifier "REQ-1" ; dcterms:title "Stay cool" ; tl:status "RELEASED" ;
    tl:constraint <REQ-1#limit> .
<REQ-1#limit> a tl:Constraint ; tl:property <temperature> ; tl:statistic "MAX" ; tl:comparator "LE" ; tl:limit 85 ;
    tl:unit unit:DEG_C ; tl:scope "EACH_UNIT" ; tl:kind "LIMIT" .
<pump> a tl:Part ; dcterms:identifier "PUMP" ; dcterms:title "Pump" .
<pump/A> a tl:DesignRevision ; tl:revisionOf <pump> ; tl:revision "A" ; tl:satisfies <REQ-1> ; tl:signal <pump/A#temp> .
<pump/A#temp> a tl:Signal ; tl:name "temp" ; tl:property <temperature> ; tl:unit unit:DEG_C ; tl:expectedPeriod "PT1S"^^xsd:duration .
<lot/1> a tl:Build ; dcterms:identifier "L-1" ; tl:realizes <pump/A> .
"#;

/// A thread in a folder.
#[derive(Clone, Debug)]
pub(crate) struct Plant {
    /// The folder of the thread.
    pub folder: PathBuf,
    /// Where the service logs.
    pub log: PathBuf,
}

impl Plant {
    /// Names a thread that is at `folder`, or will be.
    pub(crate) fn at(folder: PathBuf) -> Self {
        let log = folder.with_extension("log");
        Self { folder, log }
    }

    /// Makes a thread with some units, `P-0`, `P-1`, …, in a new folder.
    pub(crate) fn make(folder: PathBuf, units: usize, telemetry: &str) -> Result<Self, Stop> {
        let plant = Self::at(folder);
        let file = plant.folder.with_extension("ttl");
        let mut turtle = DESIGN.to_owned();
        for unit in 0..units {
            let _ = writeln!(
                turtle,
                "<unit/P-{unit}> a tl:TwinInstance ; dcterms:identifier \"P-{unit}\" ; tl:part <pump> ; tl:builtBy <lot/1> ;\n    \
                 tl:commissionedAt \"2024-01-01T00:00:00Z\"^^xsd:dateTime ."
            );
        }
        std::fs::write(&file, turtle)?;
        let path = plant.folder.to_string_lossy().into_owned();
        process::run(service::command(&[]).args(["init", &path, "--base", BASE]))
            .result()
            .map_err(Stop::Broken)?;
        plant.import("plant", &file, &[]).result().map_err(Stop::Broken)?;
        std::fs::write(plant.folder.join("telemetry/settings.toml"), telemetry)?;
        // Nothing is given up because the machine is slow.
        std::fs::write(plant.folder.join("settings.toml"), "[server]\nseconds = 300\n")?;
        Ok(plant)
    }

    pub(crate) fn start(&self, wrapper: &[String]) -> Result<Service, NoStart> {
        Service::start(&self.folder, &self.log, wrapper)
    }

    /// Runs the program on the thread.
    pub(crate) fn throughline(&self, arguments: &[&str]) -> Finished {
        let (first, rest) = arguments.split_first().unwrap_or((&"--help", &[]));
        process::run(service::command(&[]).arg(first).arg("--data").arg(&self.folder).args(rest))
    }

    /// Imports a file, by a program that runs the program where one is given.
    pub(crate) fn import(&self, source: &str, file: &Path, wrapper: &[String]) -> Finished {
        let mut command = service::command(wrapper);
        command.arg("import").arg("--data").arg(&self.folder).args(["--source", source]).arg(file);
        process::run(&mut command)
    }

    /// Runs Git on the repository of the thread.
    pub(crate) fn git(&self, arguments: &[&str]) -> Finished {
        process::run(Command::new("git").arg("-C").arg(self.repository()).args(arguments))
    }

    pub(crate) fn repository(&self) -> PathBuf {
        self.folder.join("thread.git")
    }

    /// Returns what Git and the program's own check find in a thread that is not served.
    pub(crate) fn faults(&self) -> Vec<String> {
        let git = self.git(&["fsck", "--full", "--no-dangling", "--no-progress"]);
        let own = self.throughline(&["fsck"]);
        let named = [("git fsck", git), ("throughline fsck", own)];
        named
            .into_iter()
            .filter_map(|(name, finished)| Some(format!("{name}: {}", finished.result().err()?)))
            .collect()
    }

    /// Copies the thread as it is, with another name.
    pub(crate) fn copy(&self, folder: PathBuf) -> Result<Self, Stop> {
        copy_folder(&self.folder, &folder)?;
        Ok(Self::at(folder))
    }
}

/// Copies all files below a folder; the socket of a service is none.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Returns all files below a folder, by their path from there, in order.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(path) = path.strip_prefix(folder) {
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}
