//! The files that pages load: one style sheet and one script, compiled in. Their addresses change with their bytes.

use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

/// A file that pages load.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// The media type.
    pub media_type: &'static str,
    /// The content.
    pub text: &'static str,
}

const STYLE: Asset =
    Asset { media_type: "text/css; charset=utf-8", text: include_str!("../../assets/pages/pages.css") };
const SCRIPT: Asset =
    Asset { media_type: "text/javascript; charset=utf-8", text: include_str!("../../assets/pages/pages.js") };

static STYLE_NAME: LazyLock<String> = LazyLock::new(|| format!("pages-{}.css", digest(STYLE.text)));
static SCRIPT_NAME: LazyLock<String> = LazyLock::new(|| format!("pages-{}.js", digest(SCRIPT.text)));

/// Returns the file of a name.
pub fn asset(name: &str) -> Option<Asset> {
    [(style(), STYLE), (script(), SCRIPT)]
        .into_iter()
        .find(|(known, _)| *known == name)
        .map(|(_, asset)| asset)
}

/// Returns the name of the style sheet.
pub(super) fn style() -> &'static str {
    &STYLE_NAME
}

/// Returns the name of the script.
pub(super) fn script() -> &'static str {
    &SCRIPT_NAME
}

fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
