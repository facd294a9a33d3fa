//! `/pages/bring`: a file that a browser sends is kept for a while, so that a person can look at it, map its columns and see what would come of it
//! before it is imported. What it becomes is decided by [`crate::pages`] and by the import itself.

use super::form::{act, fields, is_own, refused, token_refusal};
use super::{address, answer, ask, frame_of, render};
use crate::app::Session;
use crate::exchange::table;
use crate::graphql::Manner;
use crate::pages::{self, Address, Sent, mapping};
use crate::server::Shared;
use crate::server::auth::browser::see_other;
use crate::server::body::Sender;
use crate::server::connection::activity::Pausing;
use crate::server::routes::transfer::{boundary, import_of_page, job_of_page, parts};
use crate::server::share::Client;
use axum::Extension;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// The largest file.
const FILE_BYTES_MAX: usize = 16 << 20;
/// A workbook that is larger as text is not looked at.
const TEXT_BYTES_MAX: u64 = 64 << 20;
/// How many rows are shown.
const ROWS: usize = 10;

/// A file that a page brought.
#[derive(Clone, Debug)]
pub(in crate::server) struct Upload {
    name: String,
    bytes: Arc<Vec<u8>>,
}

impl Upload {
    fn is_table(&self) -> bool {
        let ending = self.name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        matches!(ending.as_deref(), Some("csv" | "tsv" | "txt" | "xlsx"))
    }

    /// Returns the name of the source that the file is likely of.
    fn source(&self) -> String {
        let stem = self.name.split('.').next().unwrap_or_default();
        let plain = stem
            .chars()
            .map(|sign| if sign.is_ascii_alphanumeric() { sign.to_ascii_lowercase() } else { '-' });
        let plain = plain.collect::<String>();
        let plain = plain.trim_matches('-');
        if plain.is_empty() { "file".to_owned() } else { plain.to_owned() }
    }

    /// Describes the file for its page; why it cannot be read as a table where that is so.
    fn describe(&self) -> Result<Json, String> {
        let head = match self.is_table() {
            true => table::head(&self.bytes, &self.name, ROWS, TEXT_BYTES_MAX)?,
            false => table::Head::default(),
        };
        Ok(json!({
            "file": self.name, "source": self.source(), "isTable": self.is_table(), "columns": head.columns, "rows": head.rows,
        }))
    }

    /// Writes the file as the body of an import, after its mapping.
    fn body(&self, mapping: Option<&str>) -> (String, Vec<u8>) {
        let digest: String =
            Sha256::digest(self.bytes.as_slice()).iter().map(|byte| format!("{byte:02x}")).collect();
        let boundary = format!("throughline-{}", &digest[..40]);
        let mut body = Vec::with_capacity(self.bytes.len() + 4096);
        let mut part = |name: &str, file: &str, media_type: &str, content: &[u8]| {
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n{media_type}\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        };
        if let Some(mapping) = mapping {
            part("mapping", "mapping.toml", "", mapping.as_bytes());
        }
        let media_type = if self.is_table() { "Content-Type: text/csv\r\n" } else { "" };
        part("file", &self.name, media_type, &self.bytes);
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        (format!("multipart/form-data; boundary={boundary}"), body)
    }
}

/// Does what a form of the page asks for: it keeps a file, shows what would come of it, writes its mapping, or imports it.
pub(in crate::server) async fn send(
    State(shared): State<Shared>,
    (Extension(client), Extension(work), Extension(session)): (
        Extension<Client>,
        Extension<Pausing>,
        Extension<Session>,
    ),
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let address = match address(&shared.mount, "bring", query.as_deref()) {
        Ok(address) if address.is_full() => address,
        Ok(_) => return refused(&shared, 400, "The form belongs to no page: open the page first."),
        Err(response) => return response,
    };
    if let Err(response) = is_own(&shared.mount, &headers) {
        return response;
    }
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = boundary(content_type).map(str::to_owned);
    let received =
        shared.process.bodies.receive(&headers, body, FILE_BYTES_MAX + 4096, &Sender { client, work }).await;
    let (bytes, _room) = match received {
        Ok(received) => received.into_parts(),
        Err((status, text)) => return refused(&shared, status.as_u16(), &text),
    };
    let at = At { shared, client, session, headers, address };
    match boundary {
        Some(boundary) => at.receive(&bytes, &boundary).await,
        None => match fields(&at.shared.mount, bytes) {
            Ok(values) => at.decide(Sent::new(values)).await,
            Err(response) => response,
        },
    }
}

/// Where a form was sent, and by whom.
struct At {
    shared: Shared,
    client: Client,
    session: Session,
    headers: HeaderMap,
    address: Address,
}

impl At {
    fn key(&self, upload: &str) -> String {
        format!("{} {upload}", self.shared.form_key.token(self.session.principal()))
    }

    /// Returns the file of the address, where the service still keeps it.
    fn upload(&self) -> Option<Upload> {
        self.shared.process.uploads.get(&self.key(self.address.value("upload")))
    }

    /// Keeps a file for whoever sent it, and leads to its page; a form without a file is what its other button asks for.
    async fn receive(self, bytes: &[u8], boundary: &str) -> Response {
        let parts = match parts(bytes, boundary) {
            Ok(parts) => parts,
            Err(text) => return refused(&self.shared, 400, &text),
        };
        let mut values = Vec::new();
        let mut file = None;
        for part in &parts {
            match part.file {
                Some(name) => file = Some((name, part.content)),
                None => {
                    values.push((part.name.to_owned(), String::from_utf8_lossy(part.content).into_owned()));
                }
            }
        }
        let mut sent = Sent::new(values);
        if !self.shared.form_key.is_of(sent.value("token"), self.session.principal()) {
            token_refusal(&mut sent);
            return self.show(403, sent, None).await;
        }
        let Some((name, content)) = file.filter(|(name, _)| !name.is_empty()) else {
            return self.decide(sent).await;
        };
        let name: String = name
            .rsplit(['/', '\\'])
            .next()
            .unwrap_or_default()
            .chars()
            .filter(|sign| !sign.is_control() && *sign != '"')
            .collect();
        let upload = Upload { name, bytes: Arc::new(content.to_vec()) };
        if let Err(text) = upload.describe() {
            sent.refuse(format!("{} cannot be read: {text}", upload.name));
            return self.show(422, sent, None).await;
        }
        let digest = Sha256::new().chain_update(&upload.name).chain_update(content).finalize();
        let id: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        self.shared.process.uploads.insert(self.key(&id), upload, content.len());
        see_other(&self.shared.mount, &self.address.with("upload", &id))
    }

    /// Shows what would come of a file, writes its mapping, or imports it.
    async fn decide(self, mut sent: Sent) -> Response {
        if !self.shared.form_key.is_of(sent.value("token"), self.session.principal()) {
            token_refusal(&mut sent);
            return self.show(403, sent, None).await;
        }
        if self.address.action(&sent).is_some() {
            return act(&self.shared, (self.client, self.session), &self.headers, self.address, sent).await;
        }
        let Some(upload) = self.upload() else {
            sent.refuse("The service no longer keeps this file: choose it once more.");
            return self.show(409, sent, None).await;
        };
        let mapping = upload.is_table().then(|| mapping(&sent));
        match (sent.value("decision"), &mapping) {
            ("MAPPING", Some(mapping)) => file(&format!("{}.toml", upload.source()), mapping.clone()),
            ("IMPORT", _) => self.import(sent, &upload, mapping.as_deref()).await,
            _ => self.preview(sent, &upload, mapping.as_deref()).await,
        }
    }

    async fn preview(&self, sent: Sent, upload: &Upload, mapping: Option<&str>) -> Response {
        let (content_type, body) = upload.body(mapping);
        // The branch may not be there yet: it would begin as what the page shows.
        let into = if self.is_branch(sent.value("into")).await { sent.value("into") } else { "main" };
        let query = parameters(&[("source", sent.value("source")), ("into", into), ("dryRun", "true")]);
        let done = import_of_page(&self.shared, self.session.clone(), (&query, &content_type), body).await;
        let preview = done.unwrap_or_else(|refusal| refusal);
        self.show(200, sent, Some(preview)).await
    }

    async fn import(&self, mut sent: Sent, upload: &Upload, mapping: Option<&str>) -> Response {
        let into = sent.value("into").to_owned();
        if !self.is_branch(&into).await {
            let request = pages::new_branch(&into, self.address.version());
            let made =
                ask(&self.shared, self.client, self.session.clone(), request, Manner::of_pages(false)).await;
            match made.map(|answer| pages::refusal(&answer)) {
                Ok(None) => {}
                Ok(Some(text)) => {
                    sent.refuse(text);
                    return self.show(409, sent, None).await;
                }
                Err(response) => return response,
            }
        }
        let (content_type, body) = upload.body(mapping);
        let query = parameters(&[("source", sent.value("source")), ("into", &into)]);
        match job_of_page(&self.shared, self.session.clone(), (query, content_type), body).await {
            Ok(job) => see_other(&self.shared.mount, &self.address.of_job(&job, &into)),
            Err(refusal) => {
                sent.refuse(refusal["message"].as_str().unwrap_or("it failed; the cause is in the log"));
                self.show(409, sent, None).await
            }
        }
    }

    async fn is_branch(&self, name: &str) -> bool {
        let frame = frame_of(&self.shared, self.client, self.session.clone()).await;
        frame.is_ok_and(|frame| pages::has_branch(&frame, name))
    }

    async fn show(&self, status: u16, sent: Sent, preview: Option<Json>) -> Response {
        let brought = self.upload().and_then(|upload| upload.describe().ok());
        let frame = frame_of(&self.shared, self.client, self.session.clone()).await;
        let answer = answer(&self.shared, self.client, self.session.clone(), &self.address).await;
        let (frame, answer) = match (frame, answer) {
            (Ok(frame), Ok(answer)) => (frame, answer),
            (Err(response), _) | (_, Err(response)) => return response,
        };
        let visitor = super::visitor(&self.shared, &self.session, &self.headers);
        let answer = with(&answer, brought, preview);
        render(&self.shared, self.address.clone(), (visitor, frame, answer), Some((status, sent))).await
    }
}

/// Adds to the answer of the page what the service keeps of the file.
fn with(answer: &Json, brought: Option<Json>, preview: Option<Json>) -> Arc<Json> {
    let mut answer = answer.clone();
    if answer["data"].is_object() {
        answer["data"]["brought"] = brought.unwrap_or_default();
        answer["data"]["preview"] = preview.unwrap_or_default();
    }
    Arc::new(answer)
}

/// Adds to the answer of a page what the service keeps of the file that its address names.
pub(super) fn with_upload(
    shared: &Shared,
    session: &Session,
    address: &Address,
    answer: Arc<Json>,
) -> Arc<Json> {
    let upload = address.value("upload");
    if upload.is_empty() {
        return answer;
    }
    let key = format!("{} {upload}", shared.form_key.token(session.principal()));
    let brought = shared.process.uploads.get(&key).and_then(|upload| upload.describe().ok());
    with(&answer, brought, None)
}

fn parameters(values: &[(&str, &str)]) -> String {
    let each: Vec<String> =
        values.iter().map(|(name, value)| format!("{name}={}", pages::encoded(value))).collect();
    each.join("&")
}

fn file(name: &str, text: String) -> Response {
    let mut response = ([(header::CONTENT_TYPE, "application/toml; charset=utf-8")], text).into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
