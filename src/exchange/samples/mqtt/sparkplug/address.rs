//! Topics of Sparkplug B: `spBv1.0/GROUP/KIND/NODE` and `spBv1.0/GROUP/KIND/NODE/DEVICE`.

/// What every topic begins with.
pub const NAMESPACE: &str = "spBv1.0";

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    NodeBirth,
    NodeData,
    NodeDeath,
    DeviceBirth,
    DeviceData,
    DeviceDeath,
    /// A command to a node or a device, or the state of a host.
    Other,
}

/// Whom a message is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    pub(super) kind: Kind,
    pub(super) group: &'a str,
    pub(super) node: &'a str,
    /// Absent of the messages of a node itself.
    pub(super) device: Option<&'a str>,
}

impl<'a> Address<'a> {
    /// Takes a topic apart; `None` where it is none of Sparkplug B.
    pub(super) fn read(topic: &'a str) -> Option<Self> {
        let mut levels = topic.split('/');
        if levels.next() != Some(NAMESPACE) {
            return None;
        }
        let (group, second) = (levels.next()?, levels.next()?);
        let (node, device) = (levels.next(), levels.next());
        if levels.next().is_some() {
            return None;
        }
        if group == "STATE" {
            return node.is_none().then_some(Self { kind: Kind::Other, group, node: second, device: None });
        }
        let node = node.filter(|node| !node.is_empty())?;
        let device = device.filter(|device| !device.is_empty());
        let kind = match (second, device.is_some()) {
            ("NBIRTH", false) => Kind::NodeBirth,
            ("NDATA", false) => Kind::NodeData,
            ("NDEATH", false) => Kind::NodeDeath,
            ("DBIRTH", true) => Kind::DeviceBirth,
            ("DDATA", true) => Kind::DeviceData,
            ("DDEATH", true) => Kind::DeviceDeath,
            ("NCMD", false) | ("DCMD", true) => Kind::Other,
            _ => return None,
        };
        Some(Self { kind, group, node, device })
    }

    /// Returns the topic of commands to the node.
    pub(super) fn command_topic(&self) -> String {
        format!("{NAMESPACE}/{}/NCMD/{}", self.group, self.node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_taken_apart() {
        let check = |topic: &str, expect: Option<(Kind, &str, &str, Option<&str>)>| {
            let found = Address::read(topic);
            let found = found.map(|of| (of.kind, of.group, of.node, of.device));
            assert_eq!(found, expect, "{topic}");
        };
        check("spBv1.0/g/NBIRTH/n", Some((Kind::NodeBirth, "g", "n", None)));
        check("spBv1.0/g/DDATA/n/d", Some((Kind::DeviceData, "g", "n", Some("d"))));
        check("spBv1.0/g/DCMD/n/d", Some((Kind::Other, "g", "n", Some("d"))));
        check("spBv1.0/STATE/scada", Some((Kind::Other, "STATE", "scada", None)));
        check("spBv1.0/g/NBIRTH/n/d", None);
        check("spBv1.0/g/DBIRTH/n", None);
        check("spBv1.0/g/NBIRTH", None);
        check("spBv1.0/g/NBIRTH/", None);
        check("spBv1.0/g/DDATA/n/d/e", None);
        check("spAv1.0/g/NDATA/n", None);
    }
}
