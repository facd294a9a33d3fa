//! What a push asks for, read before Git receives it (gitprotocol-pack): refs below `refs/incoming/` are made, moved and deleted, and no
//! others. What Git reports of them is read as well, so that the audit log has it.

use super::packet;
use crate::app;
use crate::server::routes::transfer::refusal::Refusal;
use std::fmt;

/// The refs that take pushes.
const INCOMING: &str = "refs/incoming/";
/// How many refs a push names at most.
const REFS_MAX: usize = 64;
/// How many bytes the name of a ref has at most.
const NAME_BYTES_MAX: usize = 255;

/// What a push asks for.
#[derive(Debug)]
pub(super) struct Push {
    updates: Vec<Update>,
    has_bands: bool,
}

/// A ref that is to name another object.
#[derive(Debug, PartialEq, Eq)]
struct Update {
    name: String,
    new: String,
}

/// Why nothing, or not all, was pushed.
#[derive(Debug)]
pub(super) enum Failed {
    /// The request is refused.
    Refused(Refusal),
    /// Git's client receives a report that names the refs.
    Reported { report: Vec<u8>, reason: String },
}

impl Failed {
    pub(super) fn of_git(error: std::io::Error) -> Self {
        Self::Refused(Refusal::failed(error))
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused(refusal) => refusal.message(),
            Self::Reported { reason, .. } => reason,
        })
    }
}

impl app::OfKey for Failed {}

impl From<app::Error> for Failed {
    fn from(error: app::Error) -> Self {
        Self::Refused(error.into())
    }
}

impl Push {
    /// Reads the head of a push; `None` where it is empty, as clients send one to learn whether they are let in.
    pub(super) fn read(body: &[u8]) -> Result<Option<Self>, String> {
        let (mut rest, mut updates, mut capabilities) = (body, Vec::new(), String::new());
        loop {
            let line = packet::next(&mut rest).ok_or("the body is no push: use git push")?;
            let Some(line) = line else { break };
            let line = std::str::from_utf8(line).map_err(|_| "the name of a ref is not UTF-8")?;
            let (line, announced) = line.split_once('\0').unwrap_or((line, ""));
            let line = line.trim_end_matches('\n');
            if updates.is_empty() {
                announced.clone_into(&mut capabilities);
            }
            if line.starts_with("shallow ") {
                continue;
            }
            updates.push(Update::read(line)?);
            if updates.len() > REFS_MAX {
                return Err(format!("a push names at most {REFS_MAX} refs"));
            }
        }
        if updates.is_empty() {
            return Ok(None);
        }
        let has = |name: &str| capabilities.split_ascii_whitespace().any(|given| given == name);
        if !has("report-status") && !has("report-status-v2") {
            return Err("a push must ask for a report (report-status): use git 1.5 or newer".to_owned());
        }
        Ok(Some(Self { updates, has_bands: has("side-band-64k") }))
    }

    /// Returns what is pushed, for the audit log.
    pub(super) fn describe(&self) -> String {
        let all: Vec<_> = self.updates.iter().map(|Update { name, new }| format!("{name} {new}")).collect();
        all.join(", ")
    }

    /// Refuses a push that names any other ref, as what it brings would be a version that nothing has validated.
    pub(super) fn refuse_others(&self) -> Result<(), Failed> {
        let is_open = |name: &str| name.strip_prefix(INCOMING).is_some_and(|rest| !rest.is_empty());
        let Some(other) = self.updates.iter().find(|update| !is_open(&update.name)) else { return Ok(()) };
        let name = other.name.strip_prefix("refs/heads/").or(other.name.strip_prefix("refs/tags/"));
        let name = name.unwrap_or("NAME");
        let help = format!(
            "throughline: {} takes no push, as nothing would be validated.\nthroughline: push to {INCOMING}{name}, and have it adopted: throughline adopt {name}\n",
            other.name
        );
        let mut status = Vec::new();
        packet::add(&mut status, b"unpack ok\n");
        for Update { name, .. } in &self.updates {
            let reason = if is_open(name) { "another ref is refused" } else { "push to refs/incoming/" };
            packet::add(&mut status, format!("ng {name} {reason}\n").as_bytes());
        }
        packet::end(&mut status);
        let reason = format!("{} takes no push: push to {INCOMING}", other.name);
        Err(Failed::Reported { report: self.banded(status, &help), reason })
    }

    /// Returns a report as the client asked for it.
    fn banded(&self, status: Vec<u8>, help: &str) -> Vec<u8> {
        if !self.has_bands {
            return status;
        }
        let mut report = Vec::new();
        packet::add_band(&mut report, 2, help.as_bytes());
        packet::add_band(&mut report, 1, &status);
        packet::end(&mut report);
        report
    }

    /// Returns a report in which Git has taken all.
    pub(super) fn check(&self, report: Vec<u8>) -> Result<Vec<u8>, Failed> {
        match self.refused(&report) {
            None => Ok(report),
            Some(reason) => Err(Failed::Reported { report, reason }),
        }
    }

    /// Returns what Git has not taken, and why.
    fn refused(&self, report: &[u8]) -> Option<String> {
        let (status, fatal) = match self.has_bands {
            true => packet::bands(report),
            false => (report.to_vec(), Vec::new()),
        };
        let (mut rest, mut taken, mut reasons) = (&status[..], 0, Vec::new());
        while let Some(Some(line)) = packet::next(&mut rest) {
            let line = String::from_utf8_lossy(line).trim_end().to_owned();
            match line.split_once(' ') {
                Some(("ok", _)) => taken += 1,
                Some(("ng", refused)) => reasons.push(refused.to_owned()),
                Some(("unpack", result)) if result != "ok" => reasons.push(result.to_owned()),
                _ => {}
            }
        }
        if reasons.is_empty() && taken == self.updates.len() {
            return None;
        }
        if reasons.is_empty() {
            reasons.push(format!("git was stopped: {}", String::from_utf8_lossy(&fatal).trim()));
        }
        Some(reasons.join(", "))
    }
}

impl Update {
    fn read(line: &str) -> Result<Self, String> {
        let mut words = line.splitn(3, ' ');
        let is_id = |word: &&str| word.len() == 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (old, new) = (words.next().filter(is_id), words.next().filter(is_id));
        match (old, new, words.next()) {
            (Some(_), Some(new), Some(name)) if name.len() <= NAME_BYTES_MAX => {
                Ok(Self { name: name.to_owned(), new: new.to_owned() })
            }
            (Some(_), Some(_), Some(_)) => {
                Err(format!("the name of a ref has at most {NAME_BYTES_MAX} bytes"))
            }
            _ => Err("the body is no push of SHA-1 ids: use git push".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "5d0c00000000000000000000000000000000abcd";

    fn body(lines: &[&str]) -> Vec<u8> {
        let mut body = Vec::new();
        lines.iter().for_each(|line| packet::add(&mut body, line.as_bytes()));
        packet::end(&mut body);
        body
    }

    fn push(name: &str, capabilities: &str) -> Vec<u8> {
        body(&[&format!("{ID} {ID} {name}\0{capabilities}")])
    }

    #[test]
    fn a_push_is_read_or_refused() {
        let check = |body: &[u8], expect: Result<&str, &str>| match (Push::read(body), expect) {
            (Ok(push), Ok(on)) => assert_eq!(push.map(|push| push.describe()).unwrap_or_default(), on),
            (Err(reason), Err(part)) => assert!(reason.contains(part), "{reason}"),
            (got, expect) => panic!("{got:?}, not {expect:?}"),
        };
        let status = " report-status side-band-64k agent=git/2";
        check(&push("refs/incoming/a", status), Ok(&format!("refs/incoming/a {ID}")));
        check(b"0000", Ok(""));
        check(b"0000PACK", Ok(""));
        check(b"PACK", Err("no push"));
        check(&push("refs/incoming/a", "ofs-delta"), Err("report-status"));
        check(&push(&"a".repeat(256), status), Err("255 bytes"));
        check(&body(&["push-cert\0report-status", "certificate version 0.1"]), Err("no push"));
        check(&body(&[&format!("{ID} {ID}")]), Err("no push"));
        let many: Vec<_> = (0..65).map(|number| format!("{ID} {ID} refs/incoming/{number}")).collect();
        check(&body(&many.iter().map(String::as_str).collect::<Vec<_>>()), Err("at most 64 refs"));
    }

    #[test]
    fn refs_elsewhere_are_refused_with_the_way_in() {
        let check = |names: &[&str], is_taken: bool| {
            let first = format!("{ID} {ID} {}\0report-status side-band-64k", names[0]);
            let rest = names[1..].iter().map(|name| format!("{ID} {ID} {name}"));
            let lines: Vec<_> = std::iter::once(first).chain(rest).collect();
            let body = body(&lines.iter().map(String::as_str).collect::<Vec<_>>());
            let push = Push::read(&body).expect("a push").expect("not empty");
            match push.refuse_others() {
                Ok(()) => assert!(is_taken, "{names:?}"),
                Err(Failed::Reported { report, reason }) => {
                    assert!(!is_taken && reason.contains("refs/incoming/"), "{names:?} {reason}");
                    let refused = push.refused(&report).expect("all is refused");
                    assert_eq!(refused.split(", ").count(), names.len(), "{refused}");
                }
                Err(Failed::Refused(_)) => panic!("{names:?}"),
            }
        };
        check(&["refs/incoming/a"], true);
        check(&["refs/incoming/a", "refs/incoming/b/c"], true);
        for other in
            ["refs/heads/main", "refs/tags/a", "refs/notes/a", "refs/incoming/", "refs/incoming", "HEAD", ""]
        {
            check(&[other], false);
            check(&["refs/incoming/a", other], false);
        }
    }

    #[test]
    fn what_git_reports_is_read() {
        let push = Push::read(&push("refs/incoming/a", "report-status side-band-64k"));
        let push = push.expect("a push").expect("not empty");
        let check = |lines: &[&str], expect: Option<&str>| {
            let report = push.banded(body(lines), "hooks print");
            assert_eq!(push.refused(&report).as_deref(), expect, "{lines:?}");
        };
        check(&["unpack ok\n", "ok refs/incoming/a\n"], None);
        check(&["unpack ok\n", "ng refs/incoming/a hook declined\n"], Some("refs/incoming/a hook declined"));
        check(&["unpack index-pack abnormal exit\n"], Some("index-pack abnormal exit"));
        check(&[], Some("git was stopped: "));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), cut in 0..200_usize) {
            let sound = push("refs/incoming/a", "report-status side-band-64k");
            let mut mixed = sound[..cut.min(sound.len())].to_vec();
            mixed.extend_from_slice(&bytes);
            for body in [&bytes, &mixed] {
                if let Ok(Some(push)) = Push::read(body) {
                    drop(push.refuse_others());
                    push.refused(body);
                }
            }
        }
    }
}
