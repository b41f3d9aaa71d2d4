// SPDX-License-Identifier: GPL-2.0

//! The page at `/`: a few files that are part of the program, and the numbers that they show.

/// Holds a file of the page.
pub(super) struct Asset {
    pub(super) content_type: &'static str,
    pub(super) text: &'static str,
}

/// Lets the page have what this server has, and nothing else: no script or style in the page
/// itself, nothing from elsewhere, no frame around it.
pub(super) const POLICY: &str = "Content-Security-Policy: default-src 'none'; script-src 'self'; \
     style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'\r\n\
     X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-cache\r\n";

/// Returns the file at a path, if there is one.
pub(super) fn asset(path: &str) -> Option<Asset> {
    const SCRIPT: &str = "text/javascript; charset=utf-8";
    let (content_type, text) = match path {
        "/" => ("text/html; charset=utf-8", include_str!("page/page.html")),
        "/page.css" => ("text/css; charset=utf-8", include_str!("page/page.css")),
        "/page.js" => (SCRIPT, include_str!("page/page.js")),
        "/draw.js" => (SCRIPT, include_str!("page/draw.js")),
        "/numbers.js" => (SCRIPT, include_str!("page/numbers.js")),
        "/rates.js" => (SCRIPT, include_str!("page/rates.js")),
        "/icon.svg" => ("image/svg+xml", include_str!("page/icon.svg")),
        _ => return None,
    };
    Some(Asset { content_type, text })
}
