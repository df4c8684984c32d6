//! The browser's clock, storage and randomness, as the shared parts want them.

use std::time::Duration;

use futures::future::BoxFuture;
use gloo_timers::future::TimeoutFuture;
use jiff::Timestamp;
use lab::Clock;
use send_wrapper::SendWrapper;

/// The browser's wall clock, in milliseconds.
pub struct BrowserClock;

impl Clock for BrowserClock {
    fn now(&self) -> Timestamp {
        #[allow(clippy::cast_possible_truncation)] // Whole milliseconds, far below 2^53.
        let milliseconds = js_sys::Date::now() as i64;
        Timestamp::from_millisecond(milliseconds).unwrap_or_default()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let milliseconds = u32::try_from(duration.as_millis()).unwrap_or(u32::MAX);
        Box::pin(SendWrapper::new(TimeoutFuture::new(milliseconds)))
    }
}

/// The text kept under this key, if the browser keeps any for this page.
pub fn load(key: &str) -> Option<String> {
    local()?.get_item(key).ok().flatten()
}

/// Private windows may refuse to keep anything; the page then works until it is closed.
pub fn save(key: &str, text: &str) {
    if let Some(storage) = local() {
        let _ = storage.set_item(key, text);
    }
}

/// 128 random bits in hexadecimal; not for secrets.
pub fn nonce() -> String {
    let word = || {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // In 0..2^32.
        let bits = (js_sys::Math::random() * 4_294_967_296.0) as u32;
        format!("{bits:08x}")
    };
    (0..4).map(|_| word()).collect()
}

fn local() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
