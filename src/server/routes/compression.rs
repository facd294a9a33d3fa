//! Answers compressed with gzip where the client takes it: piece by piece, as the client takes them, so that no answer is in memory twice.

use crate::server::Shared;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::Frame;
use std::io::Write as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::sync::OwnedSemaphorePermit;

/// Answers of fewer bytes go as they are: they fit into a packet anyhow.
const BYTES_MIN: u64 = 1024;
/// How many answers are compressed at a time, each in a third of a megabyte; the others go as they are.
pub(in crate::server) const COMPRESSED_MAX: usize = 64;

/// Compresses an answer where its client takes that.
pub(in crate::server) fn compress(shared: &Shared, takes: bool, mut response: Response) -> Response {
    if !is_compressible(&response) {
        return response;
    }
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
    if !takes {
        return response;
    }
    let Ok(permit) = Arc::clone(&shared.process.compressed).try_acquire_owned() else { return response };
    let (mut parts, inner) = response.into_parts();
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.remove(header::CONTENT_LENGTH);
    let encoder = Some(GzEncoder::new(Vec::new(), Compression::fast()));
    Response::from_parts(parts, Body::new(Compressed { inner, encoder, _permit: permit }))
}

fn is_compressible(response: &Response) -> bool {
    let plain = !response.headers().contains_key(header::CONTENT_ENCODING);
    let has_body = !matches!(
        response.status(),
        StatusCode::SWITCHING_PROTOCOLS | StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
    );
    let bytes = response.body().size_hint().exact();
    plain && has_body && bytes.is_none_or(|bytes| bytes >= BYTES_MIN)
}

/// Returns whether a client takes gzip, and as gladly as what is not compressed (RFC 9110, 12.5.3).
pub(in crate::server) fn takes_gzip(headers: &HeaderMap) -> bool {
    if !headers.contains_key(header::ACCEPT_ENCODING) {
        return false;
    }
    let entries = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let entries: Vec<_> = entries.flat_map(|value| value.split(',')).filter_map(weighted).collect();
    let of = |names: &[&str]| {
        let named =
            entries.iter().find(|(name, _)| names.iter().any(|known| name.eq_ignore_ascii_case(known)));
        named.map(|(_, weight)| *weight)
    };
    let gzip = of(&["gzip", "x-gzip"]).or_else(|| of(&["*"])).unwrap_or(0.0);
    gzip > 0.0 && gzip >= of(&["identity"]).unwrap_or(0.0)
}

/// Reads an entry: a coding, and how gladly it is taken.
fn weighted(entry: &str) -> Option<(&str, f32)> {
    let mut parts = entry.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?;
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    Some((name, weight.map_or(Ok(1.0), str::parse).ok()?))
}

/// The body of an answer, compressed as it is taken.
struct Compressed {
    inner: Body,
    /// None at the end.
    encoder: Option<GzEncoder<Vec<u8>>>,
    _permit: OwnedSemaphorePermit,
}

impl HttpBody for Compressed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        loop {
            let Some(encoder) = &mut this.encoder else { return Poll::Ready(None) };
            let piece = match ready!(Pin::new(&mut this.inner).poll_frame(cx)) {
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
                Some(Err(error)) => {
                    this.encoder = None;
                    return Poll::Ready(Some(Err(error)));
                }
                None => {
                    let end = this.encoder.take().map(GzEncoder::finish).transpose();
                    return Poll::Ready(
                        end.map(|end| end.map(|end| Frame::data(end.into())))
                            .map_err(axum::Error::new)
                            .transpose(),
                    );
                }
            };
            if let Err(error) = encoder.write_all(&piece) {
                this.encoder = None;
                return Poll::Ready(Some(Err(axum::Error::new(error))));
            }
            let packed = std::mem::take(encoder.get_mut());
            if !packed.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(packed.into()))));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_where_it_is_taken() {
        let check = |accept: &str, expect: bool| {
            let headers = [(header::ACCEPT_ENCODING, HeaderValue::from_str(accept).expect("a value"))];
            assert_eq!(takes_gzip(&headers.into_iter().collect()), expect, "{accept}");
        };
        for taken in
            ["gzip", "br, GZip;q=0.5", "*", "identity;q=0.2, gzip;q=0.5", "x-gzip", "gzip;q=1.0, identity"]
        {
            check(taken, true);
        }
        for refused in ["", "br", "gzip;q=0", "*;q=0", "identity, gzip;q=0.5", "gzip;q=0, *", "gzip;q=much"] {
            check(refused, false);
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
