//! Jobs: files that came in over HTTP and are worked on in the background.

use crate::app::{Job, JobKind, JobState};
use crate::graphql::engine::Value;
use crate::graphql::engine::types::build::{ObjectBuilder, enumeration, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::schema::shared::page;
use serde_json::Value as Json;

/// Why a job failed, as the request would have been refused.
struct JobError(Json);

/// Adds jobs to `Query`.
pub(crate) fn extend_query(builder: ObjectBuilder<()>) -> ObjectBuilder<()> {
    builder
        .field_with(
            "jobs",
            "JobConnection!",
            "The files that are or were worked on in the background, newest first; POST /import and POST /ingest make jobs.",
            page::arguments(),
            |(), call| page::listed(&call.request.session.jobs()?, call.arguments, Clone::clone),
        )
        .field_with(
            "job",
            "Job",
            "A job; null where there is none of this id.",
            vec![InputField::new("id", "ID!", "Its id.")],
            |(), call| {
                let id = call.arguments.needed_text("id")?;
                let mut jobs = call.request.session.jobs()?.into_iter();
                Ok(jobs.find(|job| job.id == id).map_or(Value::Null, Value::object))
            },
        )
}

pub(crate) fn types() -> Vec<Definition> {
    let mut types = page::connection::<Job>("Job").to_vec();
    types.extend([kinds(), states(), job(), error()]);
    types
}

fn kinds() -> Definition {
    let values = [
        ("IMPORT", "Imports files as the content of a source."),
        ("INGEST", "Stores tables of readings."),
        ("BACKUP", "Copies the thread as a backup that can be downloaded."),
    ];
    enumeration("JobKind", "What a job does.", &values)
}

fn states() -> Definition {
    let values = [
        ("QUEUED", "The job waits for its turn."),
        ("RUNNING", "The job is being done."),
        ("DONE", "The job is done."),
        ("FAILED", "It was refused or failed."),
        ("CANCELLED", "Somebody has ended it."),
        ("INTERRUPTED", "The service ended before it was done; it can be run again, and does nothing twice."),
    ];
    enumeration("JobState", "How far a job is.", &values)
}

fn job() -> Definition {
    let optional = |text: &Option<String>| text.clone().map_or(Value::Null, Into::into);
    object::<Job>("Job", "A file that came in over HTTP and is worked on in the background.")
        .field(
            "id",
            "ID!",
            "The name of the job; the commit that the job makes has the idempotency key `job-ID`.",
            |of, _| Ok(of.id.clone().into()),
        )
        .field("kind", "JobKind!", "What the job does.", |of, _| Ok(kind(of.kind).into()))
        .field("state", "JobState!", "The state of the job.", |of, _| Ok(state(of.state).into()))
        .field("by", "String!", "Who submitted it, as the author of its commit.", |of, _| {
            Ok(of.by.clone().into())
        })
        .field("submittedAt", "DateTime!", "When it was submitted.", |of, _| Ok(of.submitted.clone().into()))
        .field("startedAt", "DateTime", "When its last attempt began.", move |of, _| {
            Ok(optional(&of.started))
        })
        .field("endedAt", "DateTime", "When it ended.", move |of, _| Ok(optional(&of.ended)))
        .field("attemptCount", "Int!", "How many attempts were made.", |of, _| {
            Ok(u64::from(of.attempts).into())
        })
        .field("parameters", "String!", "The parameters of the job, as the query of a URL.", |of, _| {
            Ok(of.order.parameters.clone().into())
        })
        .field("fileCount", "Int!", "How many files have been processed.", |of, _| {
            Ok(of.progress.files.into())
        })
        .field("readingCount", "Long!", "How many readings of the next file are stored.", |of, _| {
            Ok(of.progress.readings.to_string().into())
        })
        .field(
            "commit",
            "Commit",
            "The head of the branch after the import; null until the job is done.",
            |of, call| {
                let result = of.result.as_ref().and_then(|result| result["commit"].as_str());
                let commit = result.map(|id| call.request.session.snapshot(id)).transpose()?;
                Ok(commit.map_or(Value::Null, |version| Value::object(version.commit().clone())))
            },
        )
        .field("sampleCount", "Long", "How many samples were stored of tables of readings.", |of, _| {
            let samples = of.result.as_ref().and_then(|result| result["samples"].as_u64());
            Ok(samples.map_or(Value::Null, |samples| samples.to_string().into()))
        })
        .field("error", "JobError", "Why it failed.", |of, _| {
            Ok(of.error.clone().map_or(Value::Null, |error| Value::object(JobError(error))))
        })
        .done()
}

fn error() -> Definition {
    let text =
        |of: &JobError, name: &str| of.0[name].as_str().map_or(Value::Null, |text| text.to_owned().into());
    let number = |of: &JobError, name: &str| {
        let number = of.0[name].as_u64().filter(|number| *number <= i32::MAX as u64);
        number.map_or(Value::Null, Into::into)
    };
    object::<JobError>("JobError", "Why a job failed, as the request would have been refused.")
        .field("code", "String!", "The code, as in `extensions.code` of errors.", move |of, _| {
            Ok(text(of, "code"))
        })
        .field("message", "String!", "What is wrong.", move |of, _| Ok(text(of, "message")))
        .field("file", "String", "The file in which something is wrong.", move |of, _| Ok(text(of, "file")))
        .field("line", "Int", "The line, from 1.", move |of, _| Ok(number(of, "line")))
        .field("column", "Int", "The column, from 1.", move |of, _| Ok(number(of, "column")))
        .done()
}

const fn kind(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Import => "IMPORT",
        JobKind::Ingest => "INGEST",
        JobKind::Backup => "BACKUP",
    }
}

const fn state(state: JobState) -> &'static str {
    match state {
        JobState::Queued => "QUEUED",
        JobState::Running => "RUNNING",
        JobState::Done => "DONE",
        JobState::Failed => "FAILED",
        JobState::Cancelled => "CANCELLED",
        JobState::Interrupted => "INTERRUPTED",
    }
}
