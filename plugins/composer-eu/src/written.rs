//! Free text as customs has room for it.

use portgate_sdk::canonical::Text;
use portgate_sdk::log;

/// The first characters of a free text, as many as there is room for; none where nothing is left. What is cut off is logged.
pub(crate) fn cut<const MAX: usize>(text: &str, room: usize) -> Option<Text<MAX>> {
    let text = text.trim();
    let room = room.min(MAX);
    let kept: String = text.chars().take(room).collect();
    if kept.len() < text.len() {
        let characters = text.chars().count().to_string();
        let fields = [("characters", characters.as_str()), ("kept", &room.to_string())];
        log::write(log::Level::Info, "a text is longer than customs has room for", &fields);
    }
    Text::new(kept.trim_end()).ok()
}
