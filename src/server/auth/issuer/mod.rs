//! What the service asks of the issuers that users log in at: their keys, and who has signed in.

mod https;
mod keys;
mod login;

pub(in crate::server) use keys::Keys;
pub(in crate::server) use login::{Failed, Login};

use crate::server::AbortOnDrop;
use std::io;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// Encrypts a connection of a client to a host, by the certificates that this machine trusts.
pub async fn encrypt(
    host: &str,
    stream: TcpStream,
) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static> {
    https::Client::new(None)?.encrypt(host.to_owned(), stream).await
}
