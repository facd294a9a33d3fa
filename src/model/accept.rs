//! Content negotiation: which of several media types an `Accept` header asks for (RFC 9110, 12.5.1).

/// Returns the place of the offer that is asked for most; the first of equals. `None` where none is acceptable.
///
/// An offer is a list of media types that mean the same.
pub fn best(accept: &str, offers: &[Vec<&str>]) -> Option<usize> {
    let ranges: Vec<_> = accept.split(',').filter_map(Range::parse).collect();
    let mut best = None;
    for (place, names) in offers.iter().enumerate() {
        let quality = names.iter().map(|name| quality(&ranges, name)).max().unwrap_or(0);
        if quality > best.map_or(0, |(_, quality)| quality) {
            best = Some((place, quality));
        }
    }
    best.map(|(place, _)| place)
}

/// One entry of an `Accept` header.
struct Range {
    /// Lower case, without parameters.
    name: String,
    /// In thousandths.
    quality: u16,
}

impl Range {
    /// Reads one entry; what is malformed asks for nothing.
    fn parse(entry: &str) -> Option<Self> {
        let mut parts = entry.split(';').map(str::trim);
        let name = parts.next().filter(|name| name.contains('/'))?.to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let weight =
            weight.map_or(Ok(1.0), str::parse::<f32>).ok().filter(|weight| (0.0..=1.0).contains(weight))?;
        // In range: at most 1000.
        Some(Self { name, quality: (weight * 1000.0).round() as u16 })
    }

    /// Returns how exactly the entry names a media type: 3 by its name, 2 by its first half, 1 as any, 0 not at all.
    fn names(&self, media_type: &str) -> u8 {
        let half = media_type.split_once('/').map_or("", |(half, _)| half);
        match self.name.split_once('/') {
            Some(("*", "*")) => 1,
            Some((first, "*")) if first == half => 2,
            _ if self.name == media_type => 3,
            _ => 0,
        }
    }
}

/// Returns the quality that the most specific matching entry gives a media type.
fn quality(ranges: &[Range], media_type: &str) -> u16 {
    let naming = ranges.iter().filter(|range| range.names(media_type) > 0);
    naming.max_by_key(|range| (range.names(media_type), range.quality)).map_or(0, |range| range.quality)
}

#[cfg(test)]
mod tests {
    use super::best;

    #[test]
    fn the_offer_asked_for_most() {
        let offers =
            [vec!["text/turtle"], vec!["application/n-triples", "text/plain"], vec!["application/ld+json"]];
        let check =
            |accept: &str, expect: Option<usize>| assert_eq!(best(accept, &offers), expect, "{accept}");
        check("*/*", Some(0));
        check("text/plain", Some(1));
        check("APPLICATION/LD+JSON; charset=utf-8", Some(2));
        check("text/turtle;q=0.5, application/n-triples;q=0.8", Some(1));
        check("text/turtle;q=0.5, application/*", Some(1));
        check("application/*;q=0.9, application/n-triples;q=0.1, text/plain;q=0", Some(2));
        check("*/*;q=0.1, text/turtle;q=0", Some(1));
        check("text/turtle;q=0", None);
        check("text/html", None);
        check("text/html, */*;q=0.001", Some(0));
        check("nonsense, text/turtle;q=high", None);
        check("", None);
    }
}
