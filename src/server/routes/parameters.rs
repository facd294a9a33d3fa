//! The parameters of a URL or a form, decoded strictly: text that is not UTF-8 is refused, never mended.

use percent_encoding::percent_decode_str;

/// Reads `application/x-www-form-urlencoded` text, in its order.
pub(in crate::server) fn parse(text: &str) -> Result<Vec<(String, String)>, String> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

fn decode(text: &str) -> Result<String, String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded.map(|text| text.into_owned()).map_err(|_| format!("the parameter text {text:.60} is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn decoded_in_order() {
        let check = |text: &str, expect: &[(&str, &str)]| {
            let expect: Vec<_> =
                expect.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
            assert_eq!(parse(text), Ok(expect), "{text}");
        };
        check("", &[]);
        check("a=1&b=x+y%2B%26&a=%C3%A9&&c", &[("a", "1"), ("b", "x y+&"), ("a", "é"), ("c", "")]);
        check("q=a=b%", &[("q", "a=b%")]);
        assert!(parse("a=%ff").is_err());
    }
}
