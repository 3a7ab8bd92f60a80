//! Version of the library.

use std::ffi::c_char;

use super::guard::guard_plain;

/// Version of the library at run time: major * 1000000 + minor * 1000 + patch. Compare it with
/// `ANSER_VERSION_NUMBER` of the header that was compiled against. Never fails.
#[unsafe(no_mangle)]
pub extern "C" fn anser_version_number() -> u32 {
    guard_plain(|| NUMBER)
}

/// Version of the library as text, such as "0.1.0". Static; never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn anser_version_string() -> *const c_char {
    guard_plain(|| concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast())
}

const NUMBER: u32 = part(env!("CARGO_PKG_VERSION_MAJOR")) * 1_000_000
    + part(env!("CARGO_PKG_VERSION_MINOR")) * 1_000
    + part(env!("CARGO_PKG_VERSION_PATCH"));

const fn part(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let mut value = 0;
    let mut i = 0;
    while i < bytes.len() {
        value = value * 10 + (bytes[i] - b'0') as u32;
        i += 1;
    }
    value
}
