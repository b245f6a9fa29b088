//! What a panic leaves behind. A plugin aborts when it panics, and the host sees only a trap; so the message goes out
//! through the log first, as one line of level error that starts with `panicked at FILE:LINE:COLUMN:`. The host knows
//! that line and answers with it. Natively the test harness reports panics itself, and nothing is installed.

/// Installs the hook on the first call of an instance.
pub(crate) fn report_panics() {
    #[cfg(target_arch = "wasm32")]
    {
        static INSTALLED: std::sync::Once = std::sync::Once::new();
        INSTALLED.call_once(|| {
            std::panic::set_hook(Box::new(|panic| {
                let message = panic.payload_as_str().unwrap_or("no message");
                match panic.location() {
                    Some(place) => crate::log::error(format!("panicked at {place}: {message}")),
                    None => crate::log::error(format!("panicked at unknown:0:0: {message}")),
                }
            }));
        });
    }
}
