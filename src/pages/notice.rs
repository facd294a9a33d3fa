//! Pages that show nothing of the thread: refusals, the form that takes a token, and the step between another site and this one.

use super::Rendered;
use super::assets::{script, style};
use crate::app::Mount;
use askama::Template;

#[derive(Template)]
#[template(path = "notice.html")]
struct Notice<'a> {
    /// Where the paths of the thread begin.
    mount: &'a Mount,
    style: &'static str,
    script: &'static str,
    title: &'a str,
    text: &'a str,
    /// Where to go on, at once; empty where nowhere.
    onward: &'a str,
    /// Where the token is asked for: the page to show afterwards.
    then: Option<&'a str>,
    /// Where a browser goes to sign in at an issuer.
    start: &'a str,
}

/// Refuses a page with the reason.
pub fn refused(mount: &Mount, status: u16, text: &str) -> Rendered {
    let title = match status {
        401 | 403 => "Not allowed",
        404 => "Nothing here",
        503 => "Not now",
        _ => "This cannot be shown",
    };
    show(status, &Notice { title, text, ..empty(mount) })
}

/// Asks for a token, or leads to the issuer that users sign in at, where there is one; `text` is why the last attempt failed.
pub fn login(mount: &Mount, status: u16, then: &str, text: &str, has_issuer: bool) -> Rendered {
    let start = format!("{mount}/pages/login/start?then={}", super::encoded(then));
    let start = if has_issuer { start.as_str() } else { "" };
    show(status, &Notice { title: "Sign in", text, then: Some(then), start, ..empty(mount) })
}

/// Leads a browser that comes from another site to the same page once more: it keeps cookies of a session back on the first step.
pub fn continued(mount: &Mount, onward: &str) -> Rendered {
    show(200, &Notice { title: "One moment", text: "", onward, ..empty(mount) })
}

fn empty(mount: &Mount) -> Notice<'_> {
    Notice { mount, style: style(), script: script(), title: "", text: "", onward: "", then: None, start: "" }
}

fn show(status: u16, notice: &Notice<'_>) -> Rendered {
    match notice.render() {
        Ok(body) => Rendered::html(status, body),
        Err(error) => Rendered::html(500, format!("<!doctype html><title>Throughline</title>{error}")),
    }
}
