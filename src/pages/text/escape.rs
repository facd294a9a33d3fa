//! Text inside HTML and SVG.

/// Escapes text for HTML and SVG, in content and in quoted attributes.
pub(in crate::pages) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(sign),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_of_a_text_is_markup() {
        let check = |text: &str, expect: &str| assert_eq!(escape(text), expect);
        check("<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
        check("\" onload=\"&", "&quot; onload=&quot;&amp;");
        check("85 °C ≤ é", "85 °C ≤ é");
    }
}
