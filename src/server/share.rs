//! Shares of what is limited: for all clients together, and for each of them, so that one leaves something to the others.

use crate::graphql::Caller;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

/// A client, known by its address: of IPv6 by its network, in which one machine may take any address. All addresses of this machine
/// itself are one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Client(IpAddr);

impl From<SocketAddr> for Client {
    fn from(address: SocketAddr) -> Self {
        Self(match address.ip().to_canonical() {
            own if own.is_loopback() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            v4 => v4,
        })
    }
}

impl Client {
    /// Returns the client as one who waits for its turn.
    pub(super) const fn caller(self) -> Caller {
        Caller::of(self.0)
    }

    /// Returns whether the client is on this machine: a proxy perhaps, which passes on what others send.
    pub(super) const fn is_local(self) -> bool {
        self.0.is_loopback()
    }
}

/// Something of which there is so much, and so much for one client.
#[derive(Clone, Debug)]
pub(super) struct Pool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    all: usize,
    each: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by: HashMap<Client, usize>,
}

/// Why there is nothing left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// All clients together have it.
    All,
    /// The client has its share.
    Client,
}

impl Pool {
    /// Makes a pool for all clients together and for each.
    pub(super) fn new(all: usize, each: usize) -> Self {
        Self(Arc::new(Inner { all, each: each.min(all), taken: Mutex::default() }))
    }

    /// Begins the share of a client, with nothing taken yet.
    pub(super) fn share(&self, client: Client) -> Share {
        Share { pool: Arc::clone(&self.0), client, size: 0 }
    }

    /// Takes something for a client.
    pub(super) fn take(&self, client: Client, size: usize) -> Result<Share, Full> {
        let mut share = self.share(client);
        share.grow(size).map(|()| share)
    }

    /// Returns how much is taken.
    pub(super) fn taken(&self) -> usize {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner).all
    }

    /// Returns whether nothing is taken.
    pub(super) fn is_idle(&self) -> bool {
        self.taken() == 0
    }
}

/// What is taken of a pool, until it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    pool: Arc<Inner>,
    client: Client,
    size: usize,
}

impl Share {
    /// Takes more.
    pub(super) fn grow(&mut self, size: usize) -> Result<(), Full> {
        if size == 0 {
            return Ok(());
        }
        let mut taken = self.pool.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.by.get(&self.client).copied().unwrap_or_default();
        if own + size > self.pool.each {
            return Err(if taken.all + size > self.pool.all { Full::All } else { Full::Client });
        }
        if taken.all + size > self.pool.all {
            return Err(Full::All);
        }
        taken.all += size;
        *taken.by.entry(self.client).or_default() += size;
        self.size += size;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        // As for most requests, whose bodies and answers are small.
        if self.size == 0 {
            return;
        }
        let mut taken = self.pool.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= self.size;
        if let Some(own) = taken.by.get_mut(&self.client) {
            *own -= self.size;
            if *own == 0 {
                taken.by.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> Client {
        SocketAddr::from((text.parse::<IpAddr>().expect("an address"), 1)).into()
    }

    #[test]
    fn one_client_leaves_something_to_the_others() {
        let pool = Pool::new(10, 6);
        let (a, b) = (client("10.0.0.1"), client("10.0.0.2"));
        let mut first = pool.take(a, 5).expect("room");
        assert_eq!(pool.take(a, 2).err(), Some(Full::Client));
        assert_eq!(first.grow(1), Ok(()));
        assert_eq!(pool.take(b, 5).err(), Some(Full::All));
        let second = pool.take(b, 4).expect("room");
        drop(first);
        assert_eq!(pool.take(a, 6).map(drop), Ok(()));
        drop(second);
        assert!(pool.is_idle());
    }

    #[test]
    fn addresses_of_one_client() {
        let check = |a: &str, b: &str, same: bool| assert_eq!(client(a) == client(b), same, "{a} {b}");
        check("10.0.0.1", "10.0.0.1", true);
        check("10.0.0.1", "10.0.0.2", false);
        check("::ffff:10.0.0.1", "10.0.0.1", true);
        check("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true);
        check("2001:db8:1:2::1", "2001:db8:1:3::1", false);
        check("127.0.0.1", "127.8.0.9", true);
        check("::1", "127.0.0.1", true);
        assert!(client("::1").is_local() && !client("::2").is_local());
    }
}
