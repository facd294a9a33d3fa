//! Packets of both versions of the protocol as one kind of value. The bytes are those of `rumqttc`, whose own loop is not used: it
//! writes each acknowledgement by itself.

use super::options::{Endpoint, Version};
use bytes::{Bytes, BytesMut};
use rumqttc::mqttbytes as v3;
use rumqttc::mqttbytes::v4;
use rumqttc::v5::mqttbytes as base5;
use rumqttc::v5::mqttbytes::v5;
use std::fmt::Display;

/// What a broker sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Incoming {
    /// The connection is accepted; whether the broker has kept the session.
    Connected { has_session: bool },
    /// The connection is refused.
    Refused(String),
    /// The subscriptions with this number are dealt with: for each filter whether it is granted.
    Subscribed(Vec<bool>),
    /// A message.
    Published(Message),
    /// A message that has more bytes than are read.
    TooLarge { topic: Bytes, number: Option<u16>, bytes: usize },
    /// A message of the client was taken, or why not.
    Acknowledged { number: u16, refused: Option<String> },
    /// The broker is there.
    Pong,
    /// The broker ends the connection.
    Closed(String),
    /// Anything else.
    Other,
}

/// A message as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) struct Message {
    /// Its topic.
    pub(in crate::app) topic: Bytes,
    /// Its content.
    pub(in crate::app) payload: Bytes,
    /// The number to acknowledge it by; `None` where that is not asked for.
    pub(in crate::app) number: Option<u16>,
    /// Whether the broker kept it from before the subscription.
    pub(in crate::app) is_retained: bool,
    /// Whether it may have been sent before.
    pub(in crate::app) is_repeated: bool,
}

/// Takes one packet out of bytes; `None` where more of them are needed.
pub(super) fn read(
    version: Version,
    bytes: &mut BytesMut,
    bytes_max: u32,
) -> Result<Option<Incoming>, String> {
    match version {
        Version::V3 => match v4::Packet::read(bytes, bytes_max as usize) {
            Ok(packet) => Ok(Some(of_v3(packet))),
            Err(v3::Error::InsufficientBytes(_)) => Ok(None),
            Err(error) => Err(malformed(&error)),
        },
        Version::V5 => match v5::Packet::read(bytes, Some(bytes_max)) {
            Ok(packet) => Ok(Some(of_v5(packet))),
            Err(base5::Error::InsufficientBytes(_)) => Ok(None),
            Err(error) => Err(malformed(&error)),
        },
    }
}

/// A message of which only the head is read.
pub(super) struct Large {
    pub(super) topic: Vec<u8>,
    pub(super) number: Option<u16>,
    /// How many bytes it has, with its head.
    pub(super) bytes: usize,
}

/// Returns the head of the next packet where it is a message of more than so many bytes; `Some(None)` where more of the head is needed.
/// Such a message is counted and acknowledged like others that are of no use: else it would come again for ever.
pub(super) fn large(bytes: &[u8], bytes_max: u32) -> Option<Option<Large>> {
    let (kind, after) = bytes.split_first()?;
    let (mut length, mut head) = (0_usize, 1);
    for (number, byte) in after.iter().take(4).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * number);
        head += 1;
        if byte & 0x80 == 0 {
            break;
        }
    }
    if kind >> 4 != PUBLISH || length <= bytes_max as usize {
        return None;
    }
    let Some((size, rest)) = bytes[head..].split_first_chunk::<2>() else { return Some(None) };
    let size = usize::from(u16::from_be_bytes(*size));
    let (Some(topic), Some(number)) = (rest.get(..size), rest.get(size..size + 2)) else { return Some(None) };
    let is_counted = kind & 0b110 != 0;
    let number = is_counted.then(|| u16::from_be_bytes([number[0], number[1]]));
    Some(Some(Large { topic: topic.to_vec(), number, bytes: head + length }))
}

/// The kind of packet that is a message.
const PUBLISH: u8 = 3;

fn malformed(error: &dyn Display) -> String {
    format!("the broker sent what is no packet of the stated version: {error}")
}

fn of_v3(packet: v4::Packet) -> Incoming {
    match packet {
        v4::Packet::ConnAck(ack) => match ack.code {
            v4::ConnectReturnCode::Success => Incoming::Connected { has_session: ack.session_present },
            code => Incoming::Refused(format!("{code:?}")),
        },
        v4::Packet::SubAck(ack) => {
            let is_granted = |code: &v4::SubscribeReasonCode| *code != v4::SubscribeReasonCode::Failure;
            Incoming::Subscribed(ack.return_codes.iter().map(is_granted).collect())
        }
        v4::Packet::Publish(publish) => Incoming::Published(Message {
            topic: Bytes::from(publish.topic),
            payload: publish.payload,
            number: (publish.pkid != 0).then_some(publish.pkid),
            is_retained: publish.retain,
            is_repeated: publish.dup,
        }),
        v4::Packet::PubAck(ack) => Incoming::Acknowledged { number: ack.pkid, refused: None },
        v4::Packet::PingResp => Incoming::Pong,
        v4::Packet::Disconnect => Incoming::Closed("the broker ends the connection".to_owned()),
        _ => Incoming::Other,
    }
}

fn of_v5(packet: v5::Packet) -> Incoming {
    match packet {
        v5::Packet::ConnAck(ack) => match ack.code {
            v5::ConnectReturnCode::Success => Incoming::Connected { has_session: ack.session_present },
            code => {
                let words = ack.properties.and_then(|properties| properties.reason_string);
                Incoming::Refused(words.unwrap_or_else(|| format!("{code:?}")))
            }
        },
        v5::Packet::SubAck(ack) => {
            let is_granted =
                |code: &v5::SubscribeReasonCode| matches!(code, v5::SubscribeReasonCode::Success(_));
            Incoming::Subscribed(ack.return_codes.iter().map(is_granted).collect())
        }
        v5::Packet::Publish(publish) => Incoming::Published(Message {
            topic: publish.topic,
            payload: publish.payload,
            number: (publish.pkid != 0).then_some(publish.pkid),
            is_retained: publish.retain,
            is_repeated: publish.dup,
        }),
        v5::Packet::PubAck(ack) => {
            let is_taken =
                matches!(ack.reason, v5::PubAckReason::Success | v5::PubAckReason::NoMatchingSubscribers);
            let refused = (!is_taken).then(|| format!("{:?}", ack.reason));
            Incoming::Acknowledged { number: ack.pkid, refused }
        }
        v5::Packet::PingResp(_) => Incoming::Pong,
        v5::Packet::Disconnect(disconnect) => {
            let words = disconnect.properties.and_then(|properties| properties.reason_string);
            let words = words.unwrap_or_else(|| format!("{:?}", disconnect.reason_code));
            Incoming::Closed(format!("the broker ends the connection: {words}"))
        }
        _ => Incoming::Other,
    }
}

/// Writes the request to connect.
pub(super) fn write_connect(endpoint: &Endpoint, into: &mut BytesMut) -> Result<(), String> {
    let keep_alive = u16::try_from(endpoint.keep_alive.as_secs()).unwrap_or(u16::MAX);
    let is_clean = endpoint.session.is_zero();
    let written = match endpoint.version {
        Version::V3 => {
            let login = endpoint.login.as_ref().map(|(user, secret)| v4::Login::new(user, &secret.0));
            let mut connect = v4::Connect::new(&endpoint.client);
            (connect.keep_alive, connect.clean_session, connect.login) = (keep_alive, is_clean, login);
            connect.write(into).map_err(|error| error.to_string())
        }
        Version::V5 => {
            let mut properties = v5::ConnectProperties::new();
            properties.session_expiry_interval =
                Some(u32::try_from(endpoint.session.as_secs()).unwrap_or(u32::MAX));
            properties.receive_maximum = Some(endpoint.unacknowledged_max);
            let connect = v5::Connect {
                keep_alive,
                client_id: endpoint.client.clone(),
                clean_start: is_clean,
                properties: Some(properties),
            };
            let login = endpoint.login.as_ref().map(|(user, secret)| v5::Login::new(user, &secret.0));
            connect.write(&None, &login, into).map_err(|error| error.to_string())
        }
    };
    written.map(drop)
}

/// Writes the request to subscribe to filters, at least once each.
pub(super) fn write_subscribe(
    version: Version,
    filters: &[String],
    into: &mut BytesMut,
) -> Result<(), String> {
    let written = match version {
        Version::V3 => {
            let filter =
                |filter: &String| v4::SubscribeFilter { path: filter.clone(), qos: v3::QoS::AtLeastOnce };
            let mut subscribe = v4::Subscribe::new_many(filters.iter().map(filter));
            subscribe.pkid = SUBSCRIBE;
            subscribe.write(into).map_err(|error| error.to_string())
        }
        Version::V5 => {
            let filter = |filter: &String| v5::Filter {
                // What was there before is asked for once, not after each loss of the connection.
                retain_forward_rule: v5::RetainForwardRule::OnNewSubscribe,
                ..v5::Filter::new(filter, base5::QoS::AtLeastOnce)
            };
            let mut subscribe = v5::Subscribe::new_many(filters.iter().map(filter), None);
            subscribe.pkid = SUBSCRIBE;
            subscribe.write(into).map_err(|error| error.to_string())
        }
    };
    written.map(drop)
}

/// The number of the only request to subscribe.
const SUBSCRIBE: u16 = 1;

/// Writes a message; where it has a number the broker acknowledges it.
pub(super) fn write_publish(
    version: Version,
    (topic, payload): (&str, &[u8]),
    number: Option<u16>,
    into: &mut BytesMut,
) -> Result<(), String> {
    let payload = Bytes::copy_from_slice(payload);
    let written = match version {
        Version::V3 => {
            let qos = number.map_or(v3::QoS::AtMostOnce, |_| v3::QoS::AtLeastOnce);
            let mut publish = v4::Publish::from_bytes(topic, qos, payload);
            publish.pkid = number.unwrap_or(0);
            publish.write(into).map_err(|error| error.to_string())
        }
        Version::V5 => {
            let qos = number.map_or(base5::QoS::AtMostOnce, |_| base5::QoS::AtLeastOnce);
            let mut publish = v5::Publish::new(topic, qos, payload, None);
            publish.pkid = number.unwrap_or(0);
            publish.write(into).map_err(|error| error.to_string())
        }
    };
    written.map(drop)
}

/// Writes that a message is taken: the same bytes in both versions.
pub(super) fn write_acknowledgement(number: u16, into: &mut BytesMut) {
    let [high, low] = number.to_be_bytes();
    into.extend_from_slice(&[0x40, 2, high, low]);
}

/// Writes that the client is there.
pub(super) fn write_ping(into: &mut BytesMut) {
    into.extend_from_slice(&[0xc0, 0]);
}

/// Writes that the client leaves.
pub(super) fn write_disconnect(into: &mut BytesMut) {
    into.extend_from_slice(&[0xe0, 0]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_large_message_is_read() {
        let check = |bytes: &[u8], expect: Option<Option<(&str, Option<u16>, usize)>>| {
            let found = large(bytes, 100);
            let found = found.map(|found| {
                found.map(|large| {
                    (String::from_utf8(large.topic).expect("a topic"), large.number, large.bytes)
                })
            });
            let expect = expect.map(|of| of.map(|(topic, number, bytes)| (topic.to_owned(), number, bytes)));
            assert_eq!(found, expect, "{bytes:?}");
        };
        check(&[0x32, 0xac, 0x02, 0, 1, b'a', 0, 7, b'1'], Some(Some(("a", Some(7), 303))));
        check(&[0x30, 0xac, 0x02, 0, 1, b'a', b'1', b'1'], Some(Some(("a", None, 303))));
        check(&[0x32, 0xac, 0x02, 0, 1, b'a', 0], Some(None));
        check(&[0x32, 100], None);
        check(&[0x20, 0xac, 0x02], None);
        check(&[0x32, 0xac], None);
        check(&[], None);
    }

    #[test]
    fn packets_are_taken_out_of_bytes_one_by_one() {
        let check = |version: Version, bytes: &[u8], expect: Result<&[Incoming], &str>| {
            let (mut rest, mut found) = (BytesMut::from(bytes), Vec::new());
            let read = loop {
                match read(version, &mut rest, 100) {
                    Ok(Some(packet)) => found.push(packet),
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error),
                }
            };
            match (read, expect) {
                (Ok(()), Ok(expect)) => assert_eq!(found, expect, "{bytes:?}"),
                (Err(error), Err(part)) => assert!(error.contains(part), "{bytes:?}: {error}"),
                (got, _) => panic!("{bytes:?}: {got:?} {found:?}"),
            }
        };
        let connected = [Incoming::Connected { has_session: true }];
        check(Version::V3, &[0x20, 2, 1, 0], Ok(&connected));
        check(Version::V5, &[0x20, 3, 1, 0, 0], Ok(&connected));
        check(Version::V3, &[0x20, 2, 0, 5], Ok(&[Incoming::Refused("NotAuthorized".to_owned())]));
        check(Version::V5, &[0x20, 3, 0, 0x87, 0], Ok(&[Incoming::Refused("NotAuthorized".to_owned())]));
        let message = |number, is_repeated, is_retained| {
            let (topic, payload) = (Bytes::from("a"), Bytes::from("1"));
            Incoming::Published(Message { topic, payload, number, is_retained, is_repeated })
        };
        let two = [0x3a, 6, 0, 1, b'a', 0, 7, b'1', 0x31, 4, 0, 1, b'a', b'1', 0x30, 4, 0];
        check(Version::V3, &two, Ok(&[message(Some(7), true, false), message(None, false, true)]));
        check(Version::V5, &[0x32, 7, 0, 1, b'a', 0, 7, 0, b'1'], Ok(&[message(Some(7), false, false)]));
        let refused = [Incoming::Acknowledged { number: 7, refused: Some("NotAuthorized".to_owned()) }];
        check(Version::V5, &[0x40, 3, 0, 7, 0x87], Ok(&refused));
        check(Version::V3, &[0x90, 4, 0, 1, 1, 0x80], Ok(&[Incoming::Subscribed(vec![true, false])]));
        check(Version::V3, &[0xd0, 0], Ok(&[Incoming::Pong]));
        check(Version::V3, &[0x30, 0xff, 0x01], Err("no packet"));
        check(Version::V5, &[0xf0, 0], Err("no packet"));
    }
}
